import { expect } from 'chai';
import { LIMITS } from '../../src/base/limits.js';
import {
  appended,
  applied,
  body,
  effectsOf,
  linksOf,
  memberOf,
  origin,
  record,
  sends,
  sent,
  TestReplica,
  ts,
} from './support.js';

describe('requests that wait for what they depend on (A2.2, A10)', () => {
  let replica: TestReplica;

  beforeEach(() => {
    replica = new TestReplica().peers();
    replica.frontend(1);
  });

  it('asks at once for exactly what is missing', () => {
    replica.gossip(2, [record('rm-2', 1)]);
    replica.durable();
    const effects = replica.update(body(1), { prev: ts({ 'rm-2': 3, 'rm-3': 2 }) });
    const asked = sends(effects, 'fetch').flatMap(({ ranges }) => ranges);
    expect(asked).to.deep.equal([
      { origin: origin('rm-2'), from: 2, to: 3 },
      { origin: origin('rm-3'), from: 1, to: 2 },
    ]);
    expect(appended(effects)).to.deep.equal([]);
  });

  it('goes on when the last entry that was missing is executed, not before', () => {
    replica.query({ prev: ts({ 'rm-2': 1, 'rm-3': 1 }) });
    expect(effectsOf(replica.gossip(2, [record('rm-2', 1)]), 'read')).to.deep.equal([]);
    const order = replica
      .gossip(3, [record('rm-3', 1)])
      .map(({ kind }) => kind)
      .filter((kind) => ['apply', 'read'].includes(kind));
    expect(order).to.deep.equal(['apply', 'read']);
  });

  it('waits for the disk, and asks nobody, where prev names a record made here', () => {
    replica.update(body(1));
    const effects = replica.query({ prev: ts({ 'rm-1': 1 }) });
    expect(effectsOf(effects, 'read')).to.deep.equal([]);
    expect(sends(effects, 'fetch')).to.deep.equal([]);
    expect(effectsOf(replica.durable(), 'read')).to.have.length(1);
  });

  it('ends at the deadline as TIMEOUT that names what is missing, and leaves nothing behind', () => {
    replica.update(body(1), { requestId: 8, prev: ts({ 'rm-2': 3, 'rm-3': 1 }), timeoutMs: 200 });
    expect(sends(replica.wait(190), 'declined')).to.deep.equal([]);
    const refusal = sent(replica.wait(60), 'declined');
    expect(refusal).to.include({ requestId: 8, code: 'TIMEOUT' });
    expect(refusal.message).to.include('rm-2:1..3, rm-3:1');
    replica.wait(300);
    const { waiting, waitingById, fetches, log } = replica.state;
    expect([waiting.size, waitingById.size, fetches.size, log.length]).to.deep.equal([0, 0, 0, 0]);
    replica.gossip(
      2,
      [1, 2, 3].map((seq) => record('rm-2', seq)),
    );
    replica.gossip(3, [record('rm-3', 1)]);
    expect(appended(replica.durable()), 'it is not taken later').to.deep.equal([]);
  });

  it('names a few of the entries when a thousand are missing: the message must fit', () => {
    const counts = Object.fromEntries(
      Array.from({ length: LIMITS.timestampEntries }, (_, i) => [
        `${'x'.repeat(32)}.nonce~${i}`,
        Number.MAX_SAFE_INTEGER,
      ]),
    );
    replica.query({ prev: ts(counts), timeoutMs: 50 });
    const { message } = sent(replica.wait(100), 'declined');
    expect(message.length).to.be.lessThan(LIMITS.stringLength);
    expect(message).to.include(`and ${LIMITS.timestampEntries - 8} more`);
  });

  it('a prev that nobody can cover blocks nobody else', () => {
    const forged = ts({ 'rm-9': Number.MAX_SAFE_INTEGER, 'rm-2': 10 ** 12, '!0': 1 });
    replica.update(body(1), { requestId: 1, prev: forged });
    replica.query({ requestId: 2, prev: forged });
    replica.update(body(2), { requestId: 3 });
    expect(sent(replica.durable(), 'acknowledged').requestId).to.equal(3);
    const codes = sends(replica.wait(1100), 'declined').map(({ code }) => code);
    expect(codes).to.deep.equal(['TIMEOUT', 'TIMEOUT']);
    expect(replica.state.fetches.size).to.equal(0);
  });

  it('a cancelled query is not answered; a cancelled number of another link is', () => {
    replica.frontend(2);
    const prev = ts({ 'rm-2': 1 });
    replica.query({ requestId: 4, prev }, 1);
    replica.query({ requestId: 4, prev }, 2);
    replica.message(1, { kind: 'cancel', requestIds: [4, 99] });
    const effects = replica.gossip(2, [record('rm-2', 1)]);
    expect(effectsOf(effects, 'read').map(({ link }) => link)).to.deep.equal([2]);
  });

  it('a request sent again under its number takes the place of the one that waits', () => {
    replica.query({ requestId: 4, prev: ts({ 'rm-2': 9 }) });
    replica.query({ requestId: 4, prev: ts({ 'rm-2': 1 }) });
    expect(replica.state.waiting.size).to.equal(1);
    const effects = replica.gossip(2, [record('rm-2', 1)]);
    expect(effectsOf(effects, 'read')).to.have.length(1);
    expect(sends(replica.wait(2000), 'declined')).to.deep.equal([]);
    expect(replica.state.waiting.size).to.equal(0);
  });

  it('is served as soon as one of the two forms of its past is covered (A7)', () => {
    const past = { prev: ts({ 'rm-2': 1 }), alternative: ts({ 'rm-3': 1 }) };
    replica.query({ requestId: 1, ...past });
    replica.update(body(1), { requestId: 2, ...past });
    const effects = replica.gossip(3, [record('rm-3', 1)]);
    expect(effectsOf(effects, 'read')).to.have.length(1);
    expect(appended(effects)).to.include('rm-1:1');
    expect(replica.state.log.at(1).prev, 'the form that was covered').to.deep.equal(
      past.alternative,
    );
    const again = [...replica.gossip(2, [record('rm-2', 1)]), ...replica.wait(2000)];
    expect(effectsOf(again, 'read'), 'served once').to.deep.equal([]);
    expect(sends(again, 'declined')).to.deep.equal([]);
    expect([replica.state.waiting.size, replica.state.waitingById.size]).to.deep.equal([0, 0]);
  });

  it('forgets what a front end that is gone had asked for', () => {
    replica.update(body(1), { prev: ts({ 'rm-2': 1 }) });
    replica.down(1);
    expect(replica.state.waiting.size).to.equal(0);
    expect(applied(replica.gossip(2, [record('rm-2', 1)]))).to.deep.equal([101]);
    expect(replica.state.log.length).to.equal(1);
  });

  it(`refuses the request after ${LIMITS.waitingRequests} as OVERLOADED`, () => {
    const prev = ts({ 'rm-2': 1 });
    for (let id = 1; id <= LIMITS.waitingRequests; id++) replica.query({ requestId: id, prev });
    const refusal = sent(replica.query({ requestId: 0, prev }), 'declined');
    expect(refusal).to.include({ requestId: 0, code: 'OVERLOADED' });
    expect(effectsOf(replica.query({ requestId: 0 }), 'read'), 'served at once').to.have.length(1);
  });

  it('fetches for a real prev however many forged ones came first', () => {
    for (let id = 1; id <= 8; id++) {
      const counts: Record<string, number> = {};
      for (let i = 0; i < LIMITS.timestampEntries; i++) counts[`rm-2.forged${id}~${i}`] = 1;
      replica.query({ requestId: id, prev: ts(counts) });
    }
    expect(replica.state.fetches.size).to.be.at.most(4 * LIMITS.timestampEntries);
    replica.hears(3, ts({ 'rm-3': 1 }));
    const asked = sent(replica.query({ requestId: 9, prev: ts({ 'rm-3': 1 }) }), 'fetch');
    expect(asked.ranges).to.deep.equal([{ origin: origin('rm-3'), from: 1, to: 1 }]);
  });

  it('is fetched from the peer that made it when nobody is known to have it', () => {
    expect(replica.state.peers.get('rm-3' as never)?.memberId).to.equal(memberOf('rm-3'));
    const effects = replica.query({ prev: ts({ 'rm-3': 1 }) });
    expect(linksOf(effects, 'fetch')).to.deep.equal([13]);
  });
});
