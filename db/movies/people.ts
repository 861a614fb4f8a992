/**
 * Invents the users and what they rate and tag. Everything is drawn from one seed in whole numbers, so
 * the same films give the same people on any machine; each user has a stream of chance of its own, so
 * that a change in one user does not move the others. The figures are guesses that look lifelike.
 */

import { InvariantError } from '../../src/base/assert.js';
import { HearsayError } from '../../src/base/errors.js';
import type { Random } from '../../src/base/random.js';
import { type Film, GENRES } from './films.js';

/** As many users as MovieLens' small data set has, so that its user numbers work here as well. */
export const USER_COUNT = 610;
/** No user has rated fewer films. */
export const MIN_RATINGS_PER_USER = 20;
/** Users joined in these years, most of them in the later ones. */
const LAST_YEAR = 2025;
const YEARS_OF_JOINING = 14;
const DAY_SECONDS = 24 * 60 * 60;

/** One user's opinion of one film. */
export interface Rating {
  readonly userId: number;
  readonly film: Film;
  /** 1 (half a star) to 10 (five stars). */
  readonly halfStars: number;
  /** Seconds since 1970; after the year the film came out. */
  readonly timestamp: number;
}

export interface Tag {
  readonly userId: number;
  readonly film: Film;
  readonly tag: string;
  /** Seconds since 1970; soon after this user rated the film. */
  readonly timestamp: number;
}

/** What a user is like; decides which films are drawn and how many stars they get. */
interface Taste {
  readonly favouriteGenres: readonly string[];
  readonly dislikedGenre: string;
  /** Looks for films that few have seen. */
  readonly curious: boolean;
  /** Added to every opinion, in tenths of a star. */
  readonly generosity: number;
  /** Never gives half a star. */
  readonly wholeStars: boolean;
}

/** Draws all ratings, in the order of userId and then movieId. */
export function drawRatings(films: readonly Film[], random: Random): Rating[] {
  const ratings: Rating[] = [];
  for (let userId = 1; userId <= USER_COUNT; userId++) {
    ratings.push(...drawRatingsOfUser(userId, films, random.child(`user ${userId}`)));
  }
  return ratings;
}

function drawRatingsOfUser(userId: number, films: readonly Film[], random: Random): Rating[] {
  // The lower of two draws makes the late years frequent: the service has grown.
  const yearsAgo = Math.min(random.below(YEARS_OF_JOINING), random.below(YEARS_OF_JOINING));
  const year = LAST_YEAR - yearsAgo;
  const taste: Taste = {
    favouriteGenres: [random.pick(GENRES), random.pick(GENRES)],
    dislikedGenre: random.pick(GENRES),
    curious: random.chance(1, 4),
    generosity: random.below(13) - 8,
    wholeStars: random.chance(1, 3),
  };
  const released = films.filter((film) => film.year < year);
  let timestamp = Date.UTC(year, 0, 1) / 1000 + random.below(300 * DAY_SECONDS);
  const ratings = drawFilms(released, drawRatingCount(random), taste, random).map((film) => {
    // Users rate one film after another in a sitting, and come back some days later.
    timestamp += 4 + random.below(90);
    if (random.chance(1, 15)) timestamp += (1 + random.below(10)) * DAY_SECONDS;
    return { userId, film, halfStars: drawHalfStars(film, taste, random), timestamp };
  });
  return ratings.sort((a, b) => a.film.movieId - b.film.movieId);
}

/** Most users rate little more than they must, some much more: 33 on average, so 20,000 in all. */
function drawRatingCount(random: Random): number {
  let count = MIN_RATINGS_PER_USER + random.below(8);
  if (random.chance(1, 4)) count += random.below(30);
  if (random.chance(1, 12)) count += random.below(150);
  return count;
}

/** Draws `count` different films; known, good, and favourite ones come up more often. */
function drawFilms(films: readonly Film[], count: number, taste: Taste, random: Random): Film[] {
  if (films.length < count) {
    throw new HearsayError(
      'INVALID',
      `films.txt has ${films.length} films for a user who rates ${count}: add older films`,
    );
  }
  const weights = new Map(films.map((film) => [film, weightOf(film, taste)]));
  const drawn: Film[] = [];
  while (drawn.length < count) {
    const film = drawByWeight(weights, random);
    weights.delete(film);
    drawn.push(film);
  }
  return drawn;
}

function drawByWeight(weights: ReadonlyMap<Film, number>, random: Random): Film {
  let total = 0;
  for (const weight of weights.values()) total += weight;
  let rest = random.below(total);
  for (const [film, weight] of weights) {
    rest -= weight;
    if (rest < 0) return film;
  }
  throw new InvariantError('the weights add up to less than their total');
}

function weightOf(film: Film, taste: Taste): number {
  const seen = taste.curious ? 4 * film.renown : film.renown * film.renown;
  // The factor keeps a quarter of it whole.
  const weight = 4 * seen * film.starTenths;
  if (film.genres.includes(taste.dislikedGenre)) return weight / 4;
  return isFavourite(film, taste) ? weight * 2 : weight;
}

function isFavourite(film: Film, taste: Taste): boolean {
  return taste.favouriteGenres.some((genre) => film.genres.includes(genre));
}

function drawHalfStars(film: Film, taste: Taste, random: Random): number {
  // Now and then an opinion has nothing to do with anything.
  if (random.chance(1, 40)) return 1 + random.below(10);
  let tenths = film.starTenths + taste.generosity;
  if (isFavourite(film, taste)) tenths += 3;
  if (film.genres.includes(taste.dislikedGenre)) tenths -= 6;
  // Three draws added make small differences of opinion likelier than great ones.
  for (let i = 0; i < 3; i++) tenths += random.below(13) - 6;
  const halfStars = taste.wholeStars ? 2 * Math.round(tenths / 10) : Math.round(tenths / 5);
  const fewest = taste.wholeStars ? 2 : 1;
  return Math.min(Math.max(halfStars, fewest), 10);
}

/**
 * Draws who gives the tags that films.txt proposes: one user in four writes tags at all, only for
 * films they have rated, and known films get more. In the order of userId, movieId, and tag.
 */
export function drawTags(ratings: readonly Rating[], random: Random): Tag[] {
  const tags: Tag[] = [];
  const writers = new Set<number>();
  for (let userId = 1; userId <= USER_COUNT; userId++) {
    if (random.chance(1, 4)) writers.add(userId);
  }
  for (const { userId, film, timestamp } of ratings) {
    if (!writers.has(userId)) continue;
    const given = film.tags.filter(() => random.chance(1, 15)).sort();
    for (const tag of given) {
      tags.push({ userId, film, tag, timestamp: timestamp + 5 + random.below(600) });
    }
  }
  return tags;
}
