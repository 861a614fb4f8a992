import { expect } from 'chai';
import { LIMITS } from '../../src/base/limits.js';
import {
  aliasOf,
  appended,
  applied,
  body,
  linksOf,
  origin,
  record,
  sends,
  sent,
  TestReplica,
  ts,
} from './support.js';

describe('closed logs (A3)', () => {
  let replica: TestReplica;

  beforeEach(() => {
    replica = new TestReplica().peers();
  });

  it('a record is stored only after those before it of its origin', () => {
    expect(appended(replica.gossip(2, [record('rm-2', 2)]))).to.deep.equal([]);
    expect(appended(replica.gossip(2, [record('rm-2', 1)]))).to.deep.equal(['rm-2:1', 'rm-2:2']);
  });

  it('a record is stored only after what its prev names, in one message or in several', () => {
    const late = record('rm-2', 1, body(1), ts({ 'rm-3': 2 }));
    expect(appended(replica.gossip(2, [late, record('rm-3', 1)]))).to.deep.equal(['rm-3:1']);
    expect(appended(replica.gossip(3, [record('rm-3', 2)]))).to.deep.equal(['rm-3:2', 'rm-2:1']);
  });

  it('a record that came twice is stored once', () => {
    replica.gossip(2, [record('rm-2', 1), record('rm-2', 1), record('rm-2', 3)]);
    const effects = replica.gossip(3, [record('rm-2', 1), record('rm-2', 2), record('rm-2', 3)]);
    expect(appended(effects)).to.deep.equal(['rm-2:2', 'rm-2:3']);
  });

  it('records of its own start never come from outside', () => {
    expect(appended(replica.gossip(2, [record('rm-1', 1)]))).to.deep.equal([]);
    expect(replica.state.early.size).to.equal(0);
    replica.update(body(1));
    expect(replica.state.log.at(0).body.n).to.equal(1);
  });

  it('records of its own earlier starts do, where they were lost here', () => {
    expect(appended(replica.gossip(2, [record(origin('rm-1', 's0'), 1)]))).to.deep.equal([
      'rm-1:1',
    ]);
  });

  it('what a sender says that it holds moves nothing but its own entry in the table', () => {
    replica.gossip(2, [], ts({ 'rm-2': 50, 'rm-3': 50 }));
    replica.hears(3, ts({ 'rm-3': 60 }));
    expect(replica.state.received.value().size).to.equal(0);
    expect(replica.state.durable.value().size).to.equal(0);
  });

  it('early records wait in bounded memory, and those after the bound come again', () => {
    const held = ts({ 'rm-2': LIMITS.earlyRecords + 10 });
    const batch = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, i) => record('rm-2', from + i));
    for (let from = 2; from < LIMITS.earlyRecords + 10; from += 1000) {
      replica.gossip(2, batch(from, Math.min(from + 999, LIMITS.earlyRecords + 10)), held);
    }
    expect(replica.state.early.size).to.equal(LIMITS.earlyRecords);
    // The next record of its origin is never the one too many.
    replica.gossip(2, [record('rm-2', 1)], held);
    expect(replica.state.received.get(origin('rm-2'))).to.equal(LIMITS.earlyRecords + 1);
    expect(replica.state.early.size).to.equal(0);
    replica.gossip(2, batch(LIMITS.earlyRecords + 2, LIMITS.earlyRecords + 10), held);
    replica.durable();
    expect(replica.state.value.get(origin('rm-2'))).to.equal(LIMITS.earlyRecords + 10);
  });

  it('holds its acknowledgement back while very many records wait', () => {
    const many = Array.from({ length: LIMITS.earlyRecords / 4 + 1 }, (_, i) =>
      record('rm-2', i + 2),
    );
    expect(sends(replica.gossip(2, many), 'gossip-acknowledged')).to.deep.equal([]);
    const effects = replica.gossip(2, [record('rm-2', 1)]);
    expect(sends([...effects, ...replica.durable()], 'gossip-acknowledged')).to.have.length(1);
  });

  it('asks for what early records need when it does not come by itself', () => {
    replica.gossip(2, [record('rm-2', 5, body(1), ts({ 'rm-3': 2 }))]);
    const asked = sends(replica.wait(20), 'fetch').flatMap(({ ranges }) => ranges);
    expect(asked).to.deep.include.members([
      { origin: origin('rm-2'), from: 1, to: 4 },
      { origin: origin('rm-3'), from: 1, to: 2 },
    ]);
  });

  it('asks for nothing when it came within a few milliseconds', () => {
    replica.gossip(2, [record('rm-2', 1, body(1), ts({ 'rm-3': 1 }))]);
    replica.nowMs += 3;
    replica.gossip(3, [record('rm-3', 1)]);
    expect(linksOf(replica.wait(50), 'fetch')).to.deep.equal([]);
  });
});

describe('two records of one update (A4)', () => {
  let replica: TestReplica;

  beforeEach(() => {
    replica = new TestReplica().peers();
    replica.frontend(1);
  });

  it('it executes at the first record; the second only moves the timestamp', () => {
    replica.update(body(1));
    expect(applied(replica.durable())).to.deep.equal([1]);
    expect(applied(replica.gossip(2, [aliasOf(record('rm-2', 1, body(1)))]))).to.deep.equal([]);
    expect(replica.state.value.value().equals(ts({ 'rm-1': 1, 'rm-2': 1 }))).to.equal(true);
  });

  it('it executes at the other’s record when that comes before its own is durable', () => {
    replica.update(body(1));
    expect(applied(replica.gossip(2, [aliasOf(record('rm-2', 1, body(1)))]))).to.deep.equal([1]);
    const written = replica.durable();
    expect(applied(written)).to.deep.equal([]);
    expect(sends(written, 'acknowledged')).to.have.length(1);
    expect(replica.state.value.value().equals(ts({ 'rm-1': 1, 'rm-2': 1 }))).to.equal(true);
  });

  it('the second record is an alias on disk, even when it came with its body', () => {
    replica.gossip(2, [record('rm-2', 1, body(1))]);
    expect(appended(replica.gossip(3, [record('rm-3', 1, body(1))]))).to.deep.equal(["rm-3:1'"]);
  });

  it('each record executes after its own prev: an update never waits for the later of the two', () => {
    replica.gossip(2, [record('rm-2', 1, body(1), ts({ 'rm-3': 1 }))]);
    replica.gossip(3, [aliasOf(record('rm-3', 2, body(1)))], ts({ 'rm-3': 2 }));
    expect(replica.state.log.length, 'neither can be stored yet').to.equal(0);
    replica.gossip(3, [record('rm-3', 1)]);
    replica.durable();
    expect(replica.state.value.value().equals(ts({ 'rm-2': 1, 'rm-3': 2 }))).to.equal(true);
  });

  it('an alias without its body is not stored, and asked for after a few milliseconds', () => {
    const second = record('rm-3', 1, body(1));
    expect(appended(replica.gossip(3, [aliasOf(second)]))).to.deep.equal([]);
    const asked = sent(replica.wait(10), 'fetch');
    expect(asked.ranges).to.deep.equal([{ origin: origin('rm-3'), from: 1, to: 1 }]);
    expect(appended(replica.fetched(3, [second]))).to.deep.equal(['rm-3:1']);
    expect(replica.state.missingBodies.size).to.equal(0);
  });

  it('an alias is stored when the body comes under the other record', () => {
    replica.gossip(3, [aliasOf(record('rm-3', 1, body(1)))]);
    expect(appended(replica.gossip(2, [record('rm-2', 1, body(1))]))).to.deep.equal([
      'rm-2:1',
      "rm-3:1'",
    ]);
  });

  it('an alias is stored when the body comes from the client itself', () => {
    replica.gossip(3, [aliasOf(record('rm-3', 1, body(1)))]);
    expect(appended(replica.update(body(1)))).to.deep.equal(['rm-1:1', "rm-3:1'"]);
    expect(sends(replica.wait(50), 'fetch')).to.deep.equal([]);
  });

  it('an alias that comes after the whole record does not take its body away', () => {
    const whole = record('rm-3', 1, body(1), ts({ 'rm-2': 1 }));
    replica.fetched(3, [whole]);
    replica.gossip(3, [aliasOf(whole)]);
    expect(appended(replica.gossip(2, [record('rm-2', 1)]))).to.deep.equal(['rm-2:1', 'rm-3:1']);
  });

  it('the records behind an alias without body wait, those of other origins do not', () => {
    const second = aliasOf(record('rm-3', 1, body(1)));
    expect(appended(replica.gossip(3, [second, record('rm-3', 2)]))).to.deep.equal([]);
    expect(appended(replica.gossip(2, [record('rm-2', 1)]))).to.deep.equal(['rm-2:1']);
  });

  it('goes on asking, and others too, for a body that does not come', () => {
    replica.gossip(3, [aliasOf(record('rm-3', 1, body(1)))]);
    expect(new Set(linksOf(replica.wait(250), 'fetch'))).to.deep.equal(new Set([12, 13]));
    expect(linksOf(replica.wait(5000), 'fetch').length, 'but not without pause').to.be.at.most(60);
  });

  it('two bodies under one id are two updates, by gossip, and both execute (A6)', () => {
    replica.gossip(2, [record('rm-2', 1, body(1))]);
    const other = body(1, { digest: 'other', operation: 'delete' });
    expect(applied(replica.gossip(3, [record('rm-3', 1, other)]))).to.deep.equal([1]);
    const third = replica.gossip(3, [aliasOf(record('rm-3', 2, other))]);
    expect([appended(third), applied(third)]).to.deep.equal([["rm-3:2'"], []]);
  });
});
