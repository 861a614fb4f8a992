import { expect } from 'chai';
import { expectBroken, expectKept, Script } from './support.js';

const script = () => new Script();

describe('check/counters', () => {
  const add = (amount: number) => ({ key: 'c', amount });
  const c = { key: 'c' };

  it('rejects an add that was executed twice, and a count of what nobody sent', () => {
    const history = (count: number) =>
      script()
        .updated('a', 'add', add(1), 1)
        .unknown('d', 'add', add(4))
        .causal('b', 'count', c, count)
        .history();
    for (const count of [0, 1, 4, 5]) expectKept(history(count));
    expectBroken(history(8), 'exactly once', 'in base 4 20', '#1 add key="c" amount=4');
    expectBroken(history(2), 'exactly once', '#0 add key="c" amount=1');
    expectBroken(history(16), 'exactly once', 'more than each of the amounts');
    expectBroken(
      script().causal('b', 'count', c, 1).history(),
      'exactly once',
      'were ever sent (nothing)',
    );
  });

  it('rejects a count without an add that it had to know, and with one that failed', () => {
    const history = (count: number) =>
      script()
        .updated('a', 'add', add(1), 1)
        .failed('b', 'add', add(4))
        .causal('a', 'count', c, count)
        .history();
    expectKept(history(1));
    expectBroken(history(0), 'read your writes', 'the add of 1 to counter "c" as not done');
    expectBroken(history(5), 'refused means never');
  });

  it('rejects counts that go back', () => {
    const history = (last: number) =>
      script()
        .updated('a', 'add', add(1), 1)
        .causal('b', 'count', c, 1)
        .causal('b', 'count', c, last)
        .history();
    expectKept(history(1));
    expectBroken(history(0), 'monotonic reads');
  });

  it('checks other amounts by bounds, and says so', () => {
    const history = (count: number, amount = 3) =>
      script()
        .updated('a', 'add', add(amount), 1)
        .updated('a', 'add', add(amount), 1)
        .unknown('b', 'add', add(5))
        .failed('b', 'add', add(7))
        .causal('a', 'count', c, count)
        .updated('a', 'add', add(9), 1)
        .history();
    expect(expectKept(history(6)).notes[0]).to.contain('by bounds only');
    expectKept(history(11));
    expectBroken(history(5), 'causality', 'adds up to 6 at least');
    expectBroken(history(12), 'exactly once', 'adds up to 11 at most');
    expect(expectKept(history(5, -3)).notes[0]).to.contain('negative amounts');
  });

  it('checks bounds of fresh and final counts', () => {
    const history = (count: number, final: boolean) =>
      script()
        .updated('a', 'add', add(3))
        .updated('a', 'add', add(3))
        .causal('b', 'count', c, final ? count : 0, { final })
        .fresh('d', 'count', c, final ? 6 : count)
        .history();
    expectKept(history(6, true));
    expectKept(history(6, false));
    expectBroken(history(3, true), 'durability', 'adds up to 6 at least');
    expectBroken(history(3, false), 'fresh', 'adds up to 6 at least');
  });
});
