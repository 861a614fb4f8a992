/** Preconditions (PROTOCOL A9): asked before the update's first attempt, as a query of level auto. */

import { expect } from 'chai';
import type { SessionId } from '../../src/base/ids.js';
import { TestFrontend, asked, pairOf, replies, reply, sends, ts } from './support.js';

const HOLDS = { outcome: { kind: 'holds' } } as const;
const EXECUTED = { outcome: { kind: 'executed' } } as const;
const REFUSED = { outcome: { kind: 'refused', message: 'it is there already' } } as const;

/** A front end that checks an update; `first` and `second` were asked. */
function checking(fields: Parameters<TestFrontend['update']>[0] = {}) {
  const frontend = new TestFrontend();
  const effects = frontend.update(fields, true);
  const [first, second] = pairOf(asked(effects, 'query'));
  return { frontend, first, second, effects };
}

describe('an update with a precondition at the front end', () => {
  it('is checked first, under its id, at level auto', () => {
    const session = 'session-9' as SessionId;
    const prev = ts({ 3: 7 });
    const { effects } = checking({ session, n: 4, prev, timeoutMs: 1000 });
    expect(asked(effects, 'update')).to.deep.equal([]);
    for (const { message } of sends(effects, 'query')) {
      expect(message).to.deep.include({
        precondition: { session, n: 4 },
        collect: true,
        operation: 'set',
        args: { key: 'k', value: 1 },
        user: 'ann',
      });
      expect(message.prev.equals(prev)).to.equal(true);
    }
  });

  it('is sent when the precondition holds, and answered as any update', () => {
    const { frontend, first, second } = checking({ requestId: 9 });
    expect(asked(frontend.answers(first, HOLDS), 'update')).to.deep.equal([]);
    const effects = frontend.answers(second, HOLDS);
    expect(replies(effects)).to.deep.equal([]);
    expect(asked(effects, 'update')).to.deep.equal([first, second]);
    frontend.acknowledges(first);
    expect(reply(frontend.acknowledges(second), 'updated')).to.include({ requestId: 9, copies: 2 });
    expect(frontend.state.pending.size).to.equal(0);
    expect(frontend.state.pendingByClient.size).to.equal(0);
  });

  it('is sent when a replica has executed it already', () => {
    const { frontend, first, second } = checking();
    frontend.answers(first, EXECUTED);
    expect(asked(frontend.answers(second, EXECUTED), 'update')).to.deep.equal([first, second]);
  });

  it('is not sent when the precondition is refused, which is certain', () => {
    const { frontend, first, second } = checking({ requestId: 9 });
    frontend.answers(first, REFUSED);
    const effects = frontend.answers(second, REFUSED);
    expect(reply(effects, 'failed')).to.deep.equal({
      kind: 'failed',
      requestId: 9,
      code: 'REFUSED',
      message: 'it is there already',
      definite: true,
    });
    expect(asked([...effects, ...frontend.wait(1000)], 'update')).to.deep.equal([]);
  });

  it('is judged by an answer that covers what was told, not by an older one', () => {
    const { frontend, first, second } = checking();
    frontend.answers(first, HOLDS);
    const newer = { ...REFUSED, valueTimestamp: ts({ [second]: 1 }) };
    expect(reply(frontend.answers(second, newer), 'failed').code).to.equal('REFUSED');
  });

  it('is judged by a causal answer when too few members are there', () => {
    const frontend = new TestFrontend({ up: [2] });
    frontend.update({}, true);
    expect(asked(frontend.answers(2, HOLDS), 'update')).to.deep.equal([2]);
  });

  it('is not checked on a later attempt: an earlier one may be on its way', () => {
    const frontend = new TestFrontend();
    const effects = frontend.update({ attempt: 2 }, true);
    expect(asked(effects, 'query')).to.deep.equal([]);
    expect(asked(effects, 'update')).to.have.length(2);
  });

  it('is not checked where the operation has no precondition', () => {
    const frontend = new TestFrontend();
    expect(asked(frontend.update({}, false), 'query')).to.deep.equal([]);
  });

  it('fails for certain when nobody could check it in time', () => {
    const { frontend } = checking({ timeoutMs: 1000 });
    const effects = frontend.wait(1100);
    const failed = reply(effects, 'failed');
    expect(failed).to.deep.include({ code: 'UNAVAILABLE', definite: true });
    expect(asked(effects, 'update')).to.deep.equal([]);
  });

  it('fails for certain when it cannot be checked', () => {
    const { frontend, first } = checking();
    const failed = reply(frontend.declines(first, 'INVALID'), 'failed');
    expect(failed).to.deep.include({ code: 'INVALID', definite: true });
  });

  it('has one deadline for the check and the update', () => {
    const { frontend, first, second } = checking({ timeoutMs: 1000 });
    frontend.wait(400);
    frontend.answers(first, HOLDS);
    const [sent] = sends(frontend.answers(second, HOLDS), 'update');
    expect(sent?.message.timeoutMs).to.equal(540);
    expect(replies(frontend.wait(590))).to.deep.equal([]);
    expect(reply(frontend.wait(100), 'failed')).to.include({
      code: 'UNAVAILABLE',
      definite: false,
    });
  });

  it('is forgotten with its client while it is checked', () => {
    const { frontend, first, second } = checking();
    frontend.step({ kind: 'client-down', client: 1 });
    frontend.answers(first, HOLDS);
    expect(frontend.answers(second, HOLDS)).to.deep.equal([]);
  });
});
