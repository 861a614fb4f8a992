/**
 * The sources with a mutant's edits, compiled beside everything else in dist/: from there its imports
 * find the project's node_modules. Types are not checked; tests see to it that edits fit.
 */

import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../tooling/project-copy.js';
import { applyEdit, type Mutant } from './mutant.js';

/** Of all mutants; only while they are being tried is anything there. */
const MUTANTS_FOLDER = join(PROJECT, 'dist/mutants');

/** Read by the compiler in the mutant's folder. */
const COMPILER_SETTINGS = {
  extends: '../../../tsconfig.json',
  compilerOptions: {
    noCheck: true,
    incremental: false,
    // Null takes back what the project's settings say.
    tsBuildInfoFile: null,
    declaration: false,
    sourceMap: false,
    types: [],
    rootDir: 'source',
    outDir: '.',
  },
  include: ['source'],
  // By default what lies in outDir is left out.
  exclude: [],
};

/** Where the project itself is compiled. */
export const UNCHANGED = join(PROJECT, 'dist');

/** Makes the copy and answers where it is compiled. Throws an Error when an edit does not fit. */
export function makeCopy({ id, edits, test }: Mutant): string {
  const folder = join(MUTANTS_FOLDER, id);
  rmSync(folder, { recursive: true, force: true });
  const source = join(folder, 'source');
  for (const part of test === undefined ? ['src'] : ['src', 'test']) {
    cpSync(join(PROJECT, part), join(source, part), { recursive: true });
  }
  for (const edit of edits) {
    const path = join(source, edit.file);
    writeFileSync(path, applyEdit(readFileSync(path, 'utf8'), edit));
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(COMPILER_SETTINGS));
  const compiler = join(PROJECT, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', folder], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${id} does not compile:\n${stdout}`);
  return folder;
}

export function removeCopies(): void {
  rmSync(MUTANTS_FOLDER, { recursive: true, force: true });
}
