/**
 * The shipped data of the movies service: the committed CSV files are what films.txt gives today, and
 * they keep what db/movies/README.md promises. Reads those files and writes none.
 */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import { GENRES, parseFilms } from '../../db/movies/films.js';
import { DATA_FILES, type DataFile, generate } from '../../db/movies/generate.js';
import { MIN_RATINGS_PER_USER, USER_COUNT } from '../../db/movies/people.js';
import { HearsayError } from '../../src/base/errors.js';

// From dist/test/db/ up to the root of the package.
const folder = new URL('../../../db/movies/', import.meta.url);
const readText = (name: string) => readFileSync(new URL(name, folder), 'utf8');

/** The rows of a committed file below its header, as csv-parse reads them. */
function rowsOf(name: DataFile): string[][] {
  const [, ...rows] = parse(readText(name));
  return rows;
}

/** How often each key occurs. */
function tally(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

const yearOf = (title: string) => Number(/^.+ \((\d{4})\)$/.exec(title)?.[1]);

describe('db/movies', () => {
  const films = parseFilms(readText('films.txt'));
  const movies = rowsOf('movies.csv');
  const ratings = rowsOf('ratings.csv');
  const tags = rowsOf('tags.csv');
  const links = rowsOf('links.csv');
  const movieYears = new Map(movies.map(([movieId = '', title = '']) => [movieId, yearOf(title)]));

  it('holds what films.txt gives, byte for byte', () => {
    const texts = generate(readText('films.txt'));
    for (const name of DATA_FILES) {
      const same = texts[name] === readText(name);
      expect(same, `${name} is out of date: npm run db:movies`).to.equal(true);
    }
  });

  it('has the header lines of MovieLens', () => {
    const headers = DATA_FILES.map((name) => readText(name).split('\n')[0]);
    expect(headers).to.deep.equal([
      'movieId,title,genres',
      'userId,movieId,rating,timestamp',
      'userId,movieId,tag,timestamp',
      'movieId,imdbId,tmdbId',
    ]);
  });

  describe('movies.csv', () => {
    it('numbers the films from 1, which is Toy Story', () => {
      expect(movies.map(([movieId]) => Number(movieId))).to.deep.equal(movies.map((_, i) => i + 1));
      expect(movies[0]?.[1]).to.equal('Toy Story (1995)');
    });

    it('reads back every title, quoted or not', () => {
      const titles = movies.map(([, title]) => title);
      expect(titles).to.deep.equal(films.map(({ title }) => title));
      expect(titles).to.include.members([
        'The Good, the Bad and the Ugly (1966)',
        '"Crocodile" Dundee (1986)',
        'Amélie (2001)',
        '8½ (1963)',
      ]);
    });

    it('has 400 to 600 films from 1902 to 2024', () => {
      const years = [...movieYears.values()];
      expect(years.length).to.be.within(400, 600);
      expect(Math.min(...years)).to.equal(1902);
      expect(Math.max(...years)).to.equal(2024);
    });

    it('takes genres from the vocabulary or says that there are none', () => {
      const vocabulary = new Set<string>(GENRES);
      const strange = movies.filter(
        ([, , genres = '']) =>
          genres !== '(no genres listed)' && !genres.split('|').every((g) => vocabulary.has(g)),
      );
      expect(strange).to.deep.equal([]);
      expect(movies.some(([, , genres]) => genres === '(no genres listed)')).to.equal(true);
    });
  });

  describe('ratings.csv', () => {
    it('has 15,000 to 25,000 rows in less than 500 kB', () => {
      expect(ratings.length).to.be.within(15_000, 25_000);
      expect(Buffer.byteLength(readText('ratings.csv'))).to.be.below(500_000);
    });

    it('comes from users 1 to 610 with at least 20 ratings each', () => {
      const counts = tally(ratings.map(([userId = '']) => userId));
      const expected = Array.from({ length: 610 }, (_, index) => String(index + 1));
      expect([...counts.keys()]).to.deep.equal(expected);
      expect(Math.min(...counts.values())).to.be.at.least(20);
      expect([USER_COUNT, MIN_RATINGS_PER_USER]).to.deep.equal([610, 20]);
    });

    it('gives half a star to five stars, in halves, and uses each of them', () => {
      const values = new Set(ratings.map(([, , rating]) => rating));
      const expected = Array.from({ length: 10 }, (_, index) => ((index + 1) / 2).toFixed(1));
      expect([...values]).to.have.members(expected);
    });

    it('has one rating at most for a user and a film', () => {
      const pairs = tally(ratings.map(([userId, movieId]) => `${userId},${movieId}`));
      expect(pairs.size).to.equal(ratings.length);
    });

    it('rates films of movies.csv after the year they came out', () => {
      const wrong = ratings.filter(([, movieId = '', , timestamp]) => {
        const year = movieYears.get(movieId);
        const ratedIn = new Date(Number(timestamp) * 1000).getUTCFullYear();
        return year === undefined || ratedIn <= year || ratedIn > 2026;
      });
      expect(wrong).to.deep.equal([]);
    });

    it('rates known films more often and liked films higher', () => {
      const mean = (numbers: readonly number[]) =>
        numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
      const countOf = tally(ratings.map(([, movieId = '']) => movieId));
      const counts = (known: boolean) =>
        films
          .filter(({ renown }) => renown >= 6 === known)
          .map(({ movieId }) => countOf.get(String(movieId)) ?? 0);
      expect(mean(counts(true))).to.be.above(2 * mean(counts(false)));

      const liked = new Set(
        films.filter(({ starTenths }) => starTenths >= 40).map(({ movieId }) => String(movieId)),
      );
      const stars = (wanted: boolean) =>
        ratings
          .filter(([, movieId = '']) => liked.has(movieId) === wanted)
          .map(([, , rating]) => Number(rating));
      expect(mean(stars(true))).to.be.above(mean(stars(false)) + 0.3);
    });
  });

  describe('tags.csv', () => {
    it('has 300 tags or more, each by a user who has rated the film before', () => {
      const ratedAt = new Map(
        ratings.map(([userId, movieId, , timestamp]) => [
          `${userId},${movieId}`,
          Number(timestamp),
        ]),
      );
      const wrong = tags.filter(
        ([userId, movieId, , timestamp]) =>
          Number(timestamp) <= (ratedAt.get(`${userId},${movieId}`) ?? Number.POSITIVE_INFINITY),
      );
      expect(wrong).to.deep.equal([]);
      expect(tags.length).to.be.at.least(300);
    });

    it('has each tag of a user on a film once, and none that is empty', () => {
      const keys = tally(tags.map(([userId, movieId, tag]) => `${userId},${movieId},${tag}`));
      expect(keys.size).to.equal(tags.length);
      expect(tags.filter(([, , tag]) => tag === '')).to.deep.equal([]);
    });
  });

  describe('links.csv', () => {
    it('has one row a film, with ids in the notation of IMDb and TMDB or none', () => {
      expect(links.map(([movieId]) => movieId)).to.deep.equal(movies.map(([movieId]) => movieId));
      const wrong = links.filter(
        ([, imdbId = '', tmdbId = '']) =>
          !/^(\d{7,8})?$/.test(imdbId) || !/^([1-9]\d*)?$/.test(tmdbId),
      );
      expect(wrong).to.deep.equal([]);
      expect(links[0]).to.deep.equal(['1', '0114709', '862']);
    });
  });

  describe('films.txt, when a line is wrong', () => {
    const good = 'Toy Story | 1995 | Animation, Comedy | 10 | 4.2 | toys | 0114709 | 862';
    const cases: readonly (readonly [string, string, RegExp])[] = [
      ['a column is missing', 'Toy Story | 1995 | Comedy | 10', /line 1: write title/],
      ['a column is too many', `${good} | 7`, /line 1: write title/],
      ['the year is none', good.replace('1995', '95'), /the year must be/],
      ['a genre is unknown', good.replace('Comedy', 'Funny'), /genres must come/],
      ['genres are out of order', good.replace('Animation', 'War'), /genres must come/],
      ['renown is too high', good.replace('| 10 |', '| 11 |'), /renown must be/],
      ['stars are too many', good.replace('4.2', '5.1'), /stars must be/],
      ['an imdbId is none', good.replace('0114709', 'tt114709'), /an imdbId has/],
      ['a tmdbId is none', good.replace('862', '0862'), /a tmdbId is/],
      ['a film comes twice', `${good}\n\n# Again\n${good}`, /line 4: Toy Story \(1995\) is listed/],
      ['an id comes twice', `${good}\n${good.replace('1995', '1996')}`, /line 2: imdb 0114709 is/],
    ];

    it('reads the good line that the cases below spoil', () => {
      expect(parseFilms(good)).to.have.length(1);
    });

    for (const [name, text, message] of cases) {
      it(`says so: ${name}`, () => {
        expect(() => parseFilms(text))
          .to.throw(HearsayError, message)
          .with.property('code', 'INVALID');
      });
    }

    it('says so: there are too few films to rate', () => {
      expect(() => generate(good)).to.throw(HearsayError, /films.txt has 1 films for a user/);
    });
  });
});
