/** The queries of movies. Rows come in a stated order, so that all replicas give the same answer. */

import { z } from 'zod';
import type { Database } from '../../ports/database.js';
import { defineQuery, type Refusal, refuse } from '../contract.js';
import { isUser, limit, MOVIE_ID, USER_ID } from './forms.js';
import { foldTitle } from './schema.js';

interface MovieRow {
  readonly movieId: number;
  readonly title: string;
  readonly genres: string;
}

interface Totals {
  readonly halfStars: number;
  readonly ratings: number;
}

/** Undefined when there is no such movie: each movie has its totals. */
function totalsOf(db: Database, movieId: number): Totals | undefined {
  const sql = 'SELECT half_stars AS halfStars, ratings FROM totals WHERE movie_id = ?';
  return db.get<Totals>(sql, [movieId]);
}

const unknownMovie = (movieId: number): Refusal =>
  refuse(`there is no movie ${movieId}; search finds movies by title`);

/** A refusal when there is no such movie. */
export function refuseUnknownMovie(db: Database, movieId: number): Refusal | undefined {
  return totalsOf(db, movieId) === undefined ? unknownMovie(movieId) : undefined;
}

/** The user's rating in half stars; null when there is none, or no longer. */
export function halfStarsOf(db: Database, userId: number, movieId: number): number | null {
  const sql = 'SELECT half_stars AS halfStars FROM ratings WHERE user_id = ? AND movie_id = ?';
  return db.get<{ halfStars: number | null }>(sql, [userId, movieId])?.halfStars ?? null;
}

/** Divides once, at the end: sums of whole numbers are exact, so every replica has the same mean. */
const meanOf = ({ halfStars, ratings }: Totals): number => halfStars / ratings / 2;

const withGenres = ({ movieId, title, genres }: MovieRow) => ({
  movieId,
  title,
  genres: genres.split('|'),
});

export const average = defineQuery({
  about: 'Mean of all ratings of a movie, and how many there are; the mean of none is null',
  anonymous: true,
  args: z.object({ movieId: MOVIE_ID }),
  run(db, { movieId }) {
    const totals = totalsOf(db, movieId);
    if (totals === undefined) return unknownMovie(movieId);
    return { mean: totals.ratings === 0 ? null : meanOf(totals), count: totals.ratings };
  },
});

export const rating = defineQuery({
  about: 'Your rating of a movie, or null',
  args: z.object({ movieId: MOVIE_ID }),
  run(db, { movieId }, { user }) {
    const halfStars = halfStarsOf(db, Number(user), movieId);
    if (halfStars !== null) return halfStars / 2;
    return refuseUnknownMovie(db, movieId) ?? null;
  },
});

export const ratings = defineQuery({
  about: 'All ratings of a user, by movie number',
  // Whose they are may be said by argument alone.
  anonymous: true,
  args: z.object({ userId: USER_ID.optional() }),
  run(db, { userId }, { user }) {
    if (userId === undefined && !isUser(user)) {
      return refuse('whose ratings? Give a userId, or say who you are');
    }
    return db.all<{ movieId: number; title: string; rating: number }>(
      `SELECT movie_id AS movieId, title, half_stars / 2.0 AS rating
       FROM ratings JOIN movies USING (movie_id)
       WHERE user_id = ? AND half_stars IS NOT NULL ORDER BY movie_id`,
      [userId ?? Number(user)],
    );
  },
});

export const movie = defineQuery({
  about: 'Title, genres and the numbers in other databases (null where unknown) of a movie',
  anonymous: true,
  args: z.object({ movieId: MOVIE_ID }),
  run(db, { movieId }) {
    const found = db.get<MovieRow & { imdbId: string | null; tmdbId: number | null }>(
      `SELECT movie_id AS movieId, title, genres, imdb_id AS imdbId, tmdb_id AS tmdbId
       FROM movies LEFT JOIN links USING (movie_id) WHERE movie_id = ?`,
      [movieId],
    );
    if (found === undefined) return unknownMovie(movieId);
    return { ...withGenres(found), imdbId: found.imdbId, tmdbId: found.tmdbId };
  },
});

export const search = defineQuery({
  about: 'Movies whose title contains a text and that have a genre, by movie number',
  anonymous: true,
  args: z.object({
    title: z.string().min(1).max(255).optional().meta({
      description: '1 to 255 characters',
      title: 'part of the title; capitals and accents do not matter',
    }),
    genre: z
      .string()
      .regex(/^[^|]{1,255}$/)
      .optional()
      .meta({ description: 'the name of one genre', title: 'the whole name' }),
    limit: limit(20),
  }),
  run(db, { title, genre, limit: most }) {
    return db
      .all<MovieRow>(
        `SELECT movie_id AS movieId, title, genres FROM movies
         WHERE (?1 IS NULL OR instr(folded_title, ?1) > 0)
           AND (?2 IS NULL OR instr('|' || lower(genres) || '|', '|' || lower(?2) || '|') > 0)
         ORDER BY movie_id LIMIT ?3`,
        [title === undefined ? null : foldTitle(title), genre ?? null, most],
      )
      .map(withGenres);
  },
});

export const top = defineQuery({
  about: 'The best rated movies: by mean, then number of ratings, then movie number',
  anonymous: true,
  args: z.object({
    limit: limit(10),
    minCount: z
      .int()
      .min(1)
      .default(20)
      .meta({ description: 'a whole number from 1', title: 'ratings a movie must have' }),
  }),
  run(db, { limit: most, minCount }) {
    return db
      .all<Totals & { movieId: number; title: string }>(
        `SELECT movie_id AS movieId, title, half_stars AS halfStars, ratings
         FROM totals JOIN movies USING (movie_id) WHERE ratings >= ?
         ORDER BY CAST(half_stars AS REAL) / ratings DESC, ratings DESC, movie_id LIMIT ?`,
        [minCount, most],
      )
      .map((row) => ({
        movieId: row.movieId,
        title: row.title,
        mean: meanOf(row),
        count: row.ratings,
      }));
  },
});

export const tags = defineQuery({
  about: 'Tags of a movie and how many users gave each: most first, then by tag',
  anonymous: true,
  args: z.object({ movieId: MOVIE_ID }),
  run(db, { movieId }) {
    const found = db.all<{ tag: string; count: number }>(
      `SELECT tag, count(*) AS count FROM tags WHERE movie_id = ? AND present
       GROUP BY tag ORDER BY count DESC, tag`,
      [movieId],
    );
    return found.length > 0 ? found : (refuseUnknownMovie(db, movieId) ?? found);
  },
});
