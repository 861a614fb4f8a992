import { expect } from 'chai';
import { LIMITS } from '../../src/base/limits.js';
import type { SessionId } from '../../src/base/ids.js';
import { body, effectsOf, record, sends, sent, TestReplica, ts } from './support.js';

describe('a replica answers a query (A10)', () => {
  let replica: TestReplica;

  beforeEach(() => {
    replica = new TestReplica().peers();
    replica.frontend(1);
  });

  it('at once when the state covers prev, with what the state holds as its timestamp', () => {
    replica.gossip(2, [record('rm-2', 1)]);
    replica.durable();
    const [read] = effectsOf(replica.query({ prev: ts({ 'rm-2': 1 }) }), 'read');
    expect(read?.link).to.equal(1);
    expect(read?.basis.valueTimestamp.equals(ts({ 'rm-2': 1 }))).to.equal(true);
    expect(read?.basis.counted).to.equal(true);
  });

  it('shows no record that is not durable', () => {
    replica.update(body(1));
    const [read] = effectsOf(replica.query(), 'read');
    expect(read?.basis.valueTimestamp.size).to.equal(0);
    expect(read?.basis.replicaTimestamp.size).to.equal(0);
  });

  it('tells what it holds at once where that is asked for, then waits', () => {
    replica.gossip(3, [record('rm-3', 1)]);
    replica.durable();
    const effects = replica.query({ requestId: 7, collect: true, prev: ts({ 'rm-2': 1 }) });
    const collected = sent(effects, 'collected');
    expect(collected).to.include({ requestId: 7, counted: true });
    expect(collected.replicaTimestamp.equals(ts({ 'rm-3': 1 }))).to.equal(true);
    expect(effectsOf(effects, 'read')).to.deep.equal([]);
    const later = replica.gossip(2, [record('rm-2', 1)]);
    expect(effectsOf(later, 'read')).to.have.length(1);
    expect(sends(later, 'collected'), 'told once').to.deep.equal([]);
  });

  it('tells it with the answer when there is nothing to wait for', () => {
    const effects = replica.query({ collect: true });
    expect(sends(effects, 'collected')).to.deep.equal([]);
    expect(effectsOf(effects, 'read')).to.have.length(1);
  });

  describe('a precondition (A9)', () => {
    const precondition = { session: 'session-1' as SessionId, n: 1 };

    it('is read on the state while the update is unknown', () => {
      const [read] = effectsOf(replica.query({ precondition }), 'read');
      expect(read?.query.precondition).to.deep.equal(precondition);
    });

    it('is answered "executed", never "refused", once the update was executed', () => {
      replica.gossip(2, [record('rm-2', 1, body(1))]);
      replica.durable();
      const effects = replica.query({ precondition });
      expect(effectsOf(effects, 'read')).to.deep.equal([]);
      expect(sent(effects, 'answer').outcome).to.deep.equal({ kind: 'executed' });
    });

    it('waits for prev before the executed table is looked at', () => {
      replica.query({ precondition, prev: ts({ 'rm-2': 1 }) });
      const effects = replica.gossip(2, [record('rm-2', 1, body(1))]);
      expect(sent(effects, 'answer').outcome).to.deep.equal({ kind: 'executed' });
    });
  });
});

describe('a replica that is OVERLOADED', () => {
  const fill = (replica: TestReplica, count: number): void => {
    for (let i = 0; i < count; i++) replica.state.waitingById.set(`other/${i}`, []);
  };

  it(`sheds queries beyond ${LIMITS.queueForQueries} requests in hand, with words, and nothing else`, () => {
    const replica = new TestReplica().peers();
    replica.frontend(1);
    replica.status('OVERLOADED');
    fill(replica, LIMITS.queueForQueries);
    expect(effectsOf(replica.query({ requestId: 1 }), 'read')).to.have.length(1);
    fill(replica, LIMITS.queueForQueries + 1);
    const { code, message } = sent(replica.query({ requestId: 2, collect: true }), 'declined');
    expect(code).to.equal('OVERLOADED');
    expect(message).to.contain('2001 requests in hand');
    const precondition = { session: 'session-1' as SessionId, n: 1 };
    expect(effectsOf(replica.query({ requestId: 3, precondition }), 'read')).to.have.length(1);
    replica.update(body(1));
    expect(sends(replica.durable(), 'acknowledged')).to.have.length(1);
    replica.status('ACTIVE');
    expect(effectsOf(replica.query({ requestId: 4 }), 'read')).to.have.length(1);
  });
});

describe('a replica that is OFFLINE', () => {
  let replica: TestReplica;

  beforeEach(() => {
    replica = new TestReplica().peers();
    replica.frontend(1);
  });

  it('says so to front ends and peers at once', () => {
    const heartbeats = sends(replica.status('OFFLINE'), 'heartbeat');
    expect(heartbeats).to.have.length(3);
    for (const { status } of heartbeats) {
      expect(status).to.deep.equal({ value: 'OFFLINE', source: 'hand' });
    }
  });

  it('takes no queries, no collections and no updates', () => {
    replica.status('OFFLINE');
    const query = replica.query({ collect: true });
    expect(sent(query, 'declined').code).to.equal('UNAVAILABLE');
    expect(sends(query, 'collected')).to.deep.equal([]);
    expect(sent(replica.update(body(1)), 'declined').code).to.equal('UNAVAILABLE');
    expect(replica.state.log.length).to.equal(0);
  });

  it('goes on with an update and a query that had waited since before', () => {
    replica.update(body(1), { prev: ts({ 'rm-2': 1 }) });
    replica.query({ requestId: 2, prev: ts({ 'rm-2': 1 }) });
    replica.status('OFFLINE');
    const effects = replica.gossip(2, [record('rm-2', 1)]);
    expect(effectsOf(effects, 'read')).to.have.length(1);
    expect(sends([...effects, ...replica.durable()], 'acknowledged')).to.have.length(1);
  });

  it('still acknowledges what it had taken, still gossips and serves its peers', () => {
    replica.update(body(1));
    replica.status('OFFLINE');
    const written = replica.durable();
    expect(sends(written, 'acknowledged')).to.have.length(1);
    expect(sends(written, 'gossip')).to.have.length(2);
    const ranges = [{ origin: replica.state.self.origin, from: 1, to: 1 }];
    expect(
      sent(replica.message(12, { kind: 'fetch', serial: 1, ranges }), 'fetched').records,
    ).to.have.length(1);
  });

  it('takes requests again when it is ACTIVE', () => {
    replica.status('OFFLINE');
    replica.status('ACTIVE');
    expect(effectsOf(replica.query(), 'read')).to.have.length(1);
  });
});
