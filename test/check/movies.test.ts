import { expect } from 'chai';
import { expectBroken, expectKept, Script } from './support.js';

const movie = { movieId: 1 };
const rated = (rating: number) => ({ movieId: 1, rating });
const of = (user: string) => ({ user });
const script = () => new Script();

describe('check/movies: ratings', () => {
  it('rejects a rating without what the session wrote, or saw', () => {
    const history = (seen: number | null) =>
      script()
        .causal('b', 'rating', movie, null, of('7'))
        .updated('a', 'create', rated(3), 1, of('7'))
        .causal('a', 'rating', movie, seen, of('7'))
        .history('movies');
    expectKept(history(3));
    expectBroken(history(null), 'read your writes', 'the rating of movie 1 by user 7 as null');
    expectBroken(history(4), 'no thin air', 'before all writes it was null');
  });

  it('keeps the ratings of different users and movies apart', () => {
    expectKept(
      script()
        .updated('a', 'rate', rated(3), 1, of('7'))
        .causal('a', 'rating', movie, null, of('8'))
        .causal('a', 'rating', { movieId: 2 }, 4.5, of('7'))
        .history('movies'),
    );
  });

  it('reads all ratings of a user at once, its own or those of another', () => {
    const row = { movieId: 1, title: 'Toy Story', rating: 3 };
    const history = (args: Record<string, unknown>, user: string, ...rows: unknown[]) =>
      script()
        .updated('a', 'rate', rated(3), 1, of('7'))
        .causal('a', 'ratings', args, rows, of(user))
        .history('movies');
    const other = { movieId: 2, title: 'Jumanji', rating: 1 };
    expectKept(history({}, '7', row, other));
    expectKept(history({ userId: 7 }, '8', row));
    expectKept(history({}, '8', other));
    expectBroken(history({}, '7', other), 'read your writes', 'it had to show 3');
    expectBroken(history({ userId: 7 }, '8'), 'read your writes');
  });

  it('takes a rating for any write of it, and null for any delete', () => {
    const history = (seen: number | null) =>
      script()
        .updated('a', 'rate', rated(3), 1, of('7'))
        .updated('a', 'delete', movie, 1, of('7'))
        .updated('a', 'update', rated(3), 1, of('7'))
        .causal('a', 'rating', movie, seen, of('7'))
        .history('movies');
    expectKept(history(3));
    expectBroken(history(null), 'read your writes', 'it had to show 3');
  });

  it('rejects the effect of a refused update, once it is known what was there before', () => {
    const history = (...seen: unknown[]) =>
      seen
        .reduce<Script>(
          (all, value) => all.causal('b', 'rating', movie, value, of('7')),
          script().failed('a', 'create', rated(3), of('7')),
        )
        .history('movies');
    expectKept(history(null));
    expectKept(history(3));
    expectBroken(history(null, 3), 'refused means never');
    expectBroken(history(3, null), 'refused means never');
  });

  it('rejects answers of no possible form', () => {
    expectBroken(script().causal('a', 'rating', movie, 'x').history('movies'), 'no thin air');
    expectBroken(script().causal('a', 'ratings', {}, 5).history('movies'), 'no thin air');
    expectBroken(script().causal('a', 'tags', movie, [5]).history('movies'), 'no thin air');
  });
});

describe('check/movies: tags', () => {
  const tag = (text: string) => ({ movieId: 1, tag: text });
  const shown = (count: number) => (count === 0 ? [] : [{ tag: 'fun', count }]);

  it('are registers of a single user that were absent once', () => {
    const history = (count: number) =>
      script()
        .causal('b', 'tags', movie, [])
        .updated('a', 'tag', tag(' fun'), 1, of('7'))
        .causal('a', 'tags', movie, shown(count))
        .history('movies');
    expect(expectKept(history(1)).notes).to.deep.equal([]);
    expectBroken(history(0), 'read your writes', 'tag "fun" of movie 1 as 0');
    expectBroken(history(2), 'no thin air', 'as 2');
  });

  it('come and go', () => {
    const history = (count: number) =>
      script()
        .causal('b', 'tags', movie, [])
        .updated('a', 'tag', tag('fun'), 1, of('7'))
        .updated('a', 'untag', tag('fun'), 1, of('7'))
        .causal('a', 'tags', movie, shown(count))
        .history('movies');
    expectKept(history(0));
    expectBroken(history(1), 'read your writes', 'it had to show 0');
  });

  it('of several users, or never absent, are left out, which is said', () => {
    const history = (user: string, before: number) =>
      script()
        .causal('b', 'tags', movie, shown(before))
        .updated('a', 'tag', tag('fun'), 1, of('7'))
        .updated('b', 'tag', tag('fun'), 1, of(user))
        .causal('a', 'tags', movie, shown(before))
        .history('movies');
    for (const unclear of [history('8', 0), history('7', 1)]) {
      expect(expectKept(unclear).notes[0]).to.contain('tags left out: 1');
    }
    expectBroken(history('7', 0), 'read your writes');
  });
});

describe('check/movies: other queries', () => {
  it('are let pass, and the totals are said to be left to the state hashes', () => {
    const { notes } = expectKept(
      script()
        .causal('a', 'average', movie, { mean: 3, count: 1 })
        .causal('a', 'movie', movie, { movieId: 1 })
        .causal('a', 'guess', movie, 1)
        .updated('a', 'destroy', movie)
        .history('movies'),
    );
    expect(notes).to.have.members([
      'average was not checked here: state hashes contain the totals',
      'guess was not checked: the checkers do not know it',
      'destroy was not checked: the checkers do not know it',
    ]);
  });
});
