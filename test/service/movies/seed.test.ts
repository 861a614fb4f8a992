import { expect } from 'chai';
import { HearsayError } from '../../../src/base/errors.js';
import type { Source } from '../../../src/ports/source.js';
import { movies } from '../../../src/service/movies/movies.js';
import { openSqlDatabase } from '../../../src/storage/sql-database.js';
import { openService, sourceOf } from '../support.js';
import { type Files, SMALL_FILES, smallSource, withRow } from './small-data.js';

describe('import of a MovieLens folder', () => {
  async function failureOf(source: Source): Promise<unknown> {
    const db = await openSqlDatabase();
    try {
      movies.createTables(db);
      movies.seed(db, source, () => {});
      return undefined;
    } catch (error) {
      return error;
    } finally {
      db.close();
    }
  }

  const wrongRows: [file: keyof Files, row: number, fields: string[], message: string][] = [
    [
      'movies.csv',
      0,
      ['id', 'title', 'genres'],
      'the header must be movieId,title,genres, not "id,title,genres"',
    ],
    ['movies.csv', 2, ['x', 'Title', 'Drama'], 'movieId must be a whole number from 1, not "x"'],
    ['movies.csv', 2, ['0', 'Title', 'Drama'], 'movieId must be a whole number from 1, not "0"'],
    ['movies.csv', 2, ['1', 'Title', 'Drama'], 'movie 1 stands on an earlier line too'],
    ['movies.csv', 2, ['2', '', 'Drama'], 'title must be printable text, not ""'],
    [
      'movies.csv',
      2,
      ['2', 'Title'],
      'genres must be names of genres with | between them, not undefined',
    ],
    ['links.csv', 2, ['1', '1', '1'], 'movie 1 stands on an earlier line too'],
    ['links.csv', 2, ['7', '1', '1'], 'movie 7 is not in movies.csv'],
    ['links.csv', 2, ['29', 'tt1', '1'], 'imdbId must be digits or nothing, not "tt1"'],
    ['ratings.csv', 3, ['1', '1', '4.0', '1'], 'user 1 rates movie 1 on an earlier line too'],
    ['ratings.csv', 3, ['1', '7', '4.0', '1'], 'movie 7 is not in movies.csv'],
    [
      'ratings.csv',
      3,
      ['bob', '1', '4.0', '1'],
      'userId must be a whole number from 1 to 999999999',
    ],
    [
      'ratings.csv',
      3,
      ['3', '1', '4.2', '1'],
      'rating must be 0.5 to 5 in steps of 0.5, not "4.2"',
    ],
    ['ratings.csv', 3, ['3', '1', '0.0', '1'], 'not "0.0"'],
    ['ratings.csv', 3, ['3', '1', '5.5', '1'], 'not "5.5"'],
    [
      'ratings.csv',
      3,
      ['3', '1', '4.0', 'now'],
      'timestamp must be a whole number from 0, not "now"',
    ],
    ['tags.csv', 3, ['1', '1', ' ', '1'], 'tag must be 1 to 255 printable characters, not " "'],
    ['tags.csv', 3, ['1', '7', 'a', '1'], 'movie 7 is not in movies.csv'],
  ];
  for (const [file, row, fields, message] of wrongRows) {
    it(`refuses ${file} with ${fields.join()}`, async () => {
      const failure = await failureOf(withRow(file, row, fields));
      expect(failure).to.be.instanceOf(HearsayError).with.property('code', 'INVALID');
      expect((failure as Error).message).to.contain(`${file} in the test, line ${row + 1}: `);
      expect((failure as Error).message).to.contain(message);
    });
  }

  it('gives the same state for the same folder, and another for another', async () => {
    const hashes: string[] = [];
    for (const source of [
      smallSource(),
      smallSource(),
      withRow('ratings.csv', 3, ['1', '50', '4.5', '1']),
      withRow('tags.csv', 3, ['2', '1', 'Fun', '1']),
      withRow('movies.csv', 3, ['50', 'Usual Suspect, The (1995)', 'Crime']),
    ]) {
      const opened = await openService(movies, source);
      hashes.push(opened.hash());
      opened.db.close();
    }
    expect(hashes[1]).to.equal(hashes[0]);
    expect(new Set(hashes)).to.have.property('size', 4);
  });

  it('counts as written before every update', async () => {
    const opened = await openService(movies, smallSource());
    opened.update('rate', { movieId: 1, rating: 1 }, '1', '0');
    expect(opened.query('rating', { movieId: 1 }, '1')).to.equal(1);
    opened.db.close();
  });

  it('tells how much is done, rising to 1', async () => {
    const many = Array.from({ length: 3000 }, (_, row) => [`${row + 1}`, '1', '4.0', '1']);
    const db = await openSqlDatabase();
    movies.createTables(db);
    const told: number[] = [];
    movies.seed(
      db,
      sourceOf({
        ...SMALL_FILES,
        'ratings.csv': [['userId', 'movieId', 'rating', 'timestamp'], ...many],
      }),
      (done) => told.push(done),
    );
    db.close();
    expect(told.length).to.be.greaterThan(2);
    expect(told).to.deep.equal([...told].sort((a, b) => a - b));
    expect(told.at(-1)).to.equal(1);
  });
});
