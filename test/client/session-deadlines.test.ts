/** The session core: deadlines, silent front ends, and the end of a session. */

import { expect } from 'chai';
import { failures, kindsOf, sentUpdate, sentUpdates, TestSession } from './support.js';

describe('the deadlines of a session', () => {
  it('leave the front end 250 ms to say it itself', () => {
    const session = new TestSession();
    session.update(1, { timeoutMs: 1000 });
    expect(failures(session.wait(1240))).to.deep.equal([]);
    const [failed] = failures(session.wait(10));
    expect(failed?.error).to.include({ code: 'TIMEOUT', definite: false });
    expect(failed?.error.message).to.contain('1000 ms');
  });

  it('let the next update go when one has failed', () => {
    const session = new TestSession();
    session.update(1, { timeoutMs: 1000 });
    session.update(2, { timeoutMs: 9000 });
    const effects = session.wait(1250);
    expect(failures(effects).map(({ call }) => call)).to.deep.equal([1]);
    expect(sentUpdate(effects)).to.include({ n: 2, answered: 1, timeoutMs: 7750 });
  });

  it('hold for updates that wait for their turn: those were certainly not sent', () => {
    const session = new TestSession();
    session.update(1, { timeoutMs: 9000 });
    session.update(2, { timeoutMs: 1000 });
    const effects = session.wait(1000);
    expect(sentUpdates(effects)).to.deep.equal([]);
    expect(failures(effects).map(({ call, error }) => [call, error.code, error.definite]))
      .to.deep //
      .equal([[2, 'TIMEOUT', true]]);
    session.update(3);
    expect(sentUpdate(session.updated(1)).n).to.equal(2);
  });

  it('hold for each waiting update, also behind one that has more time', () => {
    const session = new TestSession();
    session.update(1, { timeoutMs: 9000 });
    session.update(2, { timeoutMs: 8000 });
    session.update(3, { timeoutMs: 1000 });
    expect(failures(session.wait(1000)).map(({ call }) => call)).to.deep.equal([3]);
    expect(sentUpdate(session.updated(1)).n).to.equal(2);
  });

  it('are looked at before an update gets its turn', () => {
    const session = new TestSession();
    session.update(1, { timeoutMs: 9000 });
    session.update(2, { timeoutMs: 1000 });
    session.update(3, { timeoutMs: 9000 });
    session.nowMs += 1000;
    const effects = session.updated(1);
    expect(failures(effects).map(({ call }) => call)).to.deep.equal([2]);
    expect(sentUpdate(effects)).to.include({ n: 2, requestId: 2 });
  });
});

describe('a silent front end', () => {
  it('is left after three seconds, where there is another one', () => {
    const session = new TestSession({ hasOthers: true });
    session.query(1, { timeoutMs: 9000 });
    expect(kindsOf(session.wait(2990))).to.not.include('leave');
    expect(kindsOf(session.wait(10))).to.include('leave');
  });

  it('is kept where there is no other one', () => {
    const session = new TestSession({ hasOthers: false });
    session.query(1, { timeoutMs: 9000 });
    expect(kindsOf(session.wait(9000))).to.not.include('leave');
  });

  it('is left as well where it told of another one after it was asked', () => {
    const session = new TestSession({ hasOthers: false });
    session.query(1, { timeoutMs: 9000 });
    session.step({ kind: 'frontends', hasOthers: true });
    expect(kindsOf(session.wait(2990))).to.not.include('leave');
    expect(kindsOf(session.wait(10))).to.include('leave');
  });

  it('is kept while it answers something', () => {
    const session = new TestSession({ hasOthers: true });
    session.query(1, { timeoutMs: 9000 });
    session.query(2, { timeoutMs: 9000 });
    session.wait(2000);
    session.answered(2);
    expect(kindsOf(session.wait(2990))).to.not.include('leave');
    expect(kindsOf(session.wait(10))).to.include('leave');
  });

  it('is kept while nothing is asked of it', () => {
    const session = new TestSession({ hasOthers: true });
    session.query(1, { timeoutMs: 9000 });
    session.answered(1);
    expect(kindsOf(session.wait(9000))).to.not.include('leave');
  });

  it('has its time counted from the connection', () => {
    const session = new TestSession({ hasOthers: true }, false);
    session.query(1, { timeoutMs: 9000 });
    session.wait(2900);
    session.connected();
    expect(kindsOf(session.wait(2990))).to.not.include('leave');
    expect(kindsOf(session.wait(10))).to.include('leave');
  });
});

describe('a session that is closed', () => {
  it('fails all that is under way, and says what is certain', () => {
    const session = new TestSession();
    session.update(1);
    session.update(2);
    session.query(3);
    const effects = session.closed();
    expect(
      failures(effects).map(({ call, error }) => [call, error.code, error.definite]),
    ).to.have.deep.members([
      [1, 'UNAVAILABLE', false],
      [2, 'UNAVAILABLE', true],
      [3, 'UNAVAILABLE', true],
    ]);
    expect(sentUpdates(effects)).to.deep.equal([]);
    expect(session.state.open.size + session.state.queue.length).to.equal(0);
  });

  it('knows that what was never sent had no effect', () => {
    const session = new TestSession({}, false);
    session.update(1);
    expect(failures(session.closed())[0]?.error).to.include({ definite: true });
  });
});
