import { expect } from 'chai';
import { HearsayError } from '../../../src/base/errors.js';
import { movies } from '../../../src/service/movies/movies.js';
import { type OpenService, openService } from '../support.js';
import { smallSource } from './small-data.js';

describe('movies', () => {
  let opened: OpenService;

  beforeEach(async () => {
    opened = await openService(movies, smallSource());
  });
  afterEach(() => opened.db.close());

  const average = (movieId: number) => opened.query('average', { movieId });

  it('answers the queries of DESIGN section 5', () => {
    expect(average(1)).to.deep.equal({ mean: 3.75, count: 2 });
    expect(average(29)).to.deep.equal({ mean: null, count: 0 });
    expect(opened.query('rating', { movieId: 1 }, '2')).to.equal(3.5);
    expect(opened.query('rating', { movieId: 29 }, '2')).to.equal(null);
    expect(opened.query('ratings', {}, '1')).to.deep.equal([
      { movieId: 1, title: 'Toy Story (1995)', rating: 4 },
      { movieId: 50, title: 'Usual Suspects, The (1995)', rating: 5 },
    ]);
    expect(opened.query('ratings', { userId: 2 }, '1')).to.have.length(1);
    expect(opened.query('ratings', { userId: 2 })).to.have.length(1);
    expect(opened.query('movie', { movieId: 1 })).to.deep.equal({
      movieId: 1,
      title: 'Toy Story (1995)',
      genres: ['Adventure', 'Animation', 'Children'],
      imdbId: '0114709',
      tmdbId: 862,
    });
    expect(opened.query('movie', { movieId: 29 })).to.include({ imdbId: '0112682', tmdbId: null });
    expect(opened.query('movie', { movieId: 50 })).to.include({ imdbId: null, tmdbId: null });
    expect(opened.query('tags', { movieId: 1 })).to.deep.equal([
      { tag: 'pixar', count: 2 },
      { tag: 'fun', count: 1 },
    ]);
    expect(opened.query('tags', { movieId: 50 })).to.deep.equal([]);
  });

  it('ranks by mean, then number of ratings, then movie number', () => {
    opened.update('rate', { movieId: 29, rating: 5 }, '3');
    expect(opened.query('top', { minCount: 1 })).to.deep.equal([
      { movieId: 29, title: 'Cité des enfants perdus, La (1995)', mean: 5, count: 1 },
      { movieId: 50, title: 'Usual Suspects, The (1995)', mean: 5, count: 1 },
      { movieId: 1, title: 'Toy Story (1995)', mean: 3.75, count: 2 },
    ]);
    opened.update('rate', { movieId: 50, rating: 5 }, '3');
    expect(opened.query('top', { minCount: 1, limit: 1 })).to.have.nested.property(
      '[0].movieId',
      50,
    );
    expect(opened.query('top')).to.deep.equal([]);
  });

  it('searches titles by part and genres by whole name, in any case and accent', () => {
    const found = (args: Record<string, unknown>) =>
      (opened.query('search', args) as { movieId: number }[]).map(({ movieId }) => movieId);
    expect(found({})).to.deep.equal([1, 29, 50]);
    expect(found({ limit: 2 })).to.deep.equal([1, 29]);
    expect(found({ title: 'CITE DES' })).to.deep.equal([29]);
    expect(found({ title: 'cité' })).to.deep.equal([29]);
    expect(found({ title: '%' })).to.deep.equal([]);
    expect(found({ genre: 'sci-fi' })).to.deep.equal([29]);
    expect(found({ genre: 'Sci' })).to.deep.equal([]);
    expect(found({ genre: 'Adventure', title: 'story' })).to.deep.equal([1]);
  });

  it('refuses what is asked of an unknown movie', () => {
    for (const operation of ['average', 'rating', 'movie', 'tags']) {
      expect(() => opened.query(operation, { movieId: 7 }, '1'), operation)
        .to.throw(HearsayError, 'there is no movie 7')
        .with.property('code', 'REFUSED');
    }
    for (const operation of ['create', 'update', 'rate']) {
      expect(opened.refusal(operation, { movieId: 7, rating: 3 }, '1')).to.match(/no movie 7/);
    }
    expect(opened.refusal('delete', { movieId: 7 }, '1')).to.match(/no movie 7/);
    expect(opened.refusal('tag', { movieId: 7, tag: 'a' }, '1')).to.match(/no movie 7/);
    expect(opened.refusal('untag', { movieId: 7, tag: 'a' }, '1')).to.match(/no movie 7/);
  });

  it('asks the preconditions of create, update and delete', () => {
    const rated = { movieId: 1, rating: 2 };
    expect(opened.refusal('create', rated, '1')).to.match(/rated movie 1 already, 4; use update/);
    expect(opened.refusal('create', rated, '3')).to.equal(undefined);
    expect(opened.refusal('update', rated, '3')).to.match(/no rating of movie 1; use create/);
    expect(opened.refusal('update', rated, '1')).to.equal(undefined);
    expect(opened.refusal('delete', { movieId: 1 }, '3')).to.match(/nothing to delete/);
    expect(opened.refusal('delete', { movieId: 1 }, '1')).to.equal(undefined);
    expect(opened.refusal('rate', rated, '1')).to.equal(undefined);
    expect(opened.refusal('rate', rated, '3')).to.equal(undefined);
    opened.update('delete', { movieId: 1 }, '1');
    expect(opened.refusal('create', rated, '1')).to.equal(undefined);
    expect(opened.refusal('delete', { movieId: 1 }, '1')).to.match(/nothing to delete/);
  });

  it('keeps means in step with ratings that come, change and go', () => {
    opened.update('create', { movieId: 29, rating: 0.5 }, '1');
    opened.update('rate', { movieId: 29, rating: 5 }, '2');
    expect(average(29)).to.deep.equal({ mean: 2.75, count: 2 });
    opened.update('update', { movieId: 29, rating: 4.5 }, '1');
    expect(average(29)).to.deep.equal({ mean: 4.75, count: 2 });
    opened.update('delete', { movieId: 29 }, '1');
    expect(average(29)).to.deep.equal({ mean: 5, count: 1 });
    expect(opened.query('rating', { movieId: 29 }, '1')).to.equal(null);
    expect(opened.query('ratings', { userId: 1 })).to.have.length(2);
  });

  it('takes every update on every state: create acts as rate, delete leaves a tombstone', () => {
    opened.update('create', { movieId: 1, rating: 1 }, '1');
    expect(opened.query('rating', { movieId: 1 }, '1')).to.equal(1);
    opened.update('update', { movieId: 29, rating: 2 }, '9');
    expect(average(29)).to.deep.equal({ mean: 2, count: 1 });
    opened.update('delete', { movieId: 50 }, '9', '5');
    opened.update('rate', { movieId: 50, rating: 1 }, '9', '4');
    expect(opened.query('rating', { movieId: 50 }, '9'), 'stamped before').to.equal(null);
    opened.update('rate', { movieId: 4242, rating: 3 }, '1');
    opened.update('delete', { movieId: 4242 }, '1');
    opened.update('untag', { movieId: 4242, tag: 'none' }, '1');
    expect(() => average(4242)).to.throw(HearsayError, 'no movie 4242');
  });

  it('forgets what was deleted long ago, and nothing else', () => {
    opened.update('rate', { movieId: 50, rating: 1 }, '8', '2');
    opened.update('delete', { movieId: 50 }, '9', '3');
    opened.update('delete', { movieId: 29 }, '9', '5');
    opened.update('tag', { movieId: 50, tag: 'dark' }, '8', '2');
    opened.update('untag', { movieId: 50, tag: 'dark' }, '9', '3');
    const hash = opened.hash();
    const rows = (table: string, where: string) =>
      opened.db.get<{ rows: number }>(`SELECT count(*) AS rows FROM ${table} WHERE ${where}`)?.rows;
    opened.service.forget(opened.db, '4');
    expect(opened.hash()).to.equal(hash);
    expect(rows('ratings', 'user_id = 9')).to.equal(1);
    expect(rows('tags', 'user_id = 9')).to.equal(0);
    expect(opened.query('rating', { movieId: 50 }, '8')).to.equal(1);
    opened.update('rate', { movieId: 29, rating: 1 }, '9', '4');
    expect(opened.query('rating', { movieId: 29 }, '9'), 'still deleted').to.equal(null);
  });

  it('counts a tag once a user, until that user takes it away', () => {
    opened.update('tag', { movieId: 29, tag: ' dark ' }, '1');
    opened.update('tag', { movieId: 29, tag: 'dark' }, '1');
    opened.update('tag', { movieId: 29, tag: 'Dark' }, '1');
    opened.update('tag', { movieId: 29, tag: 'dark' }, '2');
    expect(opened.query('tags', { movieId: 29 })).to.deep.equal([
      { tag: 'dark', count: 2 },
      { tag: 'Dark', count: 1 },
    ]);
    opened.update('untag', { movieId: 29, tag: 'dark' }, '1');
    opened.update('untag', { movieId: 29, tag: 'Dark' }, '1');
    expect(opened.query('tags', { movieId: 29 })).to.deep.equal([{ tag: 'dark', count: 1 }]);
  });

  it('says what is wrong with arguments and users', () => {
    const wrong = (operation: string, args: Record<string, unknown>, user: string) => () =>
      movies.parse('update', operation, args, user);
    const cases: [() => unknown, string][] = [
      [
        wrong('rate', { movieId: 1, rating: 7 }, '1'),
        'rating must be 0.5 to 5 in steps of 0.5, not 7',
      ],
      [wrong('rate', { movieId: 1, rating: 0 }, '1'), 'in steps of 0.5, not 0'],
      [wrong('rate', { movieId: 1, rating: 3.3 }, '1'), 'in steps of 0.5, not 3.3'],
      [wrong('rate', { movieId: 1, rating: 1.0000000000000002 }, '1'), 'not 1.0000000000000002'],
      [wrong('rate', { movieId: 1, rating: 'abc' }, '1'), 'in steps of 0.5, not "abc"'],
      [wrong('rate', { movieId: 1, rating: Number.NaN }, '1'), 'not NaN'],
      [
        wrong('rate', { movieId: '1', rating: 1 }, '1'),
        'movieId must be a whole number from 1, not "1"',
      ],
      [wrong('rate', { movieId: 1.5, rating: 1 }, '1'), 'not 1.5'],
      [wrong('tag', { movieId: 1, tag: '  ' }, '1'), 'tag must be 1 to 255 printable characters'],
      [wrong('tag', { movieId: 1, tag: 'a\nb' }, '1'), 'printable'],
      [wrong('tag', { movieId: 1, tag: 'x'.repeat(256) }, '1'), '255'],
      [wrong('rate', { movieId: 1, rating: 1 }, ''), 'rate needs a user: give one'],
      [
        wrong('rate', { movieId: 1, rating: 1 }, 'bob'),
        'the user must be a whole number from 1 to 999999999, not "bob"',
      ],
      [wrong('rate', { movieId: 1, rating: 1 }, '007'), 'not "007"'],
      [wrong('rate', { movieId: 1, rating: 1 }, '0'), 'not "0"'],
    ];
    for (const [run, message] of cases) {
      expect(run).to.throw(HearsayError, message).with.property('code', 'INVALID');
    }
    expect(() => opened.query('ratings', {}, '')).to.throw(HearsayError, 'whose ratings?');
    expect(() => opened.query('search', { genre: 'Crime|Drama' })).to.throw(
      HearsayError,
      'genre must be the name of one genre',
    );
  });
});
