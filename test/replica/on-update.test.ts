import { expect } from 'chai';
import { LIMITS } from '../../src/base/limits.js';
import {
  aliasOf,
  appended,
  applied,
  body,
  effectsOf,
  linksOf,
  origin,
  record,
  sends,
  sent,
  TestReplica,
  ts,
  WALL_MS,
} from './support.js';

describe('a replica takes an update (A2)', () => {
  let replica: TestReplica;

  beforeEach(() => {
    replica = new TestReplica().peers();
    replica.frontend(1);
    replica.frontend(2);
  });

  it('appends it at once; executes and acknowledges it when it is durable, not before', () => {
    const accepted = replica.update(body(1));
    expect(appended(accepted)).to.deep.equal(['rm-1:1']);
    expect(effectsOf(accepted, 'send')).to.deep.equal([]);
    expect(applied(accepted)).to.deep.equal([]);
    const written = replica.durable();
    expect(applied(written)).to.deep.equal([1]);
    expect(sent(written, 'acknowledged').requestId).to.equal(1);
    expect(sent(written, 'acknowledged').timestamp.toJSON()).to.deep.equal(
      ts({ 'rm-1': 1 }).toJSON(),
    );
  });

  it('executes before it acknowledges, and acknowledges before it gossips', () => {
    replica.update(body(1));
    const order = replica
      .durable()
      .map((effect) => (effect.kind === 'send' ? effect.message.kind : effect.kind));
    expect(
      order.filter((kind) => ['apply', 'acknowledged', 'gossip'].includes(kind)),
    ).to.deep.equal(['apply', 'acknowledged', 'gossip', 'gossip']);
  });

  it('numbers its records 1, 2, 3 and makes their timestamps of prev and the own entry', () => {
    replica.update(body(1));
    replica.durable();
    replica.update(body(2), { prev: ts({ 'rm-1': 1 }) });
    expect(sent(replica.durable(), 'acknowledged').timestamp.toJSON()).to.deep.equal(
      ts({ 'rm-1': 2 }).toJSON(),
    );
    expect(replica.state.log.at(1).prev.toJSON()).to.deep.equal(ts({ 'rm-1': 1 }).toJSON());
  });

  it('acknowledges only what the disk has written', () => {
    replica.update(body(1));
    replica.update(body(2));
    const first = sends(replica.durable(1), 'acknowledged');
    expect(first.map(({ requestId }) => requestId)).to.deep.equal([1]);
    expect(
      sends(replica.durable(2), 'acknowledged').map(({ requestId }) => requestId),
    ).to.deep.equal([2]);
  });

  it('answers a retry with the timestamp of the record it has', () => {
    replica.update(body(1));
    replica.durable();
    const again = replica.update(body(1), { requestId: 9, prev: ts({ 'rm-3': 7 }) }, 2);
    expect(appended(again)).to.deep.equal([]);
    expect(linksOf(again, 'acknowledged')).to.deep.equal([2]);
    expect(sent(again, 'acknowledged').timestamp.toJSON()).to.deep.equal(
      ts({ 'rm-1': 1 }).toJSON(),
    );
  });

  it('lets a retry that comes before the flush wait for the flush', () => {
    replica.update(body(1), { requestId: 5 }, 1);
    expect(effectsOf(replica.update(body(1), { requestId: 6 }, 2), 'send')).to.deep.equal([]);
    const written = replica.durable();
    expect(linksOf(written, 'acknowledged')).to.deep.equal([1, 2]);
    expect(applied(written)).to.deep.equal([1]);
  });

  it('makes one record when two copies of an update waited for the same prev', () => {
    const prev = ts({ 'rm-2': 1 });
    replica.update(body(1), { requestId: 5, prev }, 1);
    replica.update(body(1), { requestId: 6, prev }, 2);
    replica.gossip(2, [record('rm-2', 1)]);
    const written = replica.durable();
    expect(linksOf(written, 'acknowledged')).to.deep.equal([1, 2]);
    expect(applied(written)).to.deep.equal([1]);
    expect(replica.state.log.length).to.equal(2);
  });

  it('counts as a holder of an update that gossip brought, as soon as that is durable', () => {
    replica.gossip(2, [record('rm-2', 1, body(1))]);
    expect(effectsOf(replica.update(body(1)), 'send')).to.deep.equal([]);
    expect(sent(replica.durable(), 'acknowledged').timestamp.toJSON()).to.deep.equal(
      ts({ 'rm-2': 1 }).toJSON(),
    );
  });

  it('answers with one record’s timestamp, the first, never the merge of two (A7)', () => {
    replica.update(body(1));
    replica.durable();
    replica.gossip(2, [aliasOf(record('rm-2', 1, body(1)))]);
    replica.durable();
    expect(sent(replica.update(body(1)), 'acknowledged').timestamp.toJSON()).to.deep.equal(
      ts({ 'rm-1': 1 }).toJSON(),
    );
  });

  it('says the greatest stamp applied, never a clock (A8)', () => {
    const stamp = { physicalMs: WALL_MS - 5000, logical: 3 };
    replica.update(body(1, { stamp }));
    expect(sent(replica.durable(), 'acknowledged').latest).to.deep.equal(stamp);
  });

  it('refuses another body under a known number (A6)', () => {
    replica.update(body(1));
    const refusal = sent(
      replica.update(body(1, { digest: 'other' }), { requestId: 7 }),
      'declined',
    );
    expect(refusal).to.include({ requestId: 7, code: 'INVALID' });
    expect(refusal.message).to.include('session-1:1');
    expect(replica.state.log.length).to.equal(1);
  });

  it('refuses another body under a number that waited longer than the first', () => {
    const prev = ts({ 'rm-2': 1 });
    replica.update(body(1), { requestId: 5, prev });
    replica.update(body(1, { digest: 'other' }), { requestId: 6, prev });
    const effects = replica.gossip(2, [record('rm-2', 1)]);
    expect(sent(effects, 'declined')).to.include({ requestId: 6, code: 'INVALID' });
  });

  describe('stamps ahead of the clock (A8)', () => {
    const ahead = { physicalMs: WALL_MS + LIMITS.stampAheadMs + 1, logical: 0 };

    it('takes one exactly a minute ahead', () => {
      const stamp = { physicalMs: WALL_MS + LIMITS.stampAheadMs, logical: 0 };
      expect(appended(replica.update(body(1, { stamp })))).to.have.length(1);
    });

    it('refuses one further ahead, and keeps nothing of it', () => {
      const refusal = sent(replica.update(body(1, { stamp: ahead })), 'declined');
      expect(refusal.code).to.equal('INVALID');
      expect(refusal.message).to.include('60 s ahead');
      expect(replica.state.log.length).to.equal(0);
    });

    it('takes it when as late a stamp was applied, after prev is covered', () => {
      replica.gossip(2, [record('rm-2', 1, body(9, { stamp: ahead }))]);
      const effects = replica.update(body(1, { stamp: ahead }), { prev: ts({ 'rm-2': 1 }) });
      expect(appended(effects)).to.deep.equal(['rm-1:1']);
    });
  });

  it('uses the entry of this start, not that of an earlier one (A1)', () => {
    replica.update(body(1));
    const again = new TestReplica({ start: 's2', recovered: { records: replica.records } });
    again.update(body(2));
    expect(again.state.log.at(1)).to.include({ origin: origin('rm-1', 's2'), seq: 1 });
  });

  it('remembers who else got a body only while gossip may send it', () => {
    const quiet = new TestReplica({ tuning: { gossip: 'off' } }).peers();
    const holders = ['rm-1', 'rm-2'] as never;
    for (let n = 1; n <= 5; n++) {
      quiet.update(body(n), { holders });
      quiet.durable();
      replica.update(body(n), { holders });
      replica.durable();
    }
    expect(quiet.state.holders.size, 'gossip off').to.equal(0);
    for (const number of [2, 3]) {
      for (const serial of [1, 2, 3]) {
        const replicaTimestamp = ts({ 'rm-1': 5 });
        replica.message(10 + number, { kind: 'gossip-acknowledged', serial, replicaTimestamp });
      }
    }
    replica.wait(2000);
    expect(replica.state.holders.size, 'gossip on, all sent').to.equal(0);
  });
});
