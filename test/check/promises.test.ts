import { expect } from 'chai';
import { expectBroken, expectKept, Script } from './support.js';

const set = (key: string, value: unknown) => ({ key, value });
const x = { key: 'x' };
const y = { key: 'y' };
const script = () => new Script();

describe('check: fresh, durability, convergence', () => {
  it('rejects a fresh answer without what was acknowledged with two copies before', () => {
    const history = (seen: unknown, copies = 2, called = 10) =>
      script()
        .updated('a', 'set', set('x', 1), copies, { called: 1, returned: 5 })
        .fresh('b', 'get', x, seen, { called, returned: 20 })
        .history();
    expectKept(history(1));
    expectKept(history(null, 1));
    expectKept(history(null, 2, 4));
    expectBroken(history(null), 'fresh', 'acknowledged with 2 copies before #1 was asked');
  });

  it('holds a session to what its fresh answers reflected', () => {
    const history = (seen: unknown) =>
      script()
        .updated('a', 'set', set('x', 1))
        .fresh('b', 'get', y, null)
        .causal('b', 'get', x, seen)
        .history();
    expectKept(history(1));
    expectBroken(history(null), 'fresh', '#1', 'ended before #2 of the same session');
  });

  it('rejects a final answer without what was acknowledged with enough copies', () => {
    const history = (seen: unknown, leastCopies: number) =>
      script()
        .updated('a', 'set', set('x', 1), 1)
        .causal('b', 'get', x, seen, { final: true })
        .history('kv', { leastCopies });
    expectKept(history(1, 1));
    expectKept(history(null, 2));
    expectBroken(history(null, 1), 'durability', 'acknowledged with 1 copy', 'which is final');
  });

  it('rejects different final states', () => {
    const history = (hash: string) =>
      script().history('kv', { finalHashes: { 'rm-1': 'aa', 'rm-2': 'aa', 'rm-3': hash } });
    expect(expectKept(history('aa')).figures.hashes).to.equal(3);
    expectBroken(history('bb'), 'convergence', 'rm-1, rm-2: aa; rm-3: bb');
  });

  it('rejects two orders of concurrent writes', () => {
    const history = (...seen: number[]) =>
      seen
        .reduce(
          (all, value, index) =>
            all
              .causal(`r${index}`, 'get', y, 2)
              .causal(`r${index}`, 'get', { key: 'z' }, 3)
              .causal(`r${index}`, 'get', x, value),
          script()
            .updated('a', 'set', set('x', 1), 1)
            .updated('a', 'set', set('y', 2), 1)
            .updated('b', 'set', set('x', 10), 1)
            .updated('b', 'set', set('z', 3), 1),
        )
        .history();
    expectKept(history(1, 1));
    expectKept(history(10, 10));
    const { violations } = expectBroken(history(1, 10), 'causal convergence', 'so the second is');
    expect(violations[0]?.operations).to.have.members([0, 2, 6, 9]);
  });

  it('rejects a circle through two registers', () => {
    const history = (...seen: number[]) =>
      seen
        .reduce(
          (all, value) => all.causal('f', 'get', y, value),
          script()
            .updated('a', 'set', set('x', 1), 1)
            .updated('b', 'set', set('y', 1), 1)
            .causal('c', 'get', x, 1)
            .updated('c', 'set', set('y', 2), 1)
            .causal('d', 'get', y, 1)
            .updated('d', 'set', set('x', 2), 1)
            // Shows that x = 1, which y = 2 knew of, is later than x = 2, which knew of y = 1.
            .causal('e', 'get', x, 2)
            .causal('e', 'get', x, 1),
        )
        .history();
    expectKept(history(1, 2));
    const { violations } = expectBroken(history(2, 1), 'causal convergence', 'it is later still');
    expect(violations[0]?.operations).to.have.members([0, 1, 3, 5, 7, 9]);
  });
});
