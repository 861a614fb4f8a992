/** The session core: numbers, stamps and timestamps of requests, retries, deadlines, and what is certain. */

import { expect } from 'chai';
import type { Origin } from '../../src/base/ids.js';
import { compareStamps } from '../../src/timestamp/stamp.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { TestSession, failures, kindsOf, sentQuery, sentUpdate, sentUpdates } from './support.js';

const ts = (count: number, name = 'rm-1'): VectorTimestamp =>
  VectorTimestamp.of([[`${name}.d1~s1` as Origin, count]]);

describe('what a session sends', () => {
  it('is a query with all that it was told', () => {
    const session = new TestSession();
    expect(sentQuery(session.query(1, { consistency: 'fresh', timeoutMs: 700 }))).to.deep.equal({
      kind: 'client-query',
      requestId: 1,
      session: 'session-1',
      prev: VectorTimestamp.zero,
      consistency: 'fresh',
      operation: 'get',
      args: { key: 'k' },
      user: 'ann',
      timeoutMs: 700,
    });
  });

  it('is an update with its number, stamp and attempt', () => {
    const session = new TestSession();
    session.wallMs = 5000;
    expect(sentUpdate(session.update(1, { minCopies: 2, timeoutMs: 700 }))).to.deep.equal({
      kind: 'client-update',
      requestId: 1,
      session: 'session-1',
      n: 1,
      answered: 0,
      attempt: 1,
      stamp: { physicalMs: 5000, logical: 0 },
      prev: VectorTimestamp.zero,
      operation: 'set',
      args: { key: 'k', value: 1 },
      user: 'ann',
      minCopies: 2,
      timeoutMs: 700,
    });
  });

  it('depends on every answer before it, of updates and of queries', () => {
    const session = new TestSession();
    session.update(1);
    session.updated(1, { timestamp: ts(3) });
    session.query(2);
    const both = ts(3).merge(ts(4, 'rm-2'));
    session.answered(2, { timestamp: both });
    session.update(3);
    session.updated(3, { timestamp: both.merge(ts(1, 'rm-3')) });
    const { prev } = sentUpdate(session.update(4));
    expect(prev.equals(both.merge(ts(1, 'rm-3')))).to.equal(true);
  });

  it('never depends on less than before, whatever an answer says', () => {
    const session = new TestSession();
    session.query(1);
    session.answered(1, { timestamp: ts(4) });
    session.query(2);
    session.answered(2, { timestamp: ts(2) });
    expect(sentQuery(session.query(3)).prev.equals(ts(4))).to.equal(true);
  });

  it('has stamps later than its own ones, though the clock stands still or goes back', () => {
    const session = new TestSession({ pipeline: true });
    const stamps = [5000, 5000, 4000, 5001].map((wallMs, i) => {
      session.wallMs = wallMs;
      return sentUpdate(session.update(i)).stamp;
    });
    for (let i = 1; i < stamps.length; i++) {
      const [earlier, later] = stamps.slice(i - 1, i + 1);
      if (earlier === undefined || later === undefined) throw new Error('two stamps');
      expect(compareStamps(earlier, later)).to.be.lessThan(0);
    }
  });

  it('has stamps later than those it was shown, by updates and by queries', () => {
    const session = new TestSession();
    session.wallMs = 5000;
    session.query(1);
    session.answered(1, { latest: { physicalMs: 9000, logical: 3 } });
    expect(sentUpdate(session.update(2)).stamp).to.deep.equal({ physicalMs: 9000, logical: 4 });
    session.updated(2, { latest: { physicalMs: 9500, logical: 0 } });
    expect(sentUpdate(session.update(3)).stamp).to.deep.equal({ physicalMs: 9500, logical: 1 });
  });

  it('is not held to the stamp of an update that was refused: its clock may have been wrong', () => {
    const session = new TestSession();
    session.wallMs = 9_000_000;
    session.update(1);
    session.failed(1, 'INVALID', true);
    session.wallMs = 5000;
    expect(sentUpdate(session.update(2)).stamp).to.deep.equal({ physicalMs: 5000, logical: 0 });
  });

  it('is held to the stamp of an update that may have taken effect, and of those under way', () => {
    const session = new TestSession({ pipeline: true });
    session.wallMs = 9000;
    session.update(1);
    session.wallMs = 5000;
    session.update(2);
    session.failed(2, 'INVALID', true);
    expect(sentUpdate(session.update(3)).stamp.physicalMs, 'one under way').to.equal(9000);
    session.failed(3, 'INVALID', true);
    session.wait(6000);
    expect(session.state.open.size, 'the first one ended as unknown').to.equal(0);
    expect(sentUpdate(session.update(4)).stamp).to.deep.equal({ physicalMs: 9000, logical: 1 });
  });

  it('counts updates, and says up to which they are answered', () => {
    const session = new TestSession({ pipeline: true });
    const sent = [1, 2, 3].map((call) => sentUpdate(session.update(call)));
    expect(sent.map(({ n, answered }) => [n, answered])).to.deep.equal([
      [1, 0],
      [2, 0],
      [3, 0],
    ]);
    session.updated(2);
    expect(sentUpdate(session.update(4))).to.include({ n: 4, answered: 0 });
    session.updated(1);
    expect(sentUpdate(session.update(5))).to.include({ n: 5, answered: 2 });
    session.failed(3, 'INVALID', true);
    expect(sentUpdate(session.update(6))).to.include({ n: 6, answered: 3 });
  });
});

describe('the updates of a session', () => {
  it('wait for the answer to the one before', () => {
    const session = new TestSession();
    session.update(1);
    expect(sentUpdates(session.update(2))).to.deep.equal([]);
    expect(sentUpdates(session.update(3))).to.deep.equal([]);
    const second = sentUpdate(session.updated(1, { timestamp: ts(3) }));
    expect(second).to.include({ n: 2, answered: 1 });
    expect(second.prev.equals(ts(3))).to.equal(true);
    expect(sentUpdate(session.failed(second.requestId, 'REFUSED', true)).n).to.equal(3);
  });

  it('do not hold up queries', () => {
    const session = new TestSession();
    session.update(1);
    expect(sentQuery(session.query(2)).kind).to.equal('client-query');
  });

  it('do not wait when they are pipelined', () => {
    const session = new TestSession({ pipeline: true });
    expect([1, 2, 3].map((call) => sentUpdate(session.update(call)).n)).to.deep.equal([1, 2, 3]);
  });

  it('are handed back with the number of the call', () => {
    const session = new TestSession();
    session.query(17);
    session.update(18);
    const [updated] = session.updated(2, { copies: 2 });
    expect(updated).to.deep.include({ kind: 'updated', call: 18 });
    const [answered] = session.answered(1, { value: 'v' });
    expect(answered).to.deep.include({ kind: 'answered', call: 17 });
    expect(session.state.open.size).to.equal(0);
  });

  it('are answered once', () => {
    const session = new TestSession();
    session.update(1);
    session.updated(1);
    expect(session.updated(1)).to.deep.equal([]);
    expect(session.failed(1, 'INVALID', true)).to.deep.equal([]);
  });
});

describe('a session without a connection', () => {
  it('sends everything once there is one, with the time that is left', () => {
    const session = new TestSession({}, false);
    expect(kindsOf(session.update(1, { timeoutMs: 1000 }))).to.deep.equal(['wake']);
    session.query(2);
    session.nowMs += 300;
    const effects = session.connected();
    expect(sentUpdate(effects)).to.include({ n: 1, attempt: 1, timeoutMs: 700 });
    expect(sentQuery(effects).requestId).to.equal(2);
  });

  it('fails at the deadline, for certain', () => {
    const session = new TestSession({}, false);
    session.update(1, { timeoutMs: 1000 });
    expect(failures(session.wait(990))).to.deep.equal([]);
    const [failed] = failures(session.wait(10));
    expect(failed).to.deep.include({ call: 1 });
    expect(failed?.error).to.include({ code: 'UNAVAILABLE', definite: true });
    expect(failed?.error.message).to.contain('no front end could be reached');
  });

  it('sends an update again with the same id, stamp and timestamp, as a later attempt', () => {
    const session = new TestSession();
    const first = sentUpdate(session.update(1, { timeoutMs: 1000 }));
    session.query(2);
    session.answered(2, { timestamp: ts(4), latest: { physicalMs: 9_000_000, logical: 0 } });
    session.disconnected();
    session.nowMs += 200;
    const again = sentUpdate(session.connected());
    expect(again).to.deep.equal({ ...first, attempt: 2, timeoutMs: 800 });
    expect(again.prev.equals(first.prev)).to.equal(true);
    session.disconnected();
    expect(sentUpdate(session.connected()).attempt).to.equal(3);
  });

  it('does not count an attempt that was never sent', () => {
    const session = new TestSession({}, false);
    session.update(1);
    session.disconnected();
    expect(sentUpdate(session.connected()).attempt).to.equal(1);
  });

  it('does not know whether an update that was sent took effect', () => {
    const session = new TestSession();
    session.update(1, { timeoutMs: 1000 });
    session.disconnected();
    const [failed] = failures(session.wait(1300));
    expect(failed?.error).to.include({ code: 'UNAVAILABLE', definite: false });
  });

  it('knows that a query has no effect', () => {
    const session = new TestSession();
    session.query(1, { timeoutMs: 1000 });
    session.disconnected();
    expect(failures(session.wait(1300))[0]?.error).to.include({ definite: true });
  });
});

describe('a failure that a session is told', () => {
  it('goes to the program at once where it is final', () => {
    const session = new TestSession();
    session.update(7);
    const [failed] = failures(session.failed(1, 'REFUSED', true, 'not yours'));
    expect(failed).to.deep.equal({
      kind: 'failed',
      call: 7,
      error: { code: 'REFUSED', message: 'not yours', definite: true },
    });
  });

  it('is tried again after 50 ms, then 100, where that may help; certain ones as the same attempt', () => {
    const session = new TestSession();
    const first = sentUpdate(session.update(1, { timeoutMs: 5000 }));
    expect(failures(session.failed(1, 'OVERLOADED', true))).to.deep.equal([]);
    expect(sentUpdates(session.wait(40))).to.deep.equal([]);
    const again = sentUpdate(session.wait(10));
    expect(again).to.deep.equal({ ...first, timeoutMs: 4950 });
    session.failed(1, 'OVERLOADED', true);
    expect(sentUpdates(session.wait(90))).to.deep.equal([]);
    expect(sentUpdate(session.wait(10)).attempt).to.equal(1);
  });

  it('is tried again as a later attempt where the outcome is unknown', () => {
    const session = new TestSession();
    session.update(1, { timeoutMs: 5000 });
    session.failed(1, 'UNAVAILABLE', false);
    expect(sentUpdate(session.wait(50))).to.include({ n: 1, attempt: 2 });
  });

  it('is not certain any more when an earlier attempt may have taken effect', () => {
    const session = new TestSession();
    session.update(1);
    session.disconnected();
    session.connected();
    const [failed] = failures(session.failed(1, 'INVALID', true));
    expect(failed?.error).to.include({ code: 'INVALID', definite: false });
  });

  it('goes to the program where no time is left to try again', () => {
    const session = new TestSession();
    session.update(1, { timeoutMs: 1000 });
    session.nowMs += 960;
    const [failed] = failures(session.failed(1, 'UNAVAILABLE', false, 'rm-2 is away'));
    expect(failed?.error).to.deep.equal({
      code: 'UNAVAILABLE',
      message: 'rm-2 is away',
      definite: false,
    });
  });

  it('is what the program hears at the deadline, certain where nothing is under way', () => {
    const session = new TestSession();
    session.update(1, { timeoutMs: 1000 });
    session.failed(1, 'OVERLOADED', true, 'too much to do');
    session.disconnected();
    const [failed] = failures(session.wait(1000));
    expect(failed?.error).to.deep.equal({
      code: 'OVERLOADED',
      message: 'too much to do',
      definite: true,
    });
  });

  it('is not certain at the deadline where an attempt is under way', () => {
    const session = new TestSession();
    session.update(1, { timeoutMs: 1000 });
    session.failed(1, 'OVERLOADED', true);
    const [failed] = failures(session.wait(1300));
    expect(failed?.error).to.include({ code: 'OVERLOADED', definite: false });
  });
});
