/** The session core: updates whose arguments a front end completes first (docs/protocol.md, A7). */

import { expect } from 'chai';
import type { Origin } from '../../src/base/ids.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import {
  failures,
  kindsOf,
  sentLookup,
  sentQuery,
  sentUpdate,
  sentUpdates,
  TestSession,
} from './support.js';

const ARGS = { postcode: 'SW1A 1AA' };
const FOUND = { ...ARGS, latitude: 51.5, longitude: -0.14 };

const ts = (count: number): VectorTimestamp =>
  VectorTimestamp.of([['rm-1.d1~s1' as Origin, count]]);

/** A session that has begun to look up what update 1 needs. */
function lookingUp(session = new TestSession(), timeoutMs = 9000): TestSession {
  session.update(1, { operation: 'register', args: ARGS, hasLookup: true, timeoutMs });
  return session;
}

describe('an update with a lookup', () => {
  it('is looked up first, by a message of its own', () => {
    const session = new TestSession();
    const effects = session.update(1, {
      operation: 'register',
      args: ARGS,
      hasLookup: true,
      timeoutMs: 700,
    });
    expect(sentUpdates(effects)).to.deep.equal([]);
    expect(sentLookup(effects)).to.deep.equal({
      kind: 'client-lookup',
      requestId: 1,
      operation: 'register',
      args: ARGS,
      user: 'ann',
      timeoutMs: 700,
    });
  });

  it('is then sent with what was found, in the time that is left', () => {
    const session = lookingUp();
    session.nowMs += 400;
    expect(sentUpdate(session.lookedUp(1, FOUND))).to.deep.include({
      kind: 'client-update',
      requestId: 2,
      n: 1,
      attempt: 1,
      operation: 'register',
      args: FOUND,
      timeoutMs: 8600,
    });
    expect(session.updated(2)[0]).to.deep.include({ kind: 'updated', call: 1 });
    expect(session.state.open.size).to.equal(0);
  });

  it('has the past and the stamp of when it is sent', () => {
    const session = lookingUp();
    session.query(2);
    session.answered(2, { timestamp: ts(4), latest: { physicalMs: 9_000_000, logical: 3 } });
    const { prev, stamp } = sentUpdate(session.lookedUp(1, FOUND));
    expect(prev.equals(ts(4))).to.equal(true);
    expect(stamp).to.deep.equal({ physicalMs: 9_000_000, logical: 4 });
  });

  it('has the same body in every retry: nothing is looked up again', () => {
    const session = lookingUp();
    const first = sentUpdate(session.lookedUp(1, FOUND));
    session.disconnected();
    const again = session.connected();
    expect(kindsOf(again)).to.deep.equal(['send']);
    expect(sentUpdate(again)).to.deep.equal({ ...first, attempt: 2 });
    session.failed(2, 'UNAVAILABLE', false);
    const third = sentUpdate(session.wait(50));
    expect(third).to.deep.equal({ ...first, attempt: 3, timeoutMs: third.timeoutMs });
  });

  it('holds up later updates from its beginning, and no queries', () => {
    const session = lookingUp();
    expect(sentUpdates(session.update(2))).to.deep.equal([]);
    expect(sentQuery(session.query(3)).requestId).to.equal(2);
    expect(sentUpdate(session.lookedUp(1, FOUND))).to.include({ n: 1, requestId: 3 });
    expect(sentUpdate(session.updated(3))).to.include({ n: 2, answered: 1 });
  });

  it('is looked up in its turn', () => {
    const session = new TestSession();
    session.update(1);
    expect(kindsOf(session.update(2, { hasLookup: true }))).to.not.include('send');
    expect(sentLookup(session.updated(1)).requestId).to.equal(2);
  });

  it('does not wait for others, nor they for it, when updates are pipelined', () => {
    const session = lookingUp(new TestSession({ pipeline: true }));
    expect(sentUpdate(session.update(2)).n).to.equal(1);
    expect(sentUpdate(session.lookedUp(1, FOUND)).n).to.equal(2);
  });
});

describe('a lookup', () => {
  it('is sent once there is a front end', () => {
    const session = lookingUp(new TestSession({}, false), 1000);
    session.nowMs += 300;
    expect(sentLookup(session.connected())).to.include({ requestId: 1, timeoutMs: 700 });
  });

  it('is asked for again at the next front end when its own goes away', () => {
    const session = lookingUp();
    session.disconnected();
    session.nowMs += 100;
    expect(sentLookup(session.connected())).to.deep.include({ args: ARGS, timeoutMs: 8900 });
    expect(sentUpdate(session.lookedUp(1, FOUND))).to.include({ n: 1, attempt: 1 });
  });

  it('is tried again where that may help', () => {
    const session = lookingUp();
    expect(failures(session.failed(1, 'UNAVAILABLE', true))).to.deep.equal([]);
    expect(sentLookup(session.wait(50)).requestId).to.equal(1);
    session.failed(1, 'OVERLOADED', true);
    expect(sentLookup(session.wait(100)).requestId).to.equal(1);
    expect(sentUpdate(session.lookedUp(1, FOUND)).attempt).to.equal(1);
  });

  it('that is refused ends the call for certain, and uses up no number', () => {
    const session = lookingUp();
    session.update(2);
    session.disconnected();
    session.connected();
    const effects = session.failed(1, 'INVALID', true, 'no such postcode');
    expect(failures(effects)).to.deep.equal([
      {
        kind: 'failed',
        call: 1,
        error: { code: 'INVALID', message: 'no such postcode', definite: true },
      },
    ]);
    expect(sentUpdate(effects)).to.include({ n: 1, answered: 0 });
  });

  it('has no effect, whatever code and certainty its failure comes with', () => {
    const session = lookingUp(new TestSession(), 40);
    const [failed] = failures(session.failed(1, 'UNAVAILABLE', false, 'nobody answers'));
    expect(failed?.error).to.include({ code: 'UNAVAILABLE', definite: true });
  });

  it('is certain to have no effect at the deadline', () => {
    const session = lookingUp(new TestSession(), 1000);
    const [failed] = failures(session.wait(1250));
    expect(failed?.error).to.include({ code: 'TIMEOUT', definite: true });
    expect(failed?.error.message).to.match(/register .* 1000 ms; it was not sent/);
  });

  it('tells why it failed before it was cut short by the deadline', () => {
    const session = lookingUp(new TestSession(), 1000);
    session.failed(1, 'UNAVAILABLE', true, 'postcodes.io is away');
    session.wait(50);
    session.nowMs += 950;
    const [failed] = failures(session.failed(1, 'TIMEOUT', true, 'not found within 950 ms'));
    expect(failed?.error).to.deep.equal({
      code: 'UNAVAILABLE',
      message: 'postcodes.io is away',
      definite: true,
    });
  });

  it('that succeeds after the deadline is of no use: nothing is sent', () => {
    const session = lookingUp(new TestSession(), 1000);
    session.nowMs += 1000;
    const effects = session.lookedUp(1, FOUND);
    expect(sentUpdates(effects)).to.deep.equal([]);
    expect(failures(effects)[0]?.error).to.include({ code: 'TIMEOUT', definite: true });
  });

  it('is answered once: what comes later is not for the update', () => {
    const session = lookingUp();
    session.lookedUp(1, FOUND);
    expect(session.lookedUp(1, FOUND)).to.deep.equal([]);
    expect(session.lookedUp(2, ARGS)).to.deep.equal([]);
    expect(session.failed(1, 'INVALID', true)).to.deep.equal([]);
    expect(session.state.open.size).to.equal(1);
  });

  it('may take eight seconds before the front end is left for another one', () => {
    const session = lookingUp(new TestSession({ hasOthers: true }));
    expect(kindsOf(session.wait(7990))).to.not.include('leave');
    expect(kindsOf(session.wait(10))).to.include('leave');
  });

  it('does not keep a front end that leaves another request unanswered', () => {
    const session = lookingUp(new TestSession({ hasOthers: true }));
    session.query(2, { timeoutMs: 9000 });
    expect(kindsOf(session.wait(3000))).to.include('leave');
  });

  it('under way when the session is closed fails for certain', () => {
    const session = lookingUp();
    const [failed] = failures(session.closed());
    expect(failed?.error).to.include({ code: 'UNAVAILABLE', definite: true });
    expect(session.state.open.size).to.equal(0);
  });
});
