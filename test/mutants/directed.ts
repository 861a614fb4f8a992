/** Runs one test of some copy of the project as a process of its own, and says whether it fails. */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PROJECT } from '../tooling/project-copy.js';
import type { DirectedTest } from './mutant.js';

const MOCHA = join(PROJECT, 'node_modules/mocha/bin/mocha.js');

const TIMEOUT_MS = '120000';

/** What mocha's reporter `json` prints, as far as it matters here. */
interface MochaReport {
  readonly stats: { readonly passes: number; readonly failures: number };
}

/**
 * Whether the test fails, as compiled in this folder. Rejects when not exactly one test has run: its
 * title was changed, or its file cannot be loaded.
 */
export async function testFails(
  compiled: string,
  { file, title }: DirectedTest,
  signal: AbortSignal,
): Promise<boolean> {
  const path = join(compiled, file.replace(/\.ts$/, '.js'));
  // A slow machine must not look like a bug.
  const words = [
    '--no-config',
    '--timeout',
    TIMEOUT_MS,
    '--reporter',
    'json',
    '--fgrep',
    title,
    path,
  ];
  const stdout = await run([MOCHA, ...words], signal);
  const { stats } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as MochaReport;
  if (stats.passes + stats.failures !== 1) {
    throw new Error(`${file} has ${stats.passes + stats.failures} tests of the name "${title}"`);
  }
  return stats.failures === 1;
}

function run(words: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, { signal, stdio: ['ignore', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.on('error', reject);
    child.on('close', () => resolve(stdout));
  });
}
