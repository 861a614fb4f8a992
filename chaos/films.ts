/** The films of the simulator as a folder to import: the shipped ones have ratings of everybody. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { movieSource } from '../src/sim/workloads/movies.js';

const FILES = ['movies.csv', 'links.csv', 'ratings.csv', 'tags.csv'];

/** Makes the folder. No field of these films needs quotes. */
export function writeFilms(folder: string): void {
  mkdirSync(folder);
  for (const file of FILES) {
    const lines = [...movieSource.rows(file)].map(({ fields }) => `${fields.join(',')}\n`);
    writeFileSync(join(folder, file), lines.join(''));
  }
}
