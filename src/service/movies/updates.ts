/**
 * The updates of movies, all causal. Each writes one rating or one tag of one user, which keeps the
 * stamp of its last write: a write takes effect only over a smaller stamp, so whatever the order, the
 * greatest stamp stays. Deleting writes a tombstone, which an earlier rating that arrives later does
 * not get past. Totals change by the difference between the rating before and after; the differences
 * add up to the same sum in any order.
 *
 * `apply` does not look whether the movie exists (`check` did, and movies never change) and does not
 * repeat what `check` asked: a `create` of what exists acts as `rate`, a `delete` of what is missing
 * leaves a tombstone (PROTOCOL A9).
 */

import { z } from 'zod';
import type { Database } from '../../ports/database.js';
import { defineUpdate, refuse, type UpdateContext } from '../contract.js';
import { MOVIE_ID, RATING, TAG } from './forms.js';
import { halfStarsOf, refuseUnknownMovie } from './queries.js';

interface RatingRow {
  readonly halfStars: number | null;
  readonly stamp: string;
}

/** Writes a rating, or its tombstone (null). */
function writeRating(
  db: Database,
  movieId: number,
  halfStars: number | null,
  { user, stamp }: UpdateContext,
): void {
  const userId = Number(user);
  const before = db.get<RatingRow>(
    'SELECT half_stars AS halfStars, stamp FROM ratings WHERE user_id = ? AND movie_id = ?',
    [userId, movieId],
  );
  if (before !== undefined && before.stamp >= stamp) return;
  db.run(
    `INSERT INTO ratings (user_id, movie_id, half_stars, stamp) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET half_stars = excluded.half_stars, stamp = excluded.stamp`,
    [userId, movieId, halfStars, stamp],
  );
  const halfStarsBefore = before?.halfStars ?? null;
  if (halfStarsBefore === halfStars) return;
  db.run(
    'UPDATE totals SET half_stars = half_stars + ?, ratings = ratings + ? WHERE movie_id = ?',
    [
      (halfStars ?? 0) - (halfStarsBefore ?? 0),
      Number(halfStars !== null) - Number(halfStarsBefore !== null),
      movieId,
    ],
  );
}

function writeTag(
  db: Database,
  { movieId, tag }: { readonly movieId: number; readonly tag: string },
  present: 0 | 1,
  { user, stamp }: UpdateContext,
): void {
  db.run(
    `INSERT INTO tags (movie_id, tag, user_id, present, stamp) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET present = excluded.present, stamp = excluded.stamp
     WHERE excluded.stamp > stamp`,
    [movieId, tag, Number(user), present, stamp],
  );
}

const RATED = z.object({ movieId: MOVIE_ID, rating: RATING });
const TAGGED = z.object({ movieId: MOVIE_ID, tag: TAG });

/** What `update` and `delete` ask. */
function refuseMissingRating(db: Database, movieId: number, user: string, instead: string) {
  if (halfStarsOf(db, Number(user), movieId) !== null) return undefined;
  return (
    refuseUnknownMovie(db, movieId) ??
    refuse(`user ${user} has no rating of movie ${movieId}; ${instead}`)
  );
}

export const create = defineUpdate({
  about: 'Rate a movie that you have not rated',
  ordering: 'causal',
  args: RATED,
  check(db, { movieId }, { user }) {
    const halfStars = halfStarsOf(db, Number(user), movieId);
    if (halfStars === null) return refuseUnknownMovie(db, movieId);
    return refuse(
      `user ${user} has rated movie ${movieId} already, ${halfStars / 2}; use update or rate`,
    );
  },
  apply: (db, { movieId, rating }, context) => writeRating(db, movieId, rating * 2, context),
});

export const update = defineUpdate({
  about: 'Change your rating of a movie',
  ordering: 'causal',
  args: RATED,
  check: (db, { movieId }, { user }) =>
    refuseMissingRating(db, movieId, user, 'use create or rate'),
  apply: (db, { movieId, rating }, context) => writeRating(db, movieId, rating * 2, context),
});

export const remove = defineUpdate({
  about: 'Delete your rating of a movie',
  ordering: 'causal',
  args: z.object({ movieId: MOVIE_ID }),
  check: (db, { movieId }, { user }) =>
    refuseMissingRating(db, movieId, user, 'there is nothing to delete'),
  apply: (db, { movieId }, context) => writeRating(db, movieId, null, context),
});

export const rate = defineUpdate({
  about: 'Rate a movie, whether you have rated it or not',
  ordering: 'causal',
  args: RATED,
  check: (db, { movieId }) => refuseUnknownMovie(db, movieId),
  apply: (db, { movieId, rating }, context) => writeRating(db, movieId, rating * 2, context),
});

export const tag = defineUpdate({
  about: 'Give a movie a tag',
  ordering: 'causal',
  args: TAGGED,
  check: (db, { movieId }) => refuseUnknownMovie(db, movieId),
  apply: (db, args, context) => writeTag(db, args, 1, context),
});

export const untag = defineUpdate({
  about: 'Take your tag from a movie',
  ordering: 'causal',
  args: TAGGED,
  check: (db, { movieId }) => refuseUnknownMovie(db, movieId),
  apply: (db, args, context) => writeTag(db, args, 0, context),
});

/** Deletes the tombstones of ratings and tags that were taken away before a stamp. */
export function forget(db: Database, before: string): void {
  db.run('DELETE FROM ratings WHERE half_stars IS NULL AND stamp < ?', [before]);
  db.run('DELETE FROM tags WHERE NOT present AND stamp < ?', [before]);
}
