/**
 * `npm run db:movies`: writes the four CSV files of db/movies anew from db/movies/films.txt. Runs from
 * the compiled tree (dist/db/movies), three folders below the root of the package.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { DATA_FILES, generate } from './generate.js';

const folder = new URL('../../../db/movies/', import.meta.url);
const texts = generate(readFileSync(new URL('films.txt', folder), 'utf8'));
for (const name of DATA_FILES) {
  writeFileSync(new URL(name, folder), texts[name]);
  process.stdout.write(`db/movies/${name}: ${texts[name].split('\n').length - 2} rows\n`);
}
