/** Queries at the front end: the level causal, what is cancelled, how they fail. */

import { expect } from 'chai';
import { LIMITS } from '../../src/base/limits.js';
import type { Name } from '../../src/base/ids.js';
import {
  TestFrontend,
  asked,
  cancelled,
  clientQuery,
  memberOf,
  others,
  pairOf,
  replies,
  reply,
  sends,
  ts,
} from './support.js';

type Fields = Parameters<TestFrontend['query']>[0];

/** A front end with a query under way; `first` and `second` were sent it, `third` is the other of 3. */
function querying(fields: Fields = {}) {
  const frontend = new TestFrontend();
  const [first, second] = pairOf(asked(frontend.query(fields), 'query'));
  const [third] = others(3, first, second) as [number];
  return { frontend, first, second, third };
}

describe('a causal query at the front end', () => {
  it('goes to two replicas at once', () => {
    const frontend = new TestFrontend();
    const prev = ts({ 3: 7 });
    const sent = sends(frontend.query({ prev, timeoutMs: 1000 }), 'query');
    pairOf(sent.map(({ to }) => to));
    for (const { message } of sent) {
      expect(message).to.deep.include({ collect: false, precondition: null, timeoutMs: 900 });
      expect(message).to.deep.include({ operation: 'get', args: { key: 'k' }, user: 'ann' });
      expect(message.prev.equals(prev)).to.equal(true);
    }
  });

  it('takes the first answer, with its timestamp', () => {
    const { frontend, second } = querying({ requestId: 9 });
    const valueTimestamp = ts({ [second]: 4 });
    const latest = { physicalMs: 5, logical: 6 };
    const effects = frontend.answers(second, { valueTimestamp, latest, counted: false });
    const answered = reply(effects, 'answered');
    expect(answered).to.deep.include({ requestId: 9, guarantee: 'causal', latest });
    expect(answered.value).to.equal(`of rm-${second}`);
    expect(answered.timestamp.equals(valueTimestamp)).to.equal(true);
  });

  it('cancels the slower one at the next flush, once', () => {
    const { frontend, first, second } = querying();
    const id = frontend.lastRequest(second);
    expect(cancelled(frontend.answers(first))).to.deep.equal([]);
    expect(cancelled(frontend.flush())).to.deep.equal([`${second}:${id}`]);
    expect(frontend.flush()).to.deep.equal([]);
  });

  it('cancels nothing when the slower one has answered by then', () => {
    const { frontend, first, second } = querying();
    frontend.answers(first);
    expect(replies(frontend.answers(second))).to.deep.equal([]);
    expect(frontend.flush()).to.deep.equal([]);
  });

  it('cancels nothing when the slower one has declined, or gone, by then', () => {
    const declining = querying();
    declining.frontend.answers(declining.first);
    declining.frontend.declines(declining.second, 'OVERLOADED');
    expect(declining.frontend.flush()).to.deep.equal([]);
    const leaving = querying();
    leaving.frontend.answers(leaving.first);
    leaving.frontend.down(leaving.second);
    expect(leaving.frontend.flush()).to.deep.equal([]);
  });

  it('cancels many in one message to each replica', () => {
    const frontend = new TestFrontend({ members: 2 });
    for (let requestId = 1; requestId <= 3; requestId++) {
      frontend.query({ requestId });
      frontend.answers(1);
    }
    expect(sends(frontend.flush(), 'cancel')).to.deep.equal([
      { to: 2, message: { kind: 'cancel', requestIds: [100, 101, 102] } },
    ]);
  });

  it('cancels as many as one message may name, and leaves the rest to their deadlines', () => {
    const frontend = new TestFrontend({ members: 2 });
    const { toCancel, replicaByLink } = frontend.state;
    for (let id = 0; id <= LIMITS.frontendRequests; id++)
      toCancel.set(id, new Set(replicaByLink.keys()));
    const [cancel] = sends(frontend.flush(), 'cancel');
    expect(cancel?.message.requestIds).to.have.length(LIMITS.frontendRequests);
  });

  it('goes to another replica when one goes down, declines or is slow', () => {
    const leaving = querying();
    expect(asked(leaving.frontend.down(leaving.first), 'query')).to.deep.equal([leaving.third]);
    const declining = querying();
    const effects = declining.frontend.declines(declining.first, 'OVERLOADED');
    expect(asked(effects, 'query')).to.deep.equal([declining.third]);
    const slow = querying();
    expect(asked(slow.frontend.wait(140), 'query')).to.deep.equal([]);
    expect(asked(slow.frontend.wait(60), 'query')).to.deep.equal([slow.third]);
  });

  it('fails at once where a replica says that no replica can take it', () => {
    const { frontend, first } = querying();
    const failed = reply(frontend.declines(first, 'INVALID', 'no such key'), 'failed');
    expect(failed).to.deep.include({ code: 'INVALID', message: 'no such key', definite: true });
    expect(frontend.state.pending.size).to.equal(0);
  });

  it('says REFUSED where the service refuses', () => {
    const { frontend, first } = querying();
    const outcome = { kind: 'refused', message: 'not yours' } as const;
    const failed = reply(frontend.answers(first, { outcome }), 'failed');
    expect(failed).to.deep.include({ code: 'REFUSED', message: 'not yours', definite: true });
  });

  it('fails at the deadline when nobody answers, for certain', () => {
    const { frontend } = querying({ timeoutMs: 1000 });
    expect(replies(frontend.wait(990))).to.deep.equal([]);
    const failed = reply(frontend.wait(100), 'failed');
    expect(failed).to.deep.include({ code: 'UNAVAILABLE', definite: true });
    expect(failed.message).to.contain('all 3 replicas can be reached');
    expect(asked(frontend.flush(), 'cancel')).to.have.members([1, 2, 3]);
  });

  it('passes on what a replica waited for in vain', () => {
    const { frontend, first } = querying({ timeoutMs: 1000 });
    frontend.declines(first, 'TIMEOUT', 'rm-2 alone holds it');
    const failed = reply(frontend.wait(1100), 'failed');
    expect(failed).to.deep.include({ code: 'TIMEOUT', message: 'rm-2 alone holds it' });
  });

  it('is answered by a single replica', () => {
    const frontend = new TestFrontend({ members: 1 });
    expect(asked(frontend.query(), 'query')).to.deep.equal([1]);
    expect(reply(frontend.answers(1), 'answered').guarantee).to.equal('causal');
  });
});

describe('messages a front end did not ask for', () => {
  it('are let pass: of unknown links, requests and replicas', () => {
    const frontend = new TestFrontend();
    expect(frontend.answers(1, { requestId: 7 })).to.deep.equal([]);
    expect(frontend.acknowledges(1, { requestId: 7 })).to.deep.equal([]);
    const name = 'rm-9' as Name;
    const unknown = { kind: 'replica-up', link: 99, name, memberId: memberOf(9) } as const;
    expect(frontend.step(unknown)).to.deep.equal([]);
    expect(frontend.step({ kind: 'replica-down', link: 99 })).to.deep.equal([]);
    expect(asked(frontend.query(), 'query')).to.not.include(9);
  });

  it('do not end a request of the other kind', () => {
    const frontend = new TestFrontend();
    const request = clientQuery();
    frontend.step({ kind: 'client-query', client: 1, request });
    expect(frontend.acknowledges(1, { requestId: 100 })).to.deep.equal([]);
    expect(frontend.state.pending.size).to.equal(1);
  });
});
