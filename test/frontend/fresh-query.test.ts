/** Queries of level fresh and auto at the front end: whose word counts, what an answer must cover. */

import { expect } from 'chai';
import type { Consistency } from '../../src/wire/messages.js';
import {
  TestFrontend,
  asked,
  cancelled,
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
