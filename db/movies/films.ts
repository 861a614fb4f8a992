/**
 * Reads films.txt: the facts on each film, one film a line, its number on the list being its movieId.
 * Strict, because a slip in a hand-written file must be found here and not in a service: genres come
 * from the vocabulary in alphabetical order, and no film or id is listed twice.
 */

import { HearsayError } from '../../src/base/errors.js';

/** The genres a film may have, in MovieLens' spelling. */
export const GENRES = [
  'Action',
  'Adventure',
  'Animation',
  'Children',
  'Comedy',
  'Crime',
  'Documentary',
  'Drama',
  'Fantasy',
  'Film-Noir',
  'Horror',
  'Musical',
  'Mystery',
  'Romance',
  'Sci-Fi',
  'Thriller',
  'War',
  'Western',
] as const;

/** One film of films.txt. */
export interface Film {
  readonly movieId: number;
  /** The title as movies.csv shows it: "Toy Story (1995)". */
  readonly title: string;
  /** The year of the first public showing. */
  readonly year: number;
  readonly genres: readonly string[];
  /** How many people have seen it, 1 to 10. */
  readonly renown: number;
  /** How people like it on average, in tenths of a star: 10 to 50. */
  readonly starTenths: number;
  readonly tags: readonly string[];
  /** Digits without the leading "tt", or empty when we are not sure. */
  readonly imdbId: string;
  /** Digits, or empty when we are not sure. */
  readonly tmdbId: string;
}

const SEPARATOR = ' | ';

/**
 * Reads the text of films.txt; empty lines and lines that start with "#" do not count.
 *
 * @throws HearsayError INVALID naming the line and the column that is wrong.
 */
export function parseFilms(text: string): Film[] {
  const films: Film[] = [];
  const seen = new Set<string>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const complain = (problem: string): never => {
      throw new HearsayError('INVALID', `films.txt line ${index + 1}: ${problem}: "${line}"`);
    };
    const film = parseFilm(films.length + 1, line, complain);
    for (const key of [film.title, `imdb ${film.imdbId}`, `tmdb ${film.tmdbId}`]) {
      if (key.endsWith(' ')) continue;
      if (seen.has(key)) complain(`${key} is listed twice, take one away`);
      seen.add(key);
    }
    films.push(film);
  }
  return films;
}

function parseFilm(movieId: number, line: string, complain: (problem: string) => never): Film {
  const [title, year, genres, renown, stars, tags = '', imdbId = '', tmdbId = '', ...rest] =
    line.split(SEPARATOR);
  if (!title || !year || !genres || !renown || !stars || rest.length > 0) {
    return complain('write title | year | genres | renown | stars | tags | imdbId | tmdbId');
  }
  const expect = (holds: boolean, problem: string) => {
    if (!holds) complain(problem);
  };
  const genreList = genres === '-' ? [] : genres.split(', ');
  const inVocabularyOrder = GENRES.filter((genre) => genreList.includes(genre));
  expect(/^(19|20)\d\d$/.test(year), 'the year must be four digits');
  expect(
    genreList.join() === inVocabularyOrder.join(),
    `genres must come once each and in this order out of ${GENRES.join(', ')}`,
  );
  expect(/^([1-9]|10)$/.test(renown), 'renown must be 1 to 10');
  expect(/^([1-4]\.\d|5\.0)$/.test(stars), 'stars must be 1.0 to 5.0');
  expect(/^(\d{7,8})?$/.test(imdbId), 'an imdbId has 7 or 8 digits');
  expect(/^([1-9]\d*)?$/.test(tmdbId), 'a tmdbId is a whole number');
  return {
    movieId,
    title: `${title} (${year})`,
    year: Number(year),
    genres: genreList,
    renown: Number(renown),
    starTenths: Number(stars.replace('.', '')),
    tags: tags === '' ? [] : tags.split(', '),
    imdbId,
    tmdbId,
  };
}
