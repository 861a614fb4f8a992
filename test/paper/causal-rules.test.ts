/**
 * The rules of the causal part (docs/protocol.md, A1 to A8), one test a sentence, as far as one replica
 * core can show them; A9 to A15 are in exchange-rules. What needs a whole cluster is in test/world.
 */

import { expect } from 'chai';
import { LIMITS } from '../../src/base/limits.js';
import { EMPTY_SNAPSHOT } from '../../src/replica/state.js';
import {
  aliasOf,
  appended,
  applied,
  body,
  connectedReplica as replica,
  linksOf,
  origin,
  record,
  sends,
  sent,
  TestReplica,
  ts,
  WALL_MS,
} from '../replica/support.js';

describe('A1 origins', () => {
  it('every start writes an entry of its own, so nothing is told twice with another meaning', () => {
    const first = new TestReplica({ members: 1, start: 's1' });
    first.frontend();
    first.update(body(1));
    first.durable();
    const second = new TestReplica({
      members: 1,
      start: 's2',
      recovered: { records: first.records },
    });
    second.frontend();
    expect(appended(second.update(body(2)))).to.deep.equal(['rm-1:1']);
    expect(second.state.log.at(1).origin).to.equal(origin('rm-1', 's2'));
    expect(second.state.log.at(0).origin).to.equal(origin('rm-1', 's1'));
  });
});

describe('A2 accepting', () => {
  it('acknowledges a record once it is durable, not before', () => {
    const one = replica();
    expect(sends(one.update(body(1)), 'acknowledged')).to.deep.equal([]);
    const { timestamp } = sent(one.durable(), 'acknowledged');
    expect(timestamp.toJSON()).to.deep.equal(ts({ 'rm-1': 1 }).toJSON());
  });

  it('ts is prev with the own entry set to seq', () => {
    const one = replica();
    one.gossip(2, [record('rm-2', 1)]);
    one.durable();
    one.update(body(1), { prev: ts({ 'rm-2': 1 }) });
    const { timestamp } = sent(one.durable(), 'acknowledged');
    expect(timestamp.toJSON()).to.deep.equal(ts({ 'rm-1': 1, 'rm-2': 1 }).toJSON());
  });

  it('executes, then acknowledges, then gossips', () => {
    const one = replica();
    one.update(body(1));
    const order = one.durable().flatMap((effect) => {
      if (effect.kind === 'apply') return ['apply'];
      return effect.kind === 'send' ? [effect.message.kind] : [];
    });
    expect(order).to.deep.equal(['apply', 'acknowledged', 'gossip', 'gossip']);
  });

  it('answers a known id with the timestamp it gave then, and makes no second record', () => {
    const one = replica();
    one.update(body(1));
    const first = sent(one.durable(), 'acknowledged');
    const again = one.update(body(1), { requestId: 77 });
    expect(appended(again)).to.deep.equal([]);
    expect(sent(again, 'acknowledged').timestamp.equals(first.timestamp)).to.equal(true);
  });

  it('answers a known id that is not durable yet after the flush', () => {
    const one = replica();
    one.update(body(1));
    expect(sends(one.update(body(1), { requestId: 2 }, 2), 'acknowledged')).to.deep.equal([]);
    expect(linksOf(one.durable(), 'acknowledged')).to.have.members([1, 2]);
  });

  it('an id that came by gossip counts as a copy once it is durable here', () => {
    const one = replica();
    one.gossip(2, [record('rm-2', 1, body(1))]);
    expect(sends(one.update(body(1)), 'acknowledged')).to.deep.equal([]);
    const { timestamp } = sent(one.durable(), 'acknowledged');
    expect(timestamp.toJSON()).to.deep.equal(ts({ 'rm-2': 1 }).toJSON());
  });

  it('waits until prev is covered, fetching what is missing at once', () => {
    const one = replica();
    const waits = one.update(body(1), { prev: ts({ 'rm-2': 1 }) });
    expect(appended(waits)).to.deep.equal([]);
    expect(sent(waits, 'fetch').ranges).to.deep.equal([{ origin: origin('rm-2'), from: 1, to: 1 }]);
    expect(linksOf(waits, 'fetch')).to.deep.equal([12]);
    expect(appended(one.fetched(2, [record('rm-2', 1)]))).to.deep.equal(['rm-2:1', 'rm-1:1']);
  });

  it('a prev that cannot be covered ends as TIMEOUT, names it, and leaves nothing behind', () => {
    const one = replica();
    one.update(body(1), { prev: ts({ 'rm-9': 1_000_000 }) });
    const declined = sent(one.wait(1100), 'declined');
    expect(declined.code).to.equal('TIMEOUT');
    expect(declined.message).to.match(/rm-9/);
    expect(one.state.waiting.size).to.equal(0);
    expect(one.state.waitingById.size).to.equal(0);
    expect(one.state.fetches.size).to.equal(0);
    expect(one.state.log.length).to.equal(0);
  });

  it('records are written in one order, and durable is a prefix of it', () => {
    const one = replica();
    one.update(body(1));
    one.gossip(2, [record('rm-2', 1)]);
    one.update(body(2));
    one.durable(2);
    expect(one.state.durable.value().toJSON()).to.deep.equal(ts({ 'rm-1': 1, 'rm-2': 1 }).toJSON());
    expect(applied(one.durable(3))).to.deep.equal([2]);
  });

  it('replicaTS never follows from what a sender says it holds', () => {
    const one = replica();
    one.gossip(2, [], ts({ 'rm-2': 50 }));
    one.hears(2, ts({ 'rm-2': 60 }));
    expect(one.state.durable.value().size).to.equal(0);
  });
});

describe('A3 closed logs', () => {
  it('a record is stored only when its prev is in the log', () => {
    const one = replica();
    const early = record('rm-2', 1, body(5), ts({ 'rm-3': 1 }));
    expect(appended(one.gossip(2, [early]))).to.deep.equal([]);
    expect(appended(one.gossip(3, [record('rm-3', 1)]))).to.deep.equal(['rm-3:1', 'rm-2:1']);
  });

  it('a gap in an origin is not stored over', () => {
    const one = replica();
    expect(appended(one.gossip(2, [record('rm-2', 2)]))).to.deep.equal([]);
    expect(appended(one.gossip(2, [record('rm-2', 1)]))).to.deep.equal(['rm-2:1', 'rm-2:2']);
  });

  it('what early records depend on is fetched when it does not come by itself', () => {
    const one = replica();
    one.gossip(2, [record('rm-2', 3, body(5), ts({ 'rm-3': 2 }))]);
    const asked = sends(one.wait(40), 'fetch').flatMap(({ ranges }) => ranges);
    expect(asked).to.deep.include({ origin: origin('rm-2'), from: 1, to: 2 });
    expect(asked).to.deep.include({ origin: origin('rm-3'), from: 1, to: 2 });
  });

  it('early records wait in bounded memory', () => {
    const one = replica();
    const many = Array.from({ length: LIMITS.earlyRecords + 50 }, (_, i) => record('rm-2', i + 2));
    one.gossip(2, many);
    expect(one.state.early.size).to.equal(LIMITS.earlyRecords);
    // The one they wait for is taken all the same.
    one.gossip(2, [record('rm-2', 1)]);
    expect(one.state.early.size).to.equal(0);
    expect(one.state.log.length).to.equal(LIMITS.earlyRecords + 1);
  });
});

describe('A4 two records, one update', () => {
  it('an update executes at its first record; the other only merges its timestamp', () => {
    const one = replica();
    one.update(body(1));
    one.durable();
    const other = one.gossip(2, [aliasOf(record('rm-2', 1, body(1)))]);
    expect(applied(other)).to.deep.equal([]);
    expect(one.state.value.value().toJSON()).to.deep.equal(ts({ 'rm-1': 1, 'rm-2': 1 }).toJSON());
  });

  it('an alias without its body is not stored, and the body is asked for', () => {
    const one = replica();
    const second = record('rm-2', 1, body(1));
    expect(appended(one.gossip(2, [aliasOf(second)]))).to.deep.equal([]);
    const [fetch] = sends(one.wait(20), 'fetch');
    expect(fetch?.ranges).to.deep.equal([{ origin: origin('rm-2'), from: 1, to: 1 }]);
    const came = one.fetched(2, [second]);
    expect(appended(came)).to.deep.equal(['rm-2:1']);
    expect(applied(came)).to.deep.equal([1]);
  });

  it('an alias is stored once the body comes with another record', () => {
    const one = replica();
    one.gossip(2, [aliasOf(record('rm-2', 1, body(1)))]);
    expect(appended(one.gossip(3, [record('rm-3', 1, body(1))]))).to.deep.equal([
      'rm-3:1',
      "rm-2:1'",
    ]);
  });
});

describe('A5 executed table, A6 same id, two bodies', () => {
  it('is part of the snapshot: what was executed before is not executed again', () => {
    const one = replica();
    one.update(body(1));
    one.durable();
    const again = new TestReplica({
      start: 's2',
      recovered: {
        records: one.records,
        snapshot: {
          ...EMPTY_SNAPSHOT,
          valueTimestamp: one.state.value.value(),
          executed: one.state.executed.entries(),
          latest: one.state.latest,
          results: one.state.forced.results.kept(),
        },
      },
    });
    expect(applied(again.startEffects)).to.deep.equal([]);
    again.peers();
    expect(applied(again.gossip(2, [record('rm-2', 1, body(1))]))).to.deep.equal([]);
  });

  it('from a client, a known n with another digest is INVALID', () => {
    const one = replica();
    one.update(body(1));
    const declined = sent(one.update(body(1, { digest: 'other' })), 'declined');
    expect(declined.code).to.equal('INVALID');
  });

  it('by gossip it is another update and executes everywhere', () => {
    const one = replica();
    const twin = body(1, { digest: 'other', args: { key: 'k', value: 'twin' } });
    one.update(body(1));
    one.durable();
    expect(applied(one.gossip(2, [record('rm-2', 1, twin)]))).to.deep.equal([1]);
    const other = replica();
    expect(applied(other.gossip(2, [record('rm-2', 1, twin)]))).to.deep.equal([1]);
    expect(applied(other.gossip(3, [record('rm-3', 1, body(1))]))).to.deep.equal([1]);
  });
});

describe('A7 answers, A8 stamps', () => {
  it('answers carry the greatest stamp applied, never a clock', () => {
    const one = replica();
    one.gossip(2, [
      record('rm-2', 1, body(9, { stamp: { physicalMs: WALL_MS + 30_000, logical: 4 } })),
    ]);
    one.update(body(1));
    expect(sent(one.durable(), 'acknowledged').latest).to.deep.equal({
      physicalMs: WALL_MS + 30_000,
      logical: 4,
    });
  });

  it('a stamp more than a minute ahead of the clock and of all applied is refused', () => {
    const stamp = { physicalMs: WALL_MS + LIMITS.stampAheadMs + 1, logical: 0 };
    const one = replica();
    expect(sent(one.update(body(1, { stamp })), 'declined').code).to.equal('INVALID');
    one.gossip(2, [record('rm-2', 1, body(9, { stamp }))]);
    expect(appended(one.update(body(1, { stamp })))).to.deep.equal(['rm-1:1']);
  });
});
