import { expect } from 'chai';
import { expectBroken, expectKept, Script } from './support.js';

const script = () => new Script();
const put = (value: unknown) => ({ key: 'x', value });
const cas = (expected: unknown, value: unknown) => ({ key: 'x', expected, value });
const amount = (count: number) => ({ key: 'x', amount: count });
const x = { key: 'x' };

describe('check/kv-forced: values', () => {
  it('rejects an answer that is not what the order of places leads to', () => {
    const history = (seen: unknown, place: number) =>
      script()
        .forced('a', 'put', put(1), null, 1)
        .forced('a', 'put', { key: 'y', value: 7 }, null, 2)
        .forced('a', 'put', put({ b: 2, a: [1] }), null, 3)
        .shown('b', 'forced', x, seen, place)
        .history();
    expectKept(history({ a: [1], b: 2 }, 3));
    expectKept(history(1, 2));
    expectKept(history(null, 0));
    expectBroken(
      history(1, 3),
      'results agree with the order',
      'found the value of key "x" to be 1',
    );
    expectBroken(history(null, 1), 'results agree with the order', '#0 put', 'up to place 1');
    expectBroken(history(7, 2), 'results agree with the order');
  });

  it('rejects a cas that found what was not there', () => {
    const history = (expected: unknown, result: unknown) =>
      script()
        .forced('a', 'put', put(1), null, 1)
        .forced('b', 'cas', cas(expected, 2), result, 2)
        .history();
    const promise = 'results agree with the order';
    expectKept(history(1, { swapped: true, value: 2 }));
    expectKept(history(5, { swapped: false, value: 1 }));
    expectBroken(history(5, { swapped: true, value: 2 }), promise, 'at place 2');
    expectBroken(history(5, { swapped: false, value: 3 }), promise);
    expectBroken(history(null, { swapped: true, value: 2 }), promise);
    expectBroken(history(1, { swapped: true, value: 1 }), promise, 'if and only if');
    expectBroken(history(1, { swapped: false, value: 1 }), promise, 'if and only if');
    expectBroken(history(1, null), promise, 'if and only if');
    const first = (expected: unknown) =>
      script().forced('a', 'cas', cas(expected, 2), { swapped: true, value: 2 }, 1).history();
    expectKept(first(null));
    expectBroken(first(0), promise, 'before all it was null');
  });

  it('lets an update of unknown outcome stand at one free place, once', () => {
    const history = (...seen: readonly (readonly [unknown, number])[]) =>
      seen
        .reduce(
          (all, [value, place]) => all.shown('r', 'forced', x, value, place),
          script().forced('a', 'put', put(1), null, 2).unknown('b', 'put', put(9)),
        )
        .history();
    expectKept(history([1, 2], [1, 9]));
    expectKept(history([1, 2], [9, 3]));
    expectKept(history([1, 3], [9, 4], [9, 9]));
    expectBroken(history([9, 2]), 'results agree with the order');
    expectBroken(history([8, 3]), 'results agree with the order');
    expectBroken(history([9, 3], [1, 4]), 'results agree with the order');
    const twice = (value: number) =>
      script()
        .unknown('b', 'put', put(9))
        .shown('r', 'forced', x, 9, 1)
        .forced('a', 'put', put(1), null, 2)
        .shown('r', 'forced', x, value, 3)
        .history();
    expectKept(twice(1));
    expectBroken(twice(9), 'results agree with the order');
  });

  it('lets no update of unknown outcome stand before what was told when it was sent', () => {
    const history = (isLate: boolean) => {
      const told = script().forced('a', 'put', put(1), null, 2);
      if (!isLate) told.unknown('b', 'put', put(9));
      told.shown('c', 'get', { key: 'other' }, null, 5);
      if (isLate) told.unknown('b', 'put', put(9));
      return told.shown('d', 'forced', x, 9, 4).history();
    };
    expectKept(history(false));
    expectBroken(history(true), 'results agree with the order');
  });

  it('lets no update of unknown outcome stand where another stands', () => {
    const history = (place: number) =>
      script()
        .unknown('b', 'put', put(9))
        .forced('a', 'put', put(1), null, 1, { called: 10, returned: 20 })
        .forced('c', 'put', { key: 'y', value: 1 }, null, place, { called: 11, returned: 21 })
        .shown('d', 'forced', x, 9, 2)
        .history();
    expectKept(history(3));
    expectBroken(history(2), 'results agree with the order');
  });

  it('follows chains of cas of unknown outcome', () => {
    const history = (...swaps: readonly (readonly [number, number])[]) =>
      swaps
        .reduce(
          (all, [expected, value]) => all.unknown('b', 'cas', cas(expected, value)),
          script().forced('a', 'put', put(1), null, 1),
        )
        .shown('d', 'forced', x, 3, 4)
        .history();
    expectKept(history([2, 3], [1, 2]));
    expectKept(history([2, 3], [3, 2], [1, 2]));
    expectBroken(history([2, 3]), 'results agree with the order');
    expectBroken(history([1, 2]), 'results agree with the order');
    expectBroken(history([2, 3], [3, 2]), 'results agree with the order');
  });

  it('remembers every way to have filled a gap', () => {
    // 2 may come from the put or from the cas; only with the cas is the put left for later.
    const history = (isPutThere: boolean) =>
      script()
        .forced('a', 'put', put(1), null, 1)
        .unknown('b', 'cas', cas(1, 2))
        .unknown('c', 'put', put(isPutThere ? 2 : 3))
        .shown('d', 'forced', x, 2, 3)
        .forced('e', 'put', put(5), null, 4)
        .shown('d', 'forced', x, 2, 6)
        .history();
    expectKept(history(true));
    expectBroken(history(false), 'results agree with the order');
  });
});

describe('check/kv-forced: stock', () => {
  const promise = 'stock is conserved';

  it('rejects units that were taken twice or came back', () => {
    const history = (left: number, seen = left) =>
      script()
        .forced('a', 'stock', amount(10), null, 1)
        .forced('b', 'take', amount(3), { taken: 3, left: 7 }, 2)
        .forced('c', 'take', amount(2), { taken: 2, left }, 3)
        .shown('d', 'left', x, seen, 3)
        .history();
    expectKept(history(5));
    expectBroken(
      history(8),
      promise,
      'found what is left of key "x" to be 10, at place 3',
      '#1 take',
    );
    expectBroken(history(5, 7), promise);
    expectBroken(history(5, 3), promise);
  });

  it('rejects less than nothing, halves, and a false "sold out"', () => {
    const history = (result: unknown) =>
      script()
        .forced('a', 'stock', amount(4), null, 1)
        .forced('b', 'take', amount(3), { taken: 3, left: 1 }, 2)
        .forced('c', 'take', amount(2), result, 3)
        .history();
    expectKept(history({ taken: 0, left: 1 }));
    expectBroken(history({ taken: 2, left: -1 }), 'stock never below zero');
    expectBroken(history({ taken: 1, left: 0 }), promise, 'or nothing');
    expectBroken(history({ taken: 0, left: 2 }), 'no false refusal', 'there was enough');
    expectBroken(history({ taken: 0, left: null }), promise);
    expectBroken(history(null), promise);
    expectBroken(script().shown('d', 'left', x, -1, 0).history(), 'stock never below zero');
    expectBroken(script().shown('d', 'left', x, 1.5, 0).history(), promise, 'whole number');
  });

  it('knows keys without stock, and takes of nothing', () => {
    const history = (left: number | null) =>
      script()
        .forced('a', 'take', amount(2), { taken: 0, left: null }, 1)
        .forced('a', 'take', amount(0), { taken: 0, left: null }, 2)
        .shown('a', 'left', x, left, 2)
        .forced('a', 'stock', amount(2), null, 3)
        .forced('a', 'take', amount(0), { taken: 0, left: 2 }, 4)
        .forced('a', 'take', amount(2), { taken: 2, left: 0 }, 5)
        .shown('a', 'left', x, 0, 6)
        .history();
    expectKept(history(null));
    expectBroken(history(0), promise);
  });

  it('finds takes of unknown outcome that add up to what is missing', () => {
    const history = (left: number, place = 9) =>
      script()
        .forced('a', 'stock', amount(20), null, 1)
        .unknown('b', 'take', amount(3))
        .unknown('c', 'take', amount(3))
        .unknown('d', 'take', amount(5))
        .shown('e', 'left', x, left, place)
        .history();
    for (const missing of [0, 3, 5, 6, 8, 11]) expectKept(history(20 - missing));
    for (const missing of [-1, 1, 2, 4, 7, 9, 10, 12, 14])
      expectBroken(history(20 - missing), promise);
    expectKept(history(9, 4));
    expectBroken(history(9, 3), promise);
  });

  it('lets a setting of unknown outcome begin anew', () => {
    const history = (left: number) =>
      script()
        .forced('a', 'stock', amount(5), null, 1)
        .unknown('b', 'stock', amount(8))
        .unknown('c', 'take', amount(2))
        .shown('e', 'left', x, left, 9)
        .history();
    for (const left of [5, 3, 8, 6]) expectKept(history(left));
    for (const left of [4, 7, 1]) expectBroken(history(left), promise);
  });

  it('says when there are too many ways to tell', () => {
    const unknowns = script().forced('a', 'stock', amount(2 ** 30), null, 1);
    for (let i = 0; i < 40; i++) unknowns.unknown('b', 'take', amount(1000 + i * i));
    const { notes } = expectKept(unknowns.shown('c', 'left', x, 2 ** 30 - 25_000, 99).history());
    expect(notes.join()).to.contain('key "x" was checked in part only');
  });
});
