/**
 * Origins that were closed and have left the timestamps (docs/protocol.md, D) leave a session's past as
 * well, and nothing else ever does: whatever the answers, the session is never served less than it saw.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import type { Origin } from '../../src/base/ids.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { sentQuery, sentUpdate, TestSession } from './support.js';

const originOf = (name: string): Origin => `${name}.d1~s1` as Origin;

const ts = (counts: Readonly<Record<string, number>>): VectorTimestamp =>
  VectorTimestamp.of(Object.entries(counts).map(([name, count]) => [originOf(name), count]));

/** A session that has read all this. */
function knowing(counts: Readonly<Record<string, number>>): TestSession {
  const session = new TestSession();
  session.query(1);
  session.answered(1, { timestamp: ts(counts) });
  return session;
}

describe('an origin that has left the timestamps', () => {
  it('leaves the past of a session at the first answer without it', () => {
    const session = knowing({ 'rm-1': 2, 'rm-2': 5 });
    session.query(2);
    session.answered(2, { timestamp: ts({ 'rm-2': 6 }) });
    expect(sentQuery(session.query(3)).prev).to.deep.equal(ts({ 'rm-2': 6 }));
  });

  it('leaves it at the answer to an update as well', () => {
    const session = knowing({ 'rm-1': 2, 'rm-2': 5 });
    session.update(2);
    session.updated(2, {
      timestamp: ts({ 'rm-2': 6 }),
      alternative: ts({ 'rm-2': 5, 'rm-3': 1 }),
    });
    expect(sentUpdate(session.update(3))).to.deep.include({
      prev: ts({ 'rm-2': 6 }),
      alternative: ts({ 'rm-2': 5, 'rm-3': 1 }),
    });
  });

  it('stays where the answer was to a request that did not name it', () => {
    const session = new TestSession({ pipeline: true });
    session.query(1);
    session.query(2);
    session.answered(1, { timestamp: ts({ 'rm-1': 2 }) });
    session.answered(2, { timestamp: ts({ 'rm-2': 5 }) });
    expect(sentQuery(session.query(3)).prev).to.deep.equal(ts({ 'rm-1': 2, 'rm-2': 5 }));
  });

  it('stays where more of it was told since that request was sent', () => {
    const session = knowing({ 'rm-1': 2 });
    session.query(2);
    session.query(3);
    session.answered(3, { timestamp: ts({ 'rm-1': 3 }) });
    session.answered(2, { timestamp: ts({ 'rm-2': 5 }) });
    expect(sentQuery(session.query(4)).prev).to.deep.equal(ts({ 'rm-1': 3, 'rm-2': 5 }));
  });

  it('stays where the answer may cover the other form of the past', () => {
    const session = new TestSession();
    session.update(1);
    session.updated(1, { timestamp: ts({ 'rm-1': 1 }), alternative: ts({ 'rm-2': 1 }) });
    session.query(2);
    session.answered(2, { timestamp: ts({ 'rm-2': 1, 'rm-3': 4 }) });
    expect(sentQuery(session.query(3))).to.deep.include({
      prev: ts({ 'rm-1': 1, 'rm-2': 1, 'rm-3': 4 }),
      alternative: ts({ 'rm-2': 1, 'rm-3': 4 }),
    });
  });

  it('stays where the result of an update was freed, and its place with it', () => {
    const session = knowing({ 'rm-1': 2 });
    session.update(2, { isForced: true });
    session.updated(2, { timestamp: VectorTimestamp.zero, repeated: true });
    expect(sentQuery(session.query(3)).prev).to.deep.equal(ts({ 'rm-1': 2 }));
  });
});

const NAMES = ['rm-1', 'rm-2', 'rm-3', 'rm-4'] as const;

/** One move of a cluster with a session: a request and its answer, or an origin that leaves. */
const move = fc.oneof(
  fc.record({ kind: fc.constant('leaves' as const), name: fc.constantFrom(...NAMES) }),
  fc.record({
    kind: fc.constantFrom('query' as const, 'update' as const),
    /** The replica that answers, and the other one of an update's pair; they hold more or less. */
    by: fc.constantFrom(...NAMES),
    other: fc.constantFrom(...NAMES),
    ahead: fc.array(fc.nat(2), { minLength: 4, maxLength: 4 }),
    formFirst: fc.boolean(),
  }),
);

describe('a session’s past, whatever leaves', () => {
  it('never loses what is still there, in either of its forms', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
        const session = new TestSession();
        const gone = new Set<Origin>();
        const counts = new Map<string, number>();
        const left = (timestamp: VectorTimestamp): VectorTimestamp =>
          VectorTimestamp.of([...timestamp.entries()].filter(([origin]) => !gone.has(origin)));
        let call = 0;
        for (const each of moves) {
          if (each.kind === 'leaves') {
            gone.add(originOf(each.name));
            continue;
          }
          call++;
          const before = { prev: session.state.prev, alternative: session.state.alternative };
          const served = left(each.formFirst ? before.prev : before.alternative);
          const more = ts(Object.fromEntries(NAMES.map((name, i) => [name, each.ahead[i] ?? 0])));
          if (each.kind === 'query') {
            session.query(call);
            session.answered(session.state.nextRequestId - 1, {
              timestamp: left(served.merge(more)),
            });
          } else {
            const recordOf = (name: string): VectorTimestamp => {
              counts.set(name, (counts.get(name) ?? 0) + 1);
              return left(served).with(originOf(`${name}x`), counts.get(name) ?? 1);
            };
            session.update(call);
            session.updated(session.state.nextRequestId - 1, {
              timestamp: recordOf(each.by),
              alternative: recordOf(each.other),
            });
          }
          const { prev, alternative } = session.state;
          expect(left(before.prev).leq(prev), 'the first form').to.equal(true);
          expect(left(before.alternative).leq(alternative), 'the second form').to.equal(true);
        }
        // What both forms name goes with the next answer.
        session.query(++call);
        const { prev, alternative } = session.state;
        session.answered(session.state.nextRequestId - 1, { timestamp: left(prev) });
        for (const origin of gone) {
          if (prev.get(origin) === 0 || alternative.get(origin) === 0) continue;
          expect(session.state.prev.get(origin) + session.state.alternative.get(origin)).to.equal(
            0,
          );
        }
      }),
      { numRuns: 300 },
    );
  });
});
