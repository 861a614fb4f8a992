/** What the simulator's services begin with, as folders to import. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Source } from '../src/ports/source.js';

export interface InitialData {
  readonly source: Source;
  /** Names of all its files. No field in them needs quotes. */
  readonly files: readonly string[];
}

/** Makes the folder. */
export function writeInitialData(folder: string, { source, files }: InitialData): void {
  mkdirSync(folder);
  for (const file of files) {
    const lines = [...source.rows(file)].map(({ fields }) => `${fields.join(',')}\n`);
    writeFileSync(join(folder, file), lines.join(''));
  }
}
