import { expect } from 'chai';
import { LIMITS } from '../../src/base/limits.js';
import type { MissingRange } from '../../src/timestamp/vector-timestamp.js';
import {
  aliasOf,
  appended,
  body,
  effectsOf,
  linksOf,
  origin,
  record,
  sends,
  sent,
  shown,
  TestReplica,
  ts,
} from './support.js';

/** A query that needs these entries: the occasion of most fetches. */
const needs = (replica: TestReplica, counts: Record<string, number>, requestId = 1) =>
  replica.query({ requestId, prev: ts(counts), timeoutMs: 10_000 });

describe('asking for what is missing (A12)', () => {
  let replica: TestReplica;

  beforeEach(() => {
    replica = new TestReplica({ members: 4 }).peers();
    replica.frontend(1);
  });

  it('asks one who is known to have all of it, whoever made it', () => {
    replica.hears(2, ts({ 'rm-3': 4 }));
    replica.hears(4, ts({ 'rm-3': 5 }));
    expect(linksOf(needs(replica, { 'rm-3': 5 }), 'fetch')).to.deep.equal([14]);
  });

  it('asks one who has a part of it rather than one who has nothing', () => {
    replica.hears(4, ts({ 'rm-9': 2 }));
    expect(linksOf(needs(replica, { 'rm-9': 3 }), 'fetch')).to.deep.equal([14]);
  });

  it('is not led astray by a forged count that shares a real one’s fetch', () => {
    replica.hears(4, ts({ 'rm-9': 2 }));
    needs(replica, { 'rm-9': Number.MAX_SAFE_INTEGER }, 1);
    needs(replica, { 'rm-9': 2 }, 2);
    const effects = replica.fetched(4, [record('rm-9', 1), record('rm-9', 2)]);
    expect(effectsOf(effects, 'read').map(({ query }) => query.requestId)).to.deep.equal([2]);
  });

  it('sends one message to a peer for all that it is asked', () => {
    replica.hears(2, ts({ 'rm-2': 3, 'rm-3': 3 }));
    const { ranges } = sent(needs(replica, { 'rm-2': 3, 'rm-3': 3 }), 'fetch');
    expect(ranges).to.have.length(2);
  });

  it('asks once for all who wait; a later one’s greater need is asked for with the answer', () => {
    replica.hears(2, ts({ 'rm-2': 9 }));
    needs(replica, { 'rm-2': 2 }, 1);
    expect(sends(needs(replica, { 'rm-2': 1 }, 2), 'fetch')).to.deep.equal([]);
    expect(sends(needs(replica, { 'rm-2': 4 }, 3), 'fetch')).to.deep.equal([]);
    const answer = replica.fetched(2, [record('rm-2', 1), record('rm-2', 2)]);
    expect(effectsOf(answer, 'read').map(({ query }) => query.requestId)).to.have.members([1, 2]);
    expect(sent(answer, 'fetch').ranges).to.deep.equal([
      { origin: origin('rm-2'), from: 3, to: 4 },
    ]);
  });

  it('asks another one, then another, while none has news', () => {
    const first = linksOf(needs(replica, { 'rm-2': 1 }), 'fetch');
    const rest = linksOf(replica.wait(250), 'fetch');
    expect([...first, ...rest]).to.have.members([12, 13, 14]);
  });

  it('does not ask again at once after an answer without news: an empty peer is not flooded', () => {
    needs(replica, { 'rm-2': 1 });
    expect(sends(replica.fetched(2, []), 'fetch')).to.deep.equal([]);
    expect(sends(replica.wait(100), 'fetch').length).to.be.at.least(1);
  });

  it('asks at once for what an answer’s records depend on, and not for the same again', () => {
    replica.hears(2, ts({ 'rm-2': 2, 'rm-3': 5 }));
    needs(replica, { 'rm-2': 2 });
    const early = [record('rm-2', 1, body(1), ts({ 'rm-3': 5 })), record('rm-2', 2)];
    const asked = sends(replica.fetched(2, early), 'fetch').flatMap(({ ranges }) => ranges);
    expect(asked).to.deep.equal([{ origin: origin('rm-3'), from: 1, to: 5 }]);
    const rest = [1, 2, 3, 4, 5].map((seq) => record('rm-3', seq));
    expect(effectsOf(replica.fetched(2, rest), 'read')).to.have.length(1);
  });

  it('asks somebody else at once when the one asked goes away', () => {
    expect(linksOf(needs(replica, { 'rm-2': 1 }), 'fetch')).to.deep.equal([12]);
    const [next] = linksOf(replica.down(12), 'fetch');
    expect(next).to.be.oneOf([13, 14]);
  });

  // Seeds 8941 and 9927 of the simulator: nothing was left of a range, and it was asked for all the same.
  it('asks nobody when the one asked goes away, and what it was asked for came from another', () => {
    const [asked] = linksOf(needs(replica, { 'rm-2': 1 }), 'fetch');
    const other = asked === 13 ? 4 : 3;
    replica.gossip(other, [record('rm-2', 1)]);
    expect(sends(replica.down(asked ?? 0), 'fetch')).to.deep.equal([]);
  });

  it('asks as soon as somebody can be reached', () => {
    const alone = new TestReplica();
    alone.frontend(1);
    expect(sends(needs(alone, { 'rm-2': 1 }), 'fetch')).to.deep.equal([]);
    const effects = [...alone.peer(3), ...alone.wait(150)];
    expect(linksOf(effects, 'fetch')).to.include(13);
  });

  it('gives up at the last deadline of those who wait', () => {
    replica.query({ requestId: 1, prev: ts({ 'rm-2': 1 }), timeoutMs: 300 });
    replica.query({ requestId: 2, prev: ts({ 'rm-2': 1 }), timeoutMs: 900 });
    expect(sends(replica.wait(700), 'fetch').length).to.be.greaterThan(3);
    replica.wait(500);
    expect(replica.state.fetches.size).to.equal(0);
    expect(sends(replica.wait(2000), 'fetch')).to.deep.equal([]);
  });
});

describe('answering a fetch (A12)', () => {
  let replica: TestReplica;
  const ask = (...ranges: MissingRange[]) =>
    sent(replica.message(12, { kind: 'fetch', serial: 7, ranges }), 'fetched');

  beforeEach(() => {
    replica = new TestReplica().peers();
    replica.gossip(2, [record('rm-2', 1, body(1)), record('rm-2', 2)]);
    replica.gossip(3, [aliasOf(record('rm-3', 1, body(1)))]);
    replica.durable();
  });

  it('gives what was asked for in log order, whole bodies also for second records', () => {
    const answer = ask(
      { origin: origin('rm-3'), from: 1, to: 1 },
      { origin: origin('rm-2'), from: 2, to: 2 },
    );
    expect(answer.serial).to.equal(7);
    expect(answer.records.map(shown)).to.deep.equal(['rm-2:2', 'rm-3:1']);
  });

  it('gives what there is of a range, however large', () => {
    const from = Number.MAX_SAFE_INTEGER - 1;
    const answer = ask(
      { origin: origin('rm-2'), from: 1, to: Number.MAX_SAFE_INTEGER },
      { origin: origin('rm-3'), from, to: Number.MAX_SAFE_INTEGER },
      { origin: origin('rm-9'), from: 1, to: 5 },
    );
    expect(answer.records.map(shown)).to.deep.equal(['rm-2:1', 'rm-2:2']);
  });

  it('gives nothing that is not durable here', () => {
    replica.update(body(9));
    expect(ask({ origin: origin('rm-1'), from: 1, to: 1 }).records).to.deep.equal([]);
  });

  it('gives a bounded number at a time', () => {
    const small = (seq: number) => record('rm-3', seq, body(100 + seq, { user: '', args: {} }));
    const many = Array.from({ length: LIMITS.gossipRecords + 5 }, (_, i) => small(i + 2));
    replica.gossip(3, many);
    replica.durable();
    const to = LIMITS.gossipRecords + 5;
    const { records } = ask({ origin: origin('rm-3'), from: 1, to });
    expect(records).to.have.length(LIMITS.gossipRecords);
    expect(records.map(({ seq }) => seq).at(-1)).to.equal(LIMITS.gossipRecords);
  });

  it('gives a bounded number of bytes at a time, and one record at least', () => {
    const large = (seq: number) =>
      record('rm-3', seq, body(100 + seq, { args: { value: 'x'.repeat(LIMITS.gossipBytes / 8) } }));
    replica.gossip(3, [large(2), large(3), large(4), large(5)]);
    replica.durable();
    const { records } = ask({ origin: origin('rm-3'), from: 2, to: 5 });
    expect(records.length).to.be.within(1, 3);
  });

  it('is told nothing when the link is none of a peer', () => {
    replica.frontend(1);
    const ranges = [{ origin: origin('rm-2'), from: 1, to: 2 }];
    expect(replica.message(1, { kind: 'fetch', serial: 1, ranges })).to.deep.equal([]);
    expect(
      appended(
        replica.message(1, {
          kind: 'fetched',
          serial: 1,
          replicaTimestamp: ts({}),
          epoch: 1,
          records: [record('rm-3', 2)],
          entries: [],
        }),
      ),
    ).to.deep.equal([]);
  });
});
