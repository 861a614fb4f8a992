import { expect } from 'chai';
import { LIMITS } from '../../src/base/limits.js';
import type { Name } from '../../src/base/ids.js';
import type { ReplicaEffect } from '../../src/replica/effects.js';
import { body, linksOf, record, sends, sent, shown, TestReplica, ts } from './support.js';

/** `12: rm-1:1 rm-1:2'` for each gossip message. */
const gossip = (effects: readonly ReplicaEffect[]): string[] =>
  effects.flatMap((effect) =>
    effect.kind === 'send' && effect.message.kind === 'gossip'
      ? [`${effect.link}: ${effect.message.records.map(shown).join(' ')}`]
      : [],
  );

describe('eager gossip (A11)', () => {
  let replica: TestReplica;
  const acknowledge = (number: number, serial: number, replicaTimestamp = ts({})) =>
    replica.message(10 + number, { kind: 'gossip-acknowledged', serial, replicaTimestamp });

  beforeEach(() => {
    replica = new TestReplica().peers();
  });

  it('a burst goes behind the message under way as one', () => {
    replica.update(body(1));
    expect(gossip(replica.durable())).to.deep.equal(['12: rm-1:1', '13: rm-1:1']);
    for (let n = 2; n <= 4; n++) replica.update(body(n));
    expect(gossip(replica.durable())).to.deep.equal([]);
    expect(gossip(acknowledge(3, 1))).to.deep.equal(['13: rm-1:2 rm-1:3 rm-1:4']);
    expect(gossip(acknowledge(2, 1))).to.deep.equal(['12: rm-1:2 rm-1:3 rm-1:4']);
  });

  it('an acknowledgement of another message releases nothing', () => {
    replica.update(body(1));
    replica.durable();
    replica.update(body(2));
    replica.durable();
    expect(gossip(acknowledge(2, 77))).to.deep.equal([]);
  });

  it('is acknowledged on receipt, with what is durable here', () => {
    const answer = sent(replica.gossip(2, [record('rm-2', 1)]), 'gossip-acknowledged');
    expect(answer).to.deep.include({ serial: 1, replicaTimestamp: ts({}) });
  });

  it('what others made is left to them', () => {
    replica.gossip(2, [record('rm-2', 1)]);
    expect(gossip(replica.durable())).to.deep.equal([]);
  });

  it('a replica named as a third, or alone, sends the body itself', () => {
    replica.update(body(1), { holders: ['rm-1'] as Name[] });
    expect(gossip(replica.durable())).to.deep.equal(['12: rm-1:1', '13: rm-1:1']);
  });

  it('a message is bounded in records; the rest follows the acknowledgement', () => {
    for (let n = 1; n <= LIMITS.gossipRecords + 3; n++) {
      replica.update(body(n, { user: '', args: {} }));
    }
    const [first] = sends(replica.durable(), 'gossip');
    expect(first?.records).to.have.length(LIMITS.gossipRecords);
    expect(sent(acknowledge(2, 1), 'gossip').records).to.have.length(3);
  });

  it('a message is bounded in bytes, and takes one record at least', () => {
    const args = { value: 'x'.repeat(LIMITS.gossipBytes / 3) };
    for (let n = 1; n <= 3; n++) replica.update(body(n, { args }));
    expect(gossip(replica.durable())).to.deep.equal(['12: rm-1:1', '13: rm-1:1']);
    expect(gossip(acknowledge(2, 1))).to.deep.equal(['12: rm-1:2']);
  });
});

describe('anti-entropy (A11)', () => {
  let replica: TestReplica;

  beforeEach(() => {
    replica = new TestReplica().peers();
  });

  it('sends again what was never acknowledged, to those who lack it', () => {
    replica.update(body(1));
    replica.durable();
    replica.hears(2, ts({ 'rm-1': 1 }));
    const again = replica.wait(3500);
    expect(new Set(linksOf(again, 'gossip'))).to.deep.equal(new Set([13]));
    expect(gossip(again)).to.include('13: rm-1:1');
  });

  it('repairs what was acknowledged but not kept', () => {
    replica.update(body(1));
    replica.durable();
    for (const link of [12, 13]) {
      replica.message(link, { kind: 'gossip-acknowledged', serial: 1, replicaTimestamp: ts({}) });
    }
    replica.hears(3, ts({ 'rm-1': 1 }));
    expect(linksOf(replica.wait(2100), 'gossip')).to.deep.equal([12]);
  });

  it('leaves alone what is newer than a round: it is on its way', () => {
    replica.gossip(2, [record('rm-2', 1)]);
    replica.durable();
    expect(gossip(replica.wait(900))).to.deep.equal([]);
  });

  it('ends when all have everything', () => {
    replica.update(body(1));
    replica.durable();
    for (const number of [2, 3]) replica.hears(number, ts({ 'rm-1': 1 }));
    replica.wait(2500);
    expect(gossip(replica.wait(10_000))).to.deep.equal([]);
  });

  it('is off, as all gossip, where tuning says so; fetches are answered all the same', () => {
    const quiet = new TestReplica({ tuning: { gossip: 'off' } }).peers();
    quiet.update(body(1));
    expect(gossip([...quiet.durable(), ...quiet.wait(5000)])).to.deep.equal([]);
    const ranges = [{ origin: quiet.state.self.origin, from: 1, to: 1 }];
    const answer = quiet.message(12, { kind: 'fetch', serial: 1, ranges });
    expect(sent(answer, 'fetched').records).to.have.length(1);
  });
});
