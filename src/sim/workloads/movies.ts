/** A workload on the movie service: each user rates the same films, changes their mind, and reads others. */

import type { Random } from '../../base/random.js';
import type { Source, SourceRow } from '../../ports/source.js';
import { queryOptions, type Step, updateOptions, type Workload } from './workload.js';

const MOVIES = [1, 2, 3, 4, 5, 6];

/** Ratings that a user can give: one film gets each of them at most once, so that reads tell them apart. */
const RATINGS = [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5];

/** Users in the initial state have numbers above those of all players. */
const SEEDED_USER = 600;

/** Users of the players: by their number. */
export const userOf = (player: number): string => String(player);

/** Players have numbers up to this. */
const PLAYERS_MOST = 20;

/** Deletes are rare: after one a missing rating says little. */
const DELETE_ONE_IN = 12;

const FILES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'movies.csv': [
    ['movieId', 'title', 'genres'],
    ...MOVIES.map((movieId) => [String(movieId), `Film ${movieId} (1999)`, 'Comedy|Drama']),
  ],
  'links.csv': [
    ['movieId', 'imdbId', 'tmdbId'],
    ...MOVIES.map((movieId) => [String(movieId), `000000${movieId}`, String(movieId)]),
  ],
  'ratings.csv': [
    ['userId', 'movieId', 'rating', 'timestamp'],
    [String(SEEDED_USER), '1', '3.5', '1000000000'],
  ],
  'tags.csv': [['userId', 'movieId', 'tag', 'timestamp']],
};

/** The initial state that a simulated movie service begins with. */
export const movieSource: Source = {
  label: 'the simulated films',
  *rows(file): Iterable<SourceRow> {
    for (const [index, fields] of (FILES[file] ?? []).entries()) yield { line: index + 1, fields };
  },
};

/** Which ratings each user has not given each film yet: of a run, not of a client. */
class RatingBoard {
  readonly #left = new Map<string, number[]>();
  readonly #deleted = new Set<string>();

  /** A rating that this user never gave this film, or null when all were given or it was deleted. */
  take(user: number, movieId: number, random: Random): number | null {
    const name = `${user}/${movieId}`;
    if (this.#deleted.has(name)) return null;
    const left = this.#left.get(name) ?? [...RATINGS];
    this.#left.set(name, left);
    if (left.length === 0) return null;
    return left.splice(random.below(left.length), 1)[0] ?? null;
  }

  /** After a rating was deleted, it stays so. */
  delete(user: number, movieId: number): void {
    this.#deleted.add(`${user}/${movieId}`);
  }
}

const readEverything: Step = async ({ caller, timeoutMs }) => {
  const options = { consistency: 'fresh', timeoutMs } as const;
  for (const movieId of MOVIES) {
    await caller.query('tags', { movieId }, options);
    await caller.query('average', { movieId }, options);
  }
  for (let userId = 1; userId <= PLAYERS_MOST; userId++) {
    await caller.query('ratings', { userId }, options);
  }
};

export const movieRatings: Workload = {
  name: 'movie ratings',
  service: 'movies',
  isForced: false,
  begin() {
    const board = new RatingBoard();
    const rate: Step = async (player) => {
      const { caller, random, number } = player;
      const movieId = random.pick(MOVIES);
      if (random.chance(1, DELETE_ONE_IN)) {
        board.delete(number, movieId);
        await caller.update('delete', { movieId }, updateOptions(player));
        return;
      }
      const rating = board.take(number, movieId, random);
      if (rating === null) return;
      const operation = random.pick(['create', 'update', 'rate', 'rate'] as const);
      await caller.update(operation, { movieId, rating }, updateOptions(player));
    };
    const tag: Step = async (player) => {
      const args = { movieId: player.random.pick(MOVIES), tag: player.newValue() };
      await player.caller.update('tag', args, updateOptions(player));
    };
    const readOwn: Step = async (player) => {
      const movieId = player.random.pick(MOVIES);
      await player.caller.query('rating', { movieId }, queryOptions(player));
    };
    const readTags: Step = async (player) => {
      const movieId = player.random.pick(MOVIES);
      await player.caller.query('tags', { movieId }, queryOptions(player));
    };
    const readOther: Step = async (player) => {
      const userId = 1 + player.random.below(player.number + 1);
      await player.caller.query('ratings', { userId }, queryOptions(player));
    };
    const readAverage: Step = async (player) => {
      const movieId = player.random.pick(MOVIES);
      await player.caller.query('average', { movieId }, queryOptions(player));
    };
    const steps = [rate, rate, tag, readOwn, readTags, readOther, readAverage];
    return { steps, readAll: readEverything };
  },
};
