/** A MovieLens folder of three movies, three users and a few tags. */

import type { Source } from '../../../src/ports/source.js';
import { sourceOf } from '../support.js';

export type Files = Record<
  'movies.csv' | 'links.csv' | 'ratings.csv' | 'tags.csv',
  readonly string[][]
>;

export const SMALL_FILES: Files = {
  'movies.csv': [
    ['movieId', 'title', 'genres'],
    ['1', 'Toy Story (1995)', 'Adventure|Animation|Children'],
    ['29', 'Cité des enfants perdus, La (1995)', 'Adventure|Sci-Fi'],
    ['50', 'Usual Suspects, The (1995)', 'Crime'],
  ],
  'links.csv': [
    ['movieId', 'imdbId', 'tmdbId'],
    ['1', '0114709', '862'],
    ['29', '0112682', ''],
  ],
  'ratings.csv': [
    ['userId', 'movieId', 'rating', 'timestamp'],
    ['1', '1', '4.0', '964982703'],
    ['2', '1', '3.5', '964982704'],
    ['1', '50', '5', '964982705'],
  ],
  'tags.csv': [
    ['userId', 'movieId', 'tag', 'timestamp'],
    ['1', '1', 'pixar', '1'],
    ['2', '1', 'pixar', '2'],
    ['2', '1', 'fun', '3'],
    ['2', '1', 'fun', '4'],
  ],
};

export const smallSource = (): Source => sourceOf(SMALL_FILES);

/** The small folder with one file's row (0 = header) replaced or, past its end, added. */
export function withRow(file: keyof Files, row: number, fields: string[]): Source {
  const rows = [...SMALL_FILES[file]];
  rows[row] = fields;
  return sourceOf({ ...SMALL_FILES, [file]: rows });
}
