/**
 * Makes the initial data of the movies service, four CSV files in the shape of MovieLens, out of the
 * text of films.txt. Pure: the same text gives the same bytes on any machine. main.ts writes them down
 * beside this source, and test/db/movies.test.ts compares.
 */

import { SeededRandom } from '../../src/base/random.js';
import { type Film, parseFilms } from './films.js';
import { drawRatings, drawTags } from './people.js';

/** The files of the data set, as an import expects them. */
export const DATA_FILES = ['movies.csv', 'ratings.csv', 'tags.csv', 'links.csv'] as const;
export type DataFile = (typeof DATA_FILES)[number];

/** Any number would do; another one gives other people with other opinions. */
const SEED = 1902;

/**
 * Gives the text of each file, made from the text of films.txt.
 *
 * @throws HearsayError INVALID when a line of films.txt is wrong.
 */
export function generate(filmsText: string): Record<DataFile, string> {
  const random = new SeededRandom(SEED);
  const films = parseFilms(filmsText);
  const ratings = drawRatings(films, random.child('ratings'));
  const tags = drawTags(ratings, random.child('tags'));
  return {
    'movies.csv': csv(
      'movieId,title,genres',
      films.map((film) => [film.movieId, film.title, genresOf(film)]),
    ),
    'ratings.csv': csv(
      'userId,movieId,rating,timestamp',
      ratings.map(({ userId, film, halfStars, timestamp }) => [
        userId,
        film.movieId,
        (halfStars / 2).toFixed(1),
        timestamp,
      ]),
    ),
    'tags.csv': csv(
      'userId,movieId,tag,timestamp',
      tags.map(({ userId, film, tag, timestamp }) => [userId, film.movieId, tag, timestamp]),
    ),
    'links.csv': csv(
      'movieId,imdbId,tmdbId',
      films.map((film) => [film.movieId, film.imdbId, film.tmdbId]),
    ),
  };
}

function genresOf(film: Film): string {
  return film.genres.length === 0 ? '(no genres listed)' : film.genres.join('|');
}

function csv(header: string, rows: readonly (readonly (string | number)[])[]): string {
  const lines = rows.map((row) => row.map(quote).join(','));
  return [header, ...lines, ''].join('\n');
}

/** Quotes a field only where its text needs it (RFC 4180), as MovieLens does. */
function quote(field: string | number): string {
  const text = String(field);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
