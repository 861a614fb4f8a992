/** Queries at the front end: which answers are good enough for each level, and what is cancelled. */

import { expect } from 'chai';
import type { Name } from '../../src/base/ids.js';
import type { Consistency } from '../../src/wire/messages.js';
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
function querying(consistency: Consistency, fields: Fields = {}) {
  const frontend = new TestFrontend();
  const [first, second] = pairOf(asked(frontend.query({ ...fields, consistency }), 'query'));
  const [third] = others(3, first, second) as [number];
  return { frontend, first, second, third };
}

/** A fresh query in its second round: `second` told of an update that `first` has not executed. */
function inSecondRound(fields: Fields = {}) {
  const found = querying('fresh', fields);
  const { frontend, first, second } = found;
  const target = ts({ [first]: 2, [second]: 5 });
  frontend.answers(first, { valueTimestamp: ts({ [first]: 2 }) });
  const effects = frontend.collected(second, { replicaTimestamp: ts({ [second]: 5 }) });
  return { ...found, target, effects };
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
    const { frontend, second } = querying('causal', { requestId: 9 });
    const valueTimestamp = ts({ [second]: 4 });
    const latest = { physicalMs: 5, logical: 6 };
    const answer = frontend.answers(second, { valueTimestamp, latest, counted: false });
    expect(reply(answer, 'answered')).to.deep.equal({
      kind: 'answered',
      requestId: 9,
      guarantee: 'causal',
      timestamp: valueTimestamp,
      latest,
      value: `of rm-${second}`,
    });
  });

  it('cancels the slower one at the next flush, once', () => {
    const { frontend, first, second } = querying('causal');
    const id = frontend.lastRequest(second);
    expect(cancelled(frontend.answers(first))).to.deep.equal([]);
    expect(cancelled(frontend.flush())).to.deep.equal([`${second}:${id}`]);
    expect(frontend.flush()).to.deep.equal([]);
  });

  it('cancels nothing when the slower one has answered by then', () => {
    const { frontend, first, second } = querying('causal');
    frontend.answers(first);
    expect(replies(frontend.answers(second))).to.deep.equal([]);
    expect(frontend.flush()).to.deep.equal([]);
  });

  it('cancels nothing when the slower one has declined, or gone, by then', () => {
    const declining = querying('causal');
    declining.frontend.answers(declining.first);
    declining.frontend.declines(declining.second, 'OVERLOADED');
    expect(declining.frontend.flush()).to.deep.equal([]);
    const leaving = querying('causal');
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

  it('goes to another replica when one goes down, declines or is slow', () => {
    const leaving = querying('causal');
    expect(asked(leaving.frontend.down(leaving.first), 'query')).to.deep.equal([leaving.third]);
    const declining = querying('causal');
    const effects = declining.frontend.declines(declining.first, 'OVERLOADED');
    expect(asked(effects, 'query')).to.deep.equal([declining.third]);
    const slow = querying('causal');
    expect(asked(slow.frontend.wait(140), 'query')).to.deep.equal([]);
    expect(asked(slow.frontend.wait(60), 'query')).to.deep.equal([slow.third]);
  });

  it('fails at once where a replica says that no replica can take it', () => {
    const { frontend, first } = querying('causal');
    const failed = reply(frontend.declines(first, 'INVALID', 'no such key'), 'failed');
    expect(failed).to.deep.include({ code: 'INVALID', message: 'no such key', definite: true });
    expect(frontend.state.pending.size).to.equal(0);
  });

  it('says REFUSED where the service refuses', () => {
    const { frontend, first } = querying('causal');
    const outcome = { kind: 'refused', message: 'not yours' } as const;
    const failed = reply(frontend.answers(first, { outcome }), 'failed');
    expect(failed).to.deep.include({ code: 'REFUSED', message: 'not yours', definite: true });
  });

  it('fails at the deadline when nobody answers, for certain', () => {
    const { frontend } = querying('causal', { timeoutMs: 1000 });
    expect(replies(frontend.wait(990))).to.deep.equal([]);
    const failed = reply(frontend.wait(100), 'failed');
    expect(failed).to.deep.include({ code: 'UNAVAILABLE', definite: true });
    expect(failed.message).to.contain('all 3 replicas can be reached');
    expect(asked(frontend.flush(), 'cancel')).to.have.members([1, 2, 3]);
  });

  it('passes on what a replica waited for in vain', () => {
    const { frontend, first } = querying('causal', { timeoutMs: 1000 });
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

describe('a fresh query at the front end', () => {
  for (const [members, wanted] of [
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 3],
    [5, 4],
  ] as const) {
    it(`takes the word of ${wanted} of ${members} members`, () => {
      const frontend = new TestFrontend({ members });
      const sent = sends(frontend.query({ consistency: 'fresh' }), 'query');
      expect(sent).to.have.length(Math.min(members, Math.max(2, wanted)));
      expect(sent.every(({ message }) => message.collect)).to.equal(true);
      for (const [i, { to }] of sent.slice(0, wanted).entries()) {
        const got = replies(frontend.answers(to)).map(({ kind }) => kind);
        expect(got).to.deep.equal(i + 1 < wanted ? [] : ['answered']);
      }
    });
  }

  it('is answered by one that covers what both told, whichever came first', () => {
    const { frontend, first, second } = querying('fresh');
    const all = ts({ 1: 3, 2: 4 });
    frontend.answers(first, { valueTimestamp: all });
    const answered = reply(frontend.answers(second, { valueTimestamp: ts({ 2: 4 }) }), 'answered');
    expect(answered).to.deep.include({ guarantee: 'fresh', value: `of rm-${first}` });
    expect(answered.timestamp.equals(all)).to.equal(true);
  });

  it('does not wait for the answer of a member whose word is enough', () => {
    const { frontend, first, second } = querying('fresh');
    const id = frontend.lastRequest(first);
    frontend.collected(first, { replicaTimestamp: ts({ 1: 3 }) });
    const effects = frontend.answers(second, { valueTimestamp: ts({ 1: 3 }) });
    expect(reply(effects, 'answered').guarantee).to.equal('fresh');
    expect(cancelled(frontend.flush())).to.deep.equal([`${first}:${id}`]);
  });

  it('is not answered by what a replica holds but has not executed', () => {
    const { frontend, first, second } = querying('fresh');
    frontend.answers(first, { replicaTimestamp: ts({ 1: 3 }) });
    const effects = frontend.answers(second, { replicaTimestamp: ts({ 1: 3 }) });
    expect(replies(effects)).to.deep.equal([]);
    expect(asked(effects, 'query')).to.have.length(2);
  });

  it('asks another member in place of one that does not count', () => {
    const { frontend, first, second, third } = querying('fresh');
    const effects = frontend.answers(first, { counted: false });
    expect(asked(effects, 'query')).to.deep.equal([third]);
    expect(replies(frontend.answers(third))).to.deep.equal([]);
    expect(reply(frontend.answers(second), 'answered').guarantee).to.equal('fresh');
  });

  it('counts one member once', () => {
    const { frontend, first } = querying('fresh');
    frontend.collected(first);
    expect(replies(frontend.answers(first))).to.deep.equal([]);
  });

  it('asks again with all that was told, when no answer covers it', () => {
    const { frontend, first, second, target, effects } = inSecondRound({ prev: ts({ 3: 9 }) });
    const sent = sends(effects, 'query');
    expect(sent.map(({ to }) => to)).to.deep.equal([first, second]);
    for (const { message } of sent) {
      expect(message.collect).to.equal(false);
      expect(message.prev.equals(target.merge(ts({ 3: 9 })))).to.equal(true);
    }
    const answered = reply(frontend.answers(second, { valueTimestamp: target }), 'answered');
    expect(answered).to.deep.include({ guarantee: 'fresh', value: `of rm-${second}` });
  });

  it('cancels the first round when it asks again', () => {
    const frontend = new TestFrontend();
    const [first, second] = pairOf(asked(frontend.query({ consistency: 'fresh' }), 'query'));
    const id = frontend.lastRequest(second);
    frontend.answers(first);
    frontend.collected(second, { replicaTimestamp: ts({ 2: 5 }) });
    expect(cancelled(frontend.flush())).to.deep.equal([`${second}:${id}`]);
  });

  it('takes a late answer of the first round, if it covers what was told', () => {
    const { frontend, second, target } = inSecondRound();
    const requestId = frontend.lastRequest(second) - 1;
    const effects = frontend.answers(second, { requestId, valueTimestamp: target });
    expect(reply(effects, 'answered').guarantee).to.equal('fresh');
  });

  it('does not mistake a late refusal of the first round for one of the second', () => {
    const { frontend, first, second, third } = inSecondRound({ timeoutMs: 1000 });
    const requestId = frontend.lastRequest(second) - 1;
    const late = { kind: 'declined', requestId, code: 'OVERLOADED', message: '' } as const;
    frontend.down(third);
    frontend.declines(first, 'OVERLOADED');
    frontend.message(second, late);
    expect(cancelled(frontend.flush())).to.deep.equal([]);
    frontend.wait(1100);
    expect(cancelled(frontend.flush())).to.deep.equal([`${second}:${requestId + 1}`]);
  });

  it('collects anew when a member whose word was taken goes away', () => {
    const { frontend, first, second, third } = querying('fresh');
    frontend.collected(first, { replicaTimestamp: ts({ [first]: 5 }) });
    const again = sends(frontend.down(first), 'query');
    expect(again.map(({ to }) => to)).to.deep.equal([second, third]);
    expect(again.every(({ message }) => message.collect)).to.equal(true);
    frontend.answers(second);
    expect(reply(frontend.answers(third), 'answered').guarantee).to.equal('fresh');
  });

  it('does not count words of the collection before', () => {
    const { frontend, first, second, third } = querying('fresh');
    const requestId = frontend.lastRequest(second);
    frontend.down(first);
    frontend.collected(second, { requestId });
    frontend.answers(third);
    expect(frontend.state.pending.size).to.equal(2);
    expect(reply(frontend.answers(second), 'answered').guarantee).to.equal('fresh');
  });

  it('collects anew when a member that it waits for goes away in the second round', () => {
    const { frontend, first, second, third } = inSecondRound();
    const again = sends(frontend.down(second), 'query');
    expect(again.map(({ to }) => to)).to.deep.equal([first, third]);
    expect(again.every(({ message }) => message.collect)).to.equal(true);
  });

  it('collects anew when one goes away whose word was taken, though it was not asked again', () => {
    const frontend = new TestFrontend({ members: 5 });
    const four = asked(frontend.query({ consistency: 'fresh' }), 'query');
    const last = four[3] as number;
    for (const number of four.slice(0, 3)) frontend.answers(number);
    const second = frontend.collected(last, { replicaTimestamp: ts({ [last]: 5 }) });
    expect(asked(second, 'query')).to.deep.equal(four.slice(0, 2));
    const again = sends(frontend.down(last), 'query');
    expect(again.map(({ to }) => to)).to.have.members(others(5, last));
    expect(again.every(({ message }) => message.collect)).to.equal(true);
  });

  it('collects anew when a member that it waits for falls silent in the second round', () => {
    const { frontend, first, second, third } = inSecondRound();
    frontend.hushed.add(second);
    expect(sends(frontend.wait(1900), 'query').every(({ message }) => !message.collect)).to.equal(
      true,
    );
    const again = sends(frontend.wait(300), 'query').filter(({ message }) => message.collect);
    expect(again.slice(0, 2).map(({ to }) => to)).to.have.members([first, third]);
  });

  it('collects anew, 300 ms later, when too few are counted', () => {
    const frontend = new TestFrontend({ up: [1, 2] });
    frontend.query({ consistency: 'fresh' });
    frontend.answers(1);
    frontend.answers(2, { counted: false });
    expect(asked(frontend.wait(290), 'query')).to.deep.equal([]);
    expect(asked(frontend.wait(60), 'query')).to.have.members([1, 2]);
    frontend.answers(1);
    expect(reply(frontend.answers(2), 'answered').guarantee).to.equal('fresh');
  });

  it('collects anew when all but a silent replica have answered', () => {
    const { frontend, first, second, third } = querying('fresh', { timeoutMs: 10_000 });
    frontend.hushed.add(third);
    frontend.answers(first, { counted: false });
    frontend.answers(second);
    expect(asked(frontend.wait(1900), 'query')).to.deep.equal([]);
    const again = asked(frontend.wait(300), 'query');
    expect(again.slice(0, 2)).to.have.members([first, second]);
    frontend.answers(first);
    expect(reply(frontend.answers(second), 'answered').guarantee).to.equal('fresh');
  });

  it('goes on when a member comes up', () => {
    const frontend = new TestFrontend({ up: [1] });
    frontend.query({ consistency: 'fresh' });
    frontend.answers(1);
    expect(asked(frontend.up(3), 'query')).to.deep.equal([3]);
    expect(reply(frontend.answers(3), 'answered').guarantee).to.equal('fresh');
  });

  it('does not take one replica on two disks for two members', () => {
    const frontend = new TestFrontend({ up: [1] });
    frontend.query({ consistency: 'fresh' });
    frontend.answers(1);
    frontend.down(1);
    frontend.up(1, 'd2');
    expect(replies(frontend.answers(1))).to.deep.equal([]);
  });

  it('fails at the deadline when too few members answer', () => {
    const frontend = new TestFrontend({ up: [1] });
    frontend.query({ consistency: 'fresh', timeoutMs: 1000 });
    frontend.answers(1);
    expect(replies(frontend.wait(990))).to.deep.equal([]);
    const failed = reply(frontend.wait(100), 'failed');
    expect(failed).to.deep.include({ code: 'UNAVAILABLE', definite: true });
    expect(failed.message).to.contain('a fresh answer needs 2 members');
    expect(failed.message).to.contain('1 of 3 replicas can be reached, not rm-2, rm-3');
  });
});

describe('a query of level auto at the front end', () => {
  it('is fresh while enough members answer', () => {
    const { frontend, first, second } = querying('auto');
    frontend.answers(first);
    expect(reply(frontend.answers(second), 'answered').guarantee).to.equal('fresh');
  });

  it('is causal at once when too few members are there', () => {
    const frontend = new TestFrontend({ up: [2] });
    frontend.query({ consistency: 'auto' });
    expect(reply(frontend.answers(2), 'answered').guarantee).to.equal('causal');
  });

  it('is causal when all there are have answered and too few count', () => {
    const { frontend, first, second, third } = querying('auto');
    frontend.answers(first, { counted: false });
    frontend.answers(second);
    const answered = reply(frontend.answers(third, { counted: false }), 'answered');
    expect(answered).to.deep.include({ guarantee: 'causal', value: `of rm-${first}` });
  });

  it('is causal after a second, when members do not answer', () => {
    const { frontend, first } = querying('auto');
    frontend.answers(first);
    expect(replies(frontend.wait(990))).to.deep.equal([]);
    expect(reply(frontend.wait(60), 'answered').guarantee).to.equal('causal');
  });

  it('is causal after half of its time, when that is shorter', () => {
    const { frontend, first } = querying('auto', { timeoutMs: 600 });
    frontend.answers(first);
    expect(replies(frontend.wait(290))).to.deep.equal([]);
    expect(reply(frontend.wait(60), 'answered').guarantee).to.equal('causal');
  });

  it('fails at the deadline when nobody answers', () => {
    const { frontend } = querying('auto', { timeoutMs: 600 });
    const failed = reply(frontend.wait(700), 'failed');
    expect(failed).to.deep.include({ code: 'UNAVAILABLE', definite: true });
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
