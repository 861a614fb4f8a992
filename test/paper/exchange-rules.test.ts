/** The rules of the causal part, continued: what is asked, gossiped and fetched, and recovery. */

import { expect } from 'chai';
import type { Name, SessionId } from '../../src/base/ids.js';
import { SeededRandom } from '../../src/base/random.js';
import { LIMITS } from '../../src/base/limits.js';
import { DEFAULT_TUNING, EMPTY_SNAPSHOT } from '../../src/replica/state.js';
import { startReplica } from '../../src/replica/step.js';
import { identityAmong } from '../replica/identities.js';
import {
  applied,
  body,
  connectedReplica as replica,
  effectsOf,
  linksOf,
  memberOf,
  origin,
  record,
  sends,
  sent,
  TestReplica,
  ts,
} from '../replica/support.js';

describe('A9 preconditions', () => {
  it('an executed id answers "executed", never "refused"', () => {
    const one = replica();
    one.update(body(1));
    one.durable();
    const precondition = { session: 'session-1' as SessionId, n: 1 };
    expect(sent(one.query({ precondition }), 'answer').outcome).to.deep.equal({ kind: 'executed' });
    const next = { session: 'session-1' as SessionId, n: 2 };
    expect(effectsOf(one.query({ precondition: next }), 'read')).to.have.length(1);
  });
});

describe('A10 queries', () => {
  it('a query is answered when prev is covered, and fetches what is missing at once', () => {
    const one = replica();
    const waits = one.query({ prev: ts({ 'rm-3': 2 }) });
    expect(effectsOf(waits, 'read')).to.deep.equal([]);
    expect(linksOf(waits, 'fetch')).to.deep.equal([13]);
    expect(effectsOf(one.fetched(3, [record('rm-3', 1)]), 'read')).to.deep.equal([]);
    const [read] = effectsOf(one.fetched(3, [record('rm-3', 2)]), 'read');
    expect(read?.basis.valueTimestamp.toJSON()).to.deep.equal(ts({ 'rm-3': 2 }).toJSON());
  });

  it('a collecting query that has to wait tells replicaTS at once', () => {
    const one = replica();
    const waits = one.query({ prev: ts({ 'rm-3': 1 }), collect: true });
    expect(sent(waits, 'collected').replicaTimestamp.size).to.equal(0);
  });

  it('a starting replica is not counted until it covers what all others held', () => {
    const one = new TestReplica();
    one.frontend();
    one.peer(2, ts({ 'rm-2': 1 }));
    const basisOf = (): boolean | undefined => effectsOf(one.query(), 'read')[0]?.basis.counted;
    expect(basisOf(), 'rm-3 was not heard').to.equal(false);
    one.peer(3);
    expect(basisOf(), 'rm-2:1 is missing').to.equal(false);
    one.gossip(2, [record('rm-2', 1)]);
    expect(basisOf(), 'rm-2:1 is not durable').to.equal(false);
    one.durable();
    expect(basisOf()).to.equal(true);
  });

  it('either form of the past will do: the record of a dead replica blocks nobody', () => {
    const one = replica();
    const past = { prev: ts({ 'rm-2': 5 }), alternative: ts({ 'rm-3': 1 }) };
    expect(effectsOf(one.query(past), 'read')).to.deep.equal([]);
    expect(effectsOf(one.gossip(3, [record('rm-3', 1)]), 'read')).to.have.length(1);
    expect(one.state.waitingById.size + one.state.waiting.size).to.equal(0);
    one.update(body(1), past);
    expect(one.state.log.at(1).prev.toJSON()).to.deep.equal(ts({ 'rm-3': 1 }).toJSON());
  });

  it('a cancelled query is not answered', () => {
    const one = replica();
    one.query({ prev: ts({ 'rm-3': 1 }) });
    one.message(1, { kind: 'cancel', requestIds: [1] });
    expect(effectsOf(one.gossip(3, [record('rm-3', 1)]), 'read')).to.deep.equal([]);
  });

  it('OFFLINE refuses clients and still serves its peers', () => {
    const one = replica();
    one.update(body(1));
    one.durable();
    one.status('OFFLINE');
    expect(sent(one.query(), 'declined').code).to.equal('UNAVAILABLE');
    expect(sent(one.update(body(2)), 'declined').code).to.equal('UNAVAILABLE');
    const ranges = [{ origin: origin('rm-1'), from: 1, to: 1 }];
    const answer = one.message(12, { kind: 'fetch', serial: 1, ranges });
    expect(sent(answer, 'fetched').records).to.have.length(1);
  });
});

describe('A11 gossip', () => {
  it('is sent at once, and coalesced behind the message under way', () => {
    const one = replica();
    one.update(body(1));
    expect(linksOf(one.durable(), 'gossip')).to.deep.equal([12, 13]);
    one.update(body(2));
    one.update(body(3));
    expect(sends(one.durable(), 'gossip')).to.deep.equal([]);
    const replicaTimestamp = ts({ 'rm-1': 1 });
    const next = one.message(12, { kind: 'gossip-acknowledged', serial: 1, replicaTimestamp });
    expect(sent(next, 'gossip').records.map(({ seq }) => seq)).to.deep.equal([2, 3]);
  });

  it('the first-named replica sends the body onward, the second the alias', () => {
    const holders = (names: string[]): boolean[] => {
      const one = replica();
      one.update(body(1), { holders: names as Name[] });
      return sends(one.durable(), 'gossip').map(({ records }) => 'body' in (records[0] ?? {}));
    };
    expect(holders(['rm-1', 'rm-2']), 'to rm-2 and rm-3').to.deep.equal([false, true]);
    expect(holders(['rm-2', 'rm-1']), 'to rm-2 and rm-3').to.deep.equal([false, false]);
  });

  it('hello sets tableTS, also downwards, and sending starts over from there', () => {
    const one = replica();
    one.update(body(1));
    one.durable();
    one.message(12, {
      kind: 'gossip-acknowledged',
      serial: 1,
      replicaTimestamp: ts({ 'rm-1': 1 }),
    });
    one.down(12);
    const again = one.peer(2, ts({}), { link: 22, disk: 'd2' });
    expect(one.state.peers.get('rm-2' as Name)?.timestamp.size).to.equal(0);
    expect(sent(again, 'gossip').records.map(({ seq }) => seq)).to.deep.equal([1]);
  });

  it('anti-entropy sends what a peer lacks, whoever made it', () => {
    const one = replica();
    one.gossip(2, [record('rm-2', 1)]);
    expect(sends(one.durable(), 'gossip'), 'not at once: rm-2 does').to.deep.equal([]);
    const repairs = one.wait(2500);
    expect(linksOf(repairs, 'gossip')).to.deep.equal([13]);
    expect(sent(repairs, 'gossip').records[0]?.origin).to.equal(origin('rm-2'));
  });

  it('gossip that is not acknowledged is sent again', () => {
    const one = replica();
    one.update(body(1));
    one.durable();
    const again = sends(one.wait(3000), 'gossip');
    expect(again.some(({ records }) => records.some(({ seq }) => seq === 1))).to.equal(true);
  });
});

describe('A12 fetch', () => {
  it('asks another one after a timeout, and one fetch serves all who wait', () => {
    const one = replica();
    one.query({ requestId: 1, prev: ts({ 'rm-2': 1 }) });
    expect(sends(one.query({ requestId: 2, prev: ts({ 'rm-2': 1 }) }), 'fetch')).to.deep.equal([]);
    expect(linksOf(one.wait(150), 'fetch')).to.deep.equal([13]);
    expect(effectsOf(one.fetched(3, [record('rm-2', 1)]), 'read')).to.have.length(2);
  });

  it('asks elsewhere at once when the one asked goes away', () => {
    const one = replica();
    one.query({ prev: ts({ 'rm-2': 1 }) });
    expect(linksOf(one.down(12), 'fetch')).to.deep.equal([13]);
  });

  it('serves only what is durable here', () => {
    const one = replica();
    one.update(body(1));
    const ranges = [{ origin: origin('rm-1'), from: 1, to: 5 }];
    const ask = () => sent(one.message(12, { kind: 'fetch', serial: 1, ranges }), 'fetched');
    expect(ask().records).to.deep.equal([]);
    one.durable();
    expect(ask().records.map(({ seq }) => seq)).to.deep.equal([1]);
  });
});

describe('A15 bounds', () => {
  it('client timestamps are never evidence about logs', () => {
    const one = replica();
    one.query({ prev: ts({ 'rm-2': 5, 'rm-3': 7 }) });
    for (const peer of one.state.peers.values()) expect(peer.timestamp.size).to.equal(0);
    expect(one.state.received.value().size).to.equal(0);
  });

  it('waiting requests are bounded: one too many is OVERLOADED', () => {
    const one = replica();
    for (let i = 0; i < LIMITS.waitingRequests; i++) one.state.waitingById.set(`other/${i}`, []);
    const declined = sent(one.query({ prev: ts({ 'rm-2': 1 }) }), 'declined');
    expect(declined.code).to.equal('OVERLOADED');
  });
});

describe('recovery', () => {
  it('executes what the snapshot does not hold, in log order', () => {
    const records = [record('rm-1', 1, body(1)), record('rm-1', 2, body(2))];
    const one = new TestReplica({ start: 's2', recovered: { records } });
    expect(applied(one.startEffects)).to.deep.equal([1, 2]);
  });

  it('a snapshot above the log is a broken invariant', () => {
    const name = 'rm-1' as Name;
    const start = () =>
      startReplica(
        identityAmong([name], { name, memberId: memberOf(name), origin: origin(name) }),
        DEFAULT_TUNING,
        {
          snapshot: { ...EMPTY_SNAPSHOT, valueTimestamp: ts({ 'rm-1': 1 }) },
          records: [],
          mustRecover: null,
          transitions: [],
          hasForgotten: false,
        },
        0,
        new SeededRandom(1),
      );
    expect(start).to.throw(/more than the log/);
  });

  it('what damage took away is found again, or the replica stops', () => {
    const lost = ts({ 'rm-1': 2 });
    const repaired = new TestReplica({ start: 's2', recovered: { mustRecover: lost } });
    repaired.peer(2, lost);
    repaired.peer(3);
    const records = [record('rm-1', 1), record('rm-1', 2)];
    repaired.gossip(2, records, lost);
    expect(effectsOf(repaired.durable(), 'repaired')).to.have.length(1);
    const hopeless = new TestReplica({ start: 's2', recovered: { mustRecover: lost } });
    hopeless.peer(2);
    const [halt] = effectsOf(hopeless.peer(3), 'halt');
    expect(halt?.message).to.match(/no member has rm-1/);
  });
});
