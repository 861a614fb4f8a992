/**
 * A small project in a temporary folder that has this project's own tools and settings, so that a test
 * can plant faults in it. `node_modules` is a link to the real one: nothing may install into it.
 */

import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this project; compiled, this file lies in dist/test/tooling. */
export const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export class ProjectCopy {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'hearsay-tooling-')));

  /** Copies `tools`, files or folders of this project given by their path in it. */
  constructor(tools: readonly string[]) {
    for (const path of tools) {
      cpSync(join(PROJECT, path), join(this.folder, path), { recursive: true });
    }
  }

  path(path: string): string {
    return join(this.folder, path);
  }

  linkModules(): void {
    symlinkSync(join(PROJECT, 'node_modules'), this.path('node_modules'));
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
  }

  delete(path: string): void {
    rmSync(this.path(path));
  }

  /** Runs a command that an installed package brings. */
  tool(name: string, ...commandArguments: string[]): Promise<Finished> {
    return this.run(this.path(`node_modules/.bin/${name}`), commandArguments);
  }

  /** Runs a program in the project's folder, or in `cwd`, to its end. */
  run(
    program: string,
    commandArguments: readonly string[],
    options: RunOptions = {},
  ): Promise<Finished> {
    return new Promise((resolve, reject) => {
      const child = spawn(program, commandArguments, {
        cwd: options.cwd ?? this.folder,
        env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', ...options.env },
      });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      child.on('error', reject);
      child.on('close', (status) => resolve({ status, stdout, stderr }));
      // A program that does not read its input may be gone before it is written.
      child.stdin.on('error', () => undefined);
      child.stdin.end(options.input ?? '');
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
