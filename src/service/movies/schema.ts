/**
 * The tables of movies. Titles and links never change after the seed; ratings and tags are written by
 * updates and keep the stamp of the last write, deleted ones included (tombstones).
 * Invariant: `totals` has a row for each movie, the sum and number of its ratings that are not deleted.
 */

export const SCHEMA = `
  CREATE TABLE movies (
    movie_id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    folded_title TEXT NOT NULL,   -- for search: lower case, without accents
    genres TEXT NOT NULL          -- as MovieLens writes them: Comedy|Drama
  );
  CREATE TABLE links (
    movie_id INTEGER PRIMARY KEY,
    imdb_id TEXT,                 -- text: it has leading zeros
    tmdb_id INTEGER
  );
  CREATE TABLE ratings (
    user_id INTEGER NOT NULL,
    movie_id INTEGER NOT NULL,
    half_stars INTEGER,           -- 1 to 10: sums of whole numbers are exact in any order; null = deleted
    stamp TEXT NOT NULL,
    PRIMARY KEY (user_id, movie_id)
  ) WITHOUT ROWID;
  CREATE TABLE totals (
    movie_id INTEGER PRIMARY KEY,
    half_stars INTEGER NOT NULL,
    ratings INTEGER NOT NULL
  );
  CREATE TABLE tags (
    movie_id INTEGER NOT NULL,
    tag TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    present INTEGER NOT NULL,     -- 0 = taken away
    stamp TEXT NOT NULL,
    PRIMARY KEY (movie_id, tag, user_id)
  ) WITHOUT ROWID;
`;

/** Totals are derived, and yet compared: an update that miscounts must not go unnoticed. */
export const VISIBLE_STATE = [
  'SELECT movie_id, title, genres FROM movies ORDER BY movie_id',
  'SELECT movie_id, imdb_id, tmdb_id FROM links ORDER BY movie_id',
  `SELECT user_id, movie_id, half_stars FROM ratings WHERE half_stars IS NOT NULL
   ORDER BY user_id, movie_id`,
  'SELECT movie_id, half_stars, ratings FROM totals ORDER BY movie_id',
  'SELECT movie_id, tag, user_id FROM tags WHERE present ORDER BY movie_id, tag, user_id',
];

/** A title as search compares it: lower case, without accents. */
export function foldTitle(title: string): string {
  return title
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{Mark}/gu, '');
}
