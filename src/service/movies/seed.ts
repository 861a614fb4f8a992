/**
 * Reads a MovieLens folder (movies.csv, links.csv, ratings.csv, tags.csv; the form of ml-latest-small)
 * into the tables. Nothing doubtful is let in: HearsayError INVALID names file and line and says what is
 * wrong. The times in the files are checked and not kept: initial data counts as written before
 * everything, with the empty stamp.
 */

import type { Database } from '../../ports/database.js';
import type { Source, SourceRow } from '../../ports/source.js';
import { CsvTable } from '../csv-table.js';
import { isPrintable, isTag, isUser, USER_FORM } from './forms.js';
import { foldTitle } from './schema.js';

/** Rows between two reports of progress: some hundred reports for 100,000 rows. */
const PROGRESS_ROWS = 1000;

const HALVES = /^(?:[1-5](?:\.0)?|[0-4]\.5)$/;
const DIGITS_OR_NOTHING = /^[0-9]{0,15}$/;

interface Total {
  halfStars: number;
  ratings: number;
}

/** Fills all tables. Files are read whole: the share that is done can only be told of a known total. */
export function seedMovies(db: Database, source: Source, progress: (done: number) => void): void {
  const movies = new CsvTable(source, 'movies.csv', ['movieId', 'title', 'genres']);
  const links = new CsvTable(source, 'links.csv', ['movieId', 'imdbId', 'tmdbId']);
  const ratings = new CsvTable(source, 'ratings.csv', ['userId', 'movieId', 'rating', 'timestamp']);
  const tags = new CsvTable(source, 'tags.csv', ['userId', 'movieId', 'tag', 'timestamp']);
  const all = [movies, links, ratings, tags].reduce((sum, { rows }) => sum + rows.length, 0);
  let done = 0;
  const step = (): void => {
    done += 1;
    if (done % PROGRESS_ROWS === 0) progress(done / all);
  };

  const totals = new Map<number, Total>();
  seedTitles(db, movies, totals, step);
  seedLinks(db, links, totals, step);
  seedRatings(db, ratings, totals, step);
  seedTags(db, tags, totals, step);
  for (const [movieId, { halfStars, ratings: count }] of totals) {
    const sql = 'INSERT INTO totals (movie_id, half_stars, ratings) VALUES (?, ?, ?)';
    db.run(sql, [movieId, halfStars, count]);
  }
}

/** Also enters each movie into `totals`, which from then on says which movies there are. */
function seedTitles(
  db: Database,
  table: CsvTable,
  totals: Map<number, Total>,
  step: () => void,
): void {
  for (const row of table.rows) {
    const movieId = table.number(row, 0, 1);
    const title = table.field(row, 1, isPrintable, 'printable text');
    const genres = table.field(row, 2, isPrintable, 'names of genres with | between them');
    if (totals.has(movieId)) {
      throw table.wrong(row, `movie ${movieId} stands on an earlier line too`);
    }
    totals.set(movieId, { halfStars: 0, ratings: 0 });
    db.run('INSERT INTO movies (movie_id, title, folded_title, genres) VALUES (?, ?, ?, ?)', [
      movieId,
      title,
      foldTitle(title),
      genres,
    ]);
    step();
  }
}

function seedLinks(
  db: Database,
  table: CsvTable,
  totals: ReadonlyMap<number, Total>,
  step: () => void,
): void {
  const isIdentifier = (text: string): boolean => DIGITS_OR_NOTHING.test(text);
  for (const row of table.rows) {
    const movieId = table.number(row, 0, 1);
    const imdbId = table.field(row, 1, isIdentifier, 'digits or nothing');
    const tmdbId = table.field(row, 2, isIdentifier, 'digits or nothing');
    totalOf(totals, table, row, movieId);
    const changed = db.run(
      'INSERT INTO links (movie_id, imdb_id, tmdb_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      [movieId, imdbId === '' ? null : imdbId, tmdbId === '' ? null : Number(tmdbId)],
    );
    if (changed === 0) throw table.wrong(row, `movie ${movieId} stands on an earlier line too`);
    step();
  }
}

function seedRatings(
  db: Database,
  table: CsvTable,
  totals: ReadonlyMap<number, Total>,
  step: () => void,
): void {
  for (const row of table.rows) {
    const userId = Number(table.field(row, 0, isUser, USER_FORM));
    const movieId = table.number(row, 1, 1);
    const rating = table.field(row, 2, (text) => HALVES.test(text), '0.5 to 5 in steps of 0.5');
    table.number(row, 3, 0);
    const total = totalOf(totals, table, row, movieId);
    const halfStars = Number(rating) * 2;
    const changed = db.run(
      `INSERT INTO ratings (user_id, movie_id, half_stars, stamp) VALUES (?, ?, ?, '')
       ON CONFLICT DO NOTHING`,
      [userId, movieId, halfStars],
    );
    if (changed === 0) {
      throw table.wrong(row, `user ${userId} rates movie ${movieId} on an earlier line too`);
    }
    total.halfStars += halfStars;
    total.ratings += 1;
    step();
  }
}

/** A tag that a user gave a movie twice is one tag: MovieLens does not rule that out. */
function seedTags(
  db: Database,
  table: CsvTable,
  totals: ReadonlyMap<number, Total>,
  step: () => void,
): void {
  for (const row of table.rows) {
    const userId = Number(table.field(row, 0, isUser, USER_FORM));
    const movieId = table.number(row, 1, 1);
    const tag = table.field(row, 2, (text) => isTag(text.trim()), '1 to 255 printable characters');
    table.number(row, 3, 0);
    totalOf(totals, table, row, movieId);
    db.run(
      `INSERT INTO tags (movie_id, tag, user_id, present, stamp) VALUES (?, ?, ?, 1, '')
       ON CONFLICT DO NOTHING`,
      [movieId, tag.trim(), userId],
    );
    step();
  }
}

function totalOf(
  totals: ReadonlyMap<number, Total>,
  table: CsvTable,
  row: SourceRow,
  movieId: number,
): Total {
  const total = totals.get(movieId);
  if (total === undefined) throw table.wrong(row, `movie ${movieId} is not in movies.csv`);
  return total;
}
