import { expect } from 'chai';
import { checkHistory } from '../../src/check/check-history.js';
import { FreePlaces } from '../../src/check/forced-places.js';
import { expectBroken, expectKept, Script } from './support.js';

const script = () => new Script();
const put = (key: string, value: unknown) => ({ key, value });
const x = { key: 'x' };

describe('check/forced-order', () => {
  it('rejects two updates at one place', () => {
    const history = (place: number) =>
      script()
        .forced('a', 'put', put('x', 1), null, 3, { called: 1, returned: 10 })
        .forced('b', 'put', put('y', 2), null, place, { called: 2, returned: 11 })
        .history();
    expectKept(history(4));
    expectKept(history(2));
    expectBroken(history(3), 'one order', 'two updates were told the place 3', '#0', '#1');
  });

  it('rejects places against real time: after an update, a refusal or an answer', () => {
    const after = (place: number) => script().forced('b', 'put', put('y', 2), null, place);
    const behind = {
      update: (place: number) =>
        script()
          .forced('a', 'put', put('x', 1), null, 5)
          .forced('b', 'put', put('y', 2), null, place),
      refusal: (place: number) =>
        script().refused('a', 'put', put('x', 1), 5).forced('b', 'put', put('y', 2), null, place),
      answer: (place: number) =>
        script().shown('a', 'forced', x, null, 5).forced('b', 'put', put('y', 2), null, place),
    };
    expectKept(after(1).history());
    for (const history of Object.values(behind)) {
      expectKept(history(6).history());
      expectBroken(history(4).history(), 'one order', 'place 5 had been told before it was sent');
    }
  });

  it('rejects an acknowledged forced update without a place', () => {
    expectKept(script().forced('a', 'put', put('x', 1), null, 1).history());
    expectBroken(
      script().updated('a', 'put', put('x', 1)).history(),
      'one order',
      'was told no place in the order',
    );
  });

  it('rejects answers that reflect less than their session was shown', () => {
    const written = (place: number) =>
      script()
        .forced('a', 'put', put('y', 1), null, 5)
        .shown('a', 'forced', x, null, place)
        .history();
    const refused = (place: number) =>
      script().refused('a', 'put', put('y', 1), 5).shown('a', 'forced', x, null, place).history();
    const read = (place: number) =>
      script().shown('a', 'forced', x, null, 5).shown('a', 'forced', x, null, place).history();
    for (const history of [written, refused, read]) expectKept(history(5));
    expectBroken(written(4), 'read your writes', 'up to place 4; it had to reflect place 5');
    expectBroken(refused(4), 'read your writes');
    expectBroken(read(4), 'monotonic reads');
    // Of causal queries as well: they show the order that a session has seen.
    const causal = (place: number) =>
      script().forced('a', 'put', put('y', 1), null, 5).shown('a', 'get', x, null, place).history();
    expectKept(causal(5));
    expectBroken(causal(0), 'read your writes');
  });

  it('rejects fresh answers without what was acknowledged before they were sent', () => {
    const history = (place: number, guarantee: 'fresh' | 'causal' = 'fresh', called = 20) =>
      script()
        .forced('a', 'put', put('y', 1), null, 5, { called: 1, returned: 10 })
        .shown('b', 'forced', x, null, place, { guarantee, called, returned: 30 })
        .history();
    expectKept(history(5));
    expectKept(history(4, 'causal'));
    expectKept(history(4, 'fresh', 5));
    expectBroken(history(4), 'fresh', 'it had to reflect place 5');
  });

  it('rejects final answers without what was acknowledged with enough copies', () => {
    const history = (place: number, leastCopies = 2) =>
      script()
        .forced('a', 'put', put('y', 1), null, 5)
        .shown('b', 'forced', x, null, place, { final: true })
        .history('kv', { leastCopies });
    expectKept(history(5));
    expectKept(history(4, 3));
    expectBroken(history(4), 'durability');
  });

  it('rejects an answer without what the writer of what it shows had seen', () => {
    const history = (place: number, told: 'shown' | 'forced') => {
      const all = script();
      if (told === 'forced') all.forced('a', 'put', put('y', 1), null, 5);
      else all.shown('a', 'forced', x, null, 5);
      return all
        .updated('a', 'set', put('z', 1))
        .shown('b', 'get', { key: 'z' }, 1, place)
        .history();
    };
    for (const told of ['shown', 'forced'] as const) {
      expectKept(history(5, told));
      expectBroken(history(4, told), 'causality', 'had been told of place 5 before');
    }
  });

  it('rejects an answer without what the sessions of forced updates that it reflects had seen', () => {
    const history = (seen: unknown, place: number, how: 'forced' | 'refused' = 'forced') => {
      const all = script().updated('a', 'set', put('z', 1), 1);
      if (how === 'forced') all.forced('a', 'put', put('y', 1), null, 5);
      else all.refused('a', 'put', put('y', 1), 5);
      return all.shown('b', 'get', { key: 'z' }, seen, place).history();
    };
    expectKept(history(1, 5));
    expectKept(history(null, 4));
    const words = ['reflects the order of forced updates as far as', 'ended before'];
    expectBroken(history(null, 5), 'causality', ...words);
    expectBroken(history(null, 6, 'refused'), 'causality', ...words);
  });

  it('counts what has a place', () => {
    const { figures } = checkHistory(
      script()
        .forced('a', 'put', put('x', 1), null, 1)
        .refused('a', 'put', put('x', 2), 2)
        .unknown('a', 'put', put('x', 3))
        .updated('a', 'set', put('x', 3))
        .shown('a', 'forced', x, 1, 2)
        .shown('a', 'get', x, 3, 2)
        .history(),
    );
    expect(figures.ordered).to.equal(2);
    expect(figures.refused).to.equal(1);
    expect(figures.forcedAnswers).to.equal(1);
  });

  it('knows which places are free', () => {
    const free = new FreePlaces([3, 1, 4, 9, 3]);
    expect([0, 1, 2, 3, 4, 8, 9].map((place) => free.after(place))).to.deep.equal([
      2, 2, 5, 5, 5, 10, 10,
    ]);
    expect(new FreePlaces([]).after(0)).to.equal(1);
  });
});
