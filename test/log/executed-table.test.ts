import { expect } from 'chai';
import fc from 'fast-check';
import type { SessionId } from '../../src/base/ids.js';
import { ExecutedTable } from '../../src/log/executed-table.js';
import type { Stamp } from '../../src/timestamp/stamp.js';
import { session } from './support.js';

const SESSIONS = [session(0), session(1)] as const;

const anUpdate: fc.Arbitrary<[SessionId, number]> = fc.tuple(
  fc.constantFrom(...SESSIONS),
  fc.integer({ min: 1, max: 25 }),
);

const stampOf = (n: number): Stamp => ({ physicalMs: 100 * n, logical: 0 });

/** The intervals of a set of numbers, found by going through all numbers there are. */
function intervalsOf(numbers: ReadonlySet<number>): [number, number][] {
  const intervals: [number, number][] = [];
  for (let n = 1; n <= 25; n++) {
    if (!numbers.has(n)) continue;
    const last = intervals.at(-1);
    if (last !== undefined && last[1] === n - 1) last[1] = n;
    else intervals.push([n, n]);
  }
  return intervals;
}

describe('ExecutedTable', () => {
  it('is a set of update ids, in any order of execution, with repetitions', () => {
    fc.assert(
      fc.property(fc.array(anUpdate, { maxLength: 80 }), (updates) => {
        const table = new ExecutedTable();
        const sets = new Map<SessionId, Set<number>>();
        for (const [by, n] of updates) {
          table.add(by, n, stampOf(n));
          sets.set(by, (sets.get(by) ?? new Set()).add(n));
          for (const each of SESSIONS) {
            for (let m = 0; m <= 26; m++) {
              expect(table.has(each, m)).to.equal(sets.get(each)?.has(m) ?? false);
            }
          }
        }
        expect(table.sessions).to.equal(sets.size);
        const expected = [...sets].map(([by, numbers]) => [
          by,
          intervalsOf(numbers),
          stampOf(Math.max(...numbers)),
        ]);
        expect(table.entries()).to.deep.equal(expected);
      }),
    );
  });

  it('comes back from a snapshot as it was, and shares nothing with it', () => {
    fc.assert(
      fc.property(fc.array(anUpdate), fc.array(anUpdate), (before, after) => {
        const table = new ExecutedTable();
        for (const [by, n] of before) table.add(by, n, stampOf(n));
        const snapshot = table.entries();
        const text = JSON.stringify(snapshot);
        const copy = new ExecutedTable(snapshot);
        expect(copy.entries()).to.deep.equal(snapshot);
        for (const [by, n] of after) {
          table.add(by, n, stampOf(n));
          copy.add(by, n, stampOf(n));
        }
        expect(JSON.stringify(snapshot)).to.equal(text);
        expect(copy.entries()).to.deep.equal(table.entries());
      }),
    );
  });

  it('forgets sessions whose last update is too old, whole', () => {
    const table = new ExecutedTable();
    for (const n of [1, 9]) table.add(SESSIONS[0], n, stampOf(n));
    table.add(SESSIONS[1], 4, stampOf(4));
    table.forgetBefore(stampOf(5).physicalMs);
    expect(table.entries().map(([by]) => by)).to.deep.equal([SESSIONS[0]]);
    expect(table.has(SESSIONS[0], 1)).to.equal(true);
    expect(table.has(SESSIONS[1], 4)).to.equal(false);
  });

  it('keeps one interval for a session that counts upward', () => {
    const table = new ExecutedTable();
    for (let n = 1; n <= 10_000; n++) table.add(SESSIONS[0], n, stampOf(n));
    expect(table.entries()).to.deep.equal([[SESSIONS[0], [[1, 10_000]], stampOf(10_000)]]);
  });
});
