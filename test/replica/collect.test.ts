/** Letting go of records that all others have and a snapshot holds (A13), and what is answered then. */

import { expect } from 'chai';
import { laggards } from '../../src/replica/collect.js';
import { donationOf, reflectedBy, snapshotOf } from '../../src/replica/snapshots.js';
import type { Heartbeat } from '../../src/wire/messages.js';
import {
  aliasOf,
  appended,
  applied,
  body,
  connectedReplica,
  effectsOf,
  record,
  sent,
  sends,
  TestReplica,
  ts,
  WALL_MS,
} from './support.js';

/** A snapshot of now is durable. */
function save(replica: TestReplica): void {
  replica.step({ kind: 'snapshot-saved', ...reflectedBy(replica.state) });
}

/** What peers 2 and 3 say that they hold. */
function bothHear(replica: TestReplica, counts: Readonly<Record<string, number>>): void {
  replica.hears(2, ts(counts));
  replica.hears(3, ts(counts));
  replica.step({ kind: 'clock', wallMs: WALL_MS });
}

/** rm-1 with updates 1 to `count` of its own, durable and executed. */
function replicaWith(count: number): TestReplica {
  const replica = connectedReplica({ founded: true });
  for (let n = 1; n <= count; n++) replica.update(body(n));
  replica.durable();
  return replica;
}

describe('collecting the update log (A13)', () => {
  it('needs a durable snapshot and the word of each other member', () => {
    const replica = replicaWith(3);
    const { log } = replica.state;
    bothHear(replica, { 'rm-1': 3 });
    expect(log.base, 'no snapshot').to.equal(0);
    save(replica);
    expect(log.base).to.equal(3);
    expect(log.size).to.equal(0);
    for (let n = 4; n <= 6; n++) replica.update(body(n));
    replica.durable();
    save(replica);
    expect(log.base, 'nobody has said to have them').to.equal(3);
    replica.hears(2, ts({ 'rm-1': 6 }));
    replica.step({ kind: 'clock', wallMs: WALL_MS });
    expect(log.base, 'rm-3 has not').to.equal(3);
    replica.hears(3, ts({ 'rm-1': 5 }));
    replica.step({ kind: 'clock', wallMs: WALL_MS });
    expect(log.base).to.equal(5);
  });

  it('takes a member of which nothing is known since this start for one that holds nothing', () => {
    const replica = new TestReplica({ founded: true });
    replica.frontend();
    replica.update(body(1));
    replica.durable();
    replica.peer(2, ts({ 'rm-1': 1 }));
    save(replica);
    expect(replica.state.log.base).to.equal(0);
    replica.peer(3, ts({ 'rm-1': 1 }));
    replica.step({ kind: 'clock', wallMs: WALL_MS });
    expect(replica.state.log.base).to.equal(1);
  });

  it('believes a hello that says less, as of a disk that was lost', () => {
    const replica = replicaWith(1);
    replica.hears(2, ts({ 'rm-1': 1 }));
    replica.hears(3, ts({ 'rm-1': 1 }));
    replica.peer(2, ts({}), { link: 22, start: 's2', disk: 'd2' });
    save(replica);
    expect(replica.state.log.base).to.equal(0);
  });

  it('counts what a member tells only once this replica has all of it: second records come first', () => {
    const replica = replicaWith(1);
    save(replica);
    // Both have it, and rm-2 has made a second record of it, which is not here yet.
    bothHear(replica, { 'rm-1': 1, 'rm-2': 1 });
    expect(replica.state.log.base).to.equal(0);
    const effects = replica.gossip(2, [aliasOf(record('rm-2', 1, body(1)))], ts({ 'rm-2': 1 }));
    expect(appended(effects)).to.deep.equal(["rm-2:1'"]);
    replica.durable();
    replica.step({ kind: 'clock', wallMs: WALL_MS });
    expect(replica.state.log.base).to.equal(1);
    expect(replica.state.log.at(1).body.n, 'the second record keeps the body').to.equal(1);
  });

  it('goes on although members never stop telling more than is here', () => {
    const replica = replicaWith(1);
    save(replica);
    for (let seq = 1; seq <= 5; seq++) {
      bothHear(replica, { 'rm-1': 1, 'rm-2': seq });
      replica.gossip(2, [record('rm-2', seq)], ts({ 'rm-2': seq }));
    }
    replica.step({ kind: 'clock', wallMs: WALL_MS });
    expect(replica.state.log.base).to.equal(1);
  });

  it('needs only its snapshot where it is alone', () => {
    const replica = new TestReplica({ members: 1, founded: true });
    replica.frontend();
    replica.update(body(1));
    replica.durable();
    save(replica);
    expect(replica.state.log.base).to.equal(1);
  });

  it('answers a retry of what was collected, and makes no second record of it', () => {
    const replica = replicaWith(2);
    bothHear(replica, { 'rm-1': 2 });
    save(replica);
    const effects = replica.update(body(1));
    const { timestamp } = sent(effects, 'acknowledged');
    expect(ts({ 'rm-1': 1 }).leq(timestamp), 'it covers the update').to.equal(true);
    expect(effectsOf(effects, 'append')).to.deep.equal([]);
    expect(replica.state.log.size).to.equal(0);
  });

  it('serves what is left, in gossip and fetch, and nothing of what is not', () => {
    const replica = replicaWith(3);
    bothHear(replica, { 'rm-1': 2 });
    save(replica);
    const fetch = (from: number) =>
      sent(
        replica.message(12, {
          kind: 'fetch',
          serial: from,
          ranges: [{ origin: replica.state.self.origin, from, to: 9 }],
        }),
        'fetched',
      ).records.map(({ seq }) => seq);
    expect(fetch(3)).to.deep.equal([3]);
    expect(fetch(2), 'with a gap before it, it could not be stored').to.deep.equal([]);
    const effects = replica.peer(2, ts({}), { link: 22, start: 's2', disk: 'd2' });
    const records = sends(effects, 'gossip').flatMap((gossip) => gossip.records);
    expect(records.map(({ seq }) => seq)).to.deep.equal([3]);
  });

  it('goes on gossiping where messages to a peer were on their way', () => {
    const replica = replicaWith(1);
    for (let n = 2; n <= 4; n++) replica.update(body(n));
    replica.durable();
    bothHear(replica, { 'rm-1': 4 });
    save(replica);
    replica.update(body(5));
    replica.durable();
    const { serial } = { serial: 1 };
    const acknowledgement = {
      kind: 'gossip-acknowledged',
      serial,
      replicaTimestamp: ts({}),
    } as const;
    const sentNow = sends(replica.message(12, acknowledgement), 'gossip');
    expect(sentNow.flatMap(({ records }) => records.map(({ seq }) => seq))).to.deep.equal([5]);
  });

  it('retires nobody who was heard of lately, then names who keeps the log too long', () => {
    const replica = new TestReplica({ founded: true, tuning: { logLimit: 2 } }).peers();
    replica.frontend();
    for (let n = 1; n <= 3; n++) replica.update(body(n));
    replica.durable();
    const look = () => {
      replica.step({ kind: 'clock', wallMs: WALL_MS });
      return laggards(replica.state).map(({ name }) => name);
    };
    replica.hears(2, ts({ 'rm-1': 3 }));
    expect(look()).to.deep.equal([]);
    replica.nowMs += 9000;
    expect(look()).to.deep.equal([]);
    replica.nowMs += 1000;
    expect(look()).to.deep.equal(['rm-3']);
    replica.hears(3, ts({ 'rm-1': 1 }));
    expect(look(), 'it catches up').to.deep.equal([]);
  });

  it('takes no new update once it holds twice the limit, but knows those that it has', () => {
    const replica = new TestReplica({ founded: true, tuning: { logLimit: 2 } }).peers();
    replica.frontend();
    for (let n = 1; n <= 4; n++) replica.update(body(n));
    replica.durable();
    replica.hears(2, ts({ 'rm-1': 4 }));
    replica.step({ kind: 'clock', wallMs: WALL_MS });
    const { code, message } = sent(replica.update(body(5)), 'declined');
    expect(code).to.equal('OVERLOADED');
    expect(message).to.equal(
      'rm-1 holds 4 updates that rm-3 lack, and takes no more; bring them back, or retire them',
    );
    sent(replica.update(body(4)), 'acknowledged');
    save(replica);
    replica.hears(3, ts({ 'rm-1': 4 }));
    replica.step({ kind: 'clock', wallMs: WALL_MS });
    expect(sends(replica.update(body(5)), 'declined')).to.deep.equal([]);
  });
});

describe('a snapshot of a log that was collected (A14)', () => {
  it('begins where it may be collected once it is durable', () => {
    const replica = replicaWith(3);
    bothHear(replica, { 'rm-1': 2 });
    const { log } = snapshotOf(replica.state);
    expect(log.base).to.equal(2);
    expect(log.collected.equals(ts({ 'rm-1': 2 }))).to.equal(true);
    expect(replica.state.log.base, 'it is not durable yet').to.equal(0);
  });

  it('brings a replica back with the records above, and with bodies that they share', () => {
    const replica = replicaWith(1);
    replica.gossip(2, [aliasOf(record('rm-2', 1, body(1)))], ts({ 'rm-2': 1 }));
    replica.durable();
    bothHear(replica, { 'rm-1': 1 });
    const snapshot = snapshotOf(replica.state);
    expect(snapshot.log.base).to.equal(1);
    const records = [aliasOf(record('rm-2', 1, body(1)))];
    const again = new TestReplica({ founded: true, start: 's2', recovered: { snapshot, records } });
    expect(applied(again.startEffects)).to.deep.equal([]);
    expect(again.state.log.length).to.equal(2);
    expect(again.state.log.at(1).body).to.deep.equal(body(1));
    expect(again.state.durable.value().equals(ts({ 'rm-1': 1, 'rm-2': 1 }))).to.equal(true);
    again.frontend();
    sent(again.update(body(1)), 'acknowledged');
  });

  it('for another replica has the bodies of all that may have a second record', () => {
    const replica = replicaWith(2);
    const snapshot = { ...donationOf(replica.state), forced: null };
    expect(snapshot.log.base).to.equal(0);
    const other = new TestReplica({ founded: true, name: 'rm-3', recovered: { snapshot } });
    other.peer(2);
    const effects = other.gossip(2, [aliasOf(record('rm-2', 1, body(2)))], ts({ 'rm-2': 1 }));
    expect(appended(effects), 'its disk has the body in the snapshot').to.deep.equal(["rm-2:1'"]);
    expect(applied(effects), 'it was executed').to.deep.equal([]);
    expect(other.state.value.value().equals(ts({ 'rm-1': 2, 'rm-2': 1 }))).to.equal(true);
  });

  it('that is older than another one makes nothing come back', () => {
    const replica = replicaWith(3);
    bothHear(replica, { 'rm-1': 3 });
    save(replica);
    replica.step({ kind: 'snapshot-saved', length: 1, forced: 0 });
    expect(replica.state.log.base).to.equal(3);
    expect(replica.state.collection.savedLength).to.equal(3);
  });
});

describe('the floor and the horizon (A8)', () => {
  const HOUR_MS = 3_600_000;
  const TTL_MS = 24 * HOUR_MS;

  /** The wall clock shows this, an hour later than the bodies of updates. */
  const NOW_MS = WALL_MS + TTL_MS + HOUR_MS;

  const clock = (replica: TestReplica, wallMs: number) => replica.step({ kind: 'clock', wallMs });

  const heartbeat = (floorMs: number, counts: Record<string, number>): Heartbeat => ({
    kind: 'heartbeat',
    status: { value: 'ACTIVE', source: 'auto' },
    counted: true,
    replicaTimestamp: ts(counts),
    standing: {
      ...{ view: { n: 0, owner: null }, lnv: { n: 0, owner: null } },
      ...{ op: 0, commit: 0, mayVote: false, primary: null },
    },
    epoch: 1,
    wallMs: WALL_MS,
    floorMs,
    promises: 0,
  });

  const tell = (replica: TestReplica, number: number, floorMs: number, counts = {}) =>
    replica.message(10 + number, heartbeat(floorMs, counts));

  it('is promised durably before it is told, once a minute at most, and never goes back', () => {
    const replica = connectedReplica({ founded: true });
    const floors = (wallMs: number) =>
      effectsOf(clock(replica, wallMs), 'persist').map(({ transition }) => transition.floorMs);
    expect(floors(NOW_MS)).to.deep.equal([NOW_MS - TTL_MS]);
    const told = () => sends(replica.wait(400), 'heartbeat').map(({ floorMs }) => floorMs);
    expect(told()[0]).to.equal(0);
    replica.durable();
    expect(told()[0]).to.equal(NOW_MS - TTL_MS);
    expect(floors(NOW_MS + HOUR_MS), 'so soon').to.deep.equal([]);
    replica.nowMs += 60_000;
    expect(floors(NOW_MS - HOUR_MS), 'a clock that was set back').to.deep.equal([]);
    expect(floors(NOW_MS + HOUR_MS)).to.deep.equal([NOW_MS - TTL_MS + HOUR_MS]);
  });

  it('leaves out own records that are not durable', () => {
    const replica = connectedReplica({ founded: true });
    replica.update(body(1));
    const [effect] = effectsOf(clock(replica, NOW_MS), 'persist');
    expect(effect?.transition.floorMs).to.equal(WALL_MS);
  });

  it('scenario 14: declines an update below it as EXPIRED, but not one that it knows', () => {
    const replica = replicaWith(1);
    clock(replica, WALL_MS + TTL_MS + 1);
    const { code, message } = sent(replica.update(body(2)), 'declined');
    expect(code).to.equal('EXPIRED');
    expect(message).to.include('more than 24 h old');
    sent(replica.update(body(1)), 'acknowledged');
    const late = body(3, { stamp: { physicalMs: WALL_MS + 1, logical: 0 } });
    expect(sends(replica.update(late), 'declined')).to.deep.equal([]);
  });

  it('forgets sessions and tombstones below the least of all floors, and a margin', () => {
    const replica = replicaWith(1);
    bothHear(replica, { 'rm-1': 1 });
    save(replica);
    replica.nowMs += 60_000;
    clock(replica, NOW_MS);
    replica.durable();
    tell(replica, 2, NOW_MS - TTL_MS);
    expect(effectsOf(clock(replica, NOW_MS), 'forget'), 'rm-3 has told none').to.deep.equal([]);
    tell(replica, 3, WALL_MS + HOUR_MS / 2);
    const [effect] = effectsOf(clock(replica, NOW_MS), 'forget');
    expect(effect?.beforeMs).to.equal(WALL_MS + HOUR_MS / 2 - 10 * 60_000);
    expect(replica.state.executed.sessions).to.equal(0);
    expect(effectsOf(clock(replica, NOW_MS), 'forget'), 'once').to.deep.equal([]);
    expect(sent(replica.update(body(1)), 'declined').code).to.equal('EXPIRED');
  });

  it('counts a floor once all is here that its member had made by then', () => {
    const replica = connectedReplica({ founded: true });
    tell(replica, 2, WALL_MS, { 'rm-2': 1 });
    expect(replica.state.peers.get('rm-2' as never)?.floorMs).to.equal(0);
    replica.gossip(2, [record('rm-2', 1)]);
    tell(replica, 2, WALL_MS, { 'rm-2': 1 });
    expect(replica.state.peers.get('rm-2' as never)?.floorMs).to.equal(WALL_MS);
    replica.peer(2, ts({}), { link: 22, start: 's2', disk: 'd2' });
    expect(
      replica.state.peers.get('rm-2' as never)?.floorMs,
      'another disk has promised nothing',
    ).to.equal(0);
  });

  it('counts a floor that came ahead of its records once they are here, whatever is told meanwhile', () => {
    const replica = connectedReplica({ founded: true });
    const floor = () => replica.state.peers.get('rm-2' as never)?.floorMs;
    tell(replica, 2, WALL_MS, { 'rm-2': 1 });
    for (let seq = 1; seq <= 3; seq++) {
      replica.gossip(2, [record('rm-2', seq)]);
      tell(replica, 2, WALL_MS + seq, { 'rm-2': seq + 1 });
      expect(floor()).to.equal(WALL_MS + seq - 1);
    }
    replica.peer(2, ts({}), { link: 22, start: 's2', disk: 'd2' });
    replica.gossip(3, [record('rm-2', 4)]);
    replica.message(22, heartbeat(0, {}));
    expect(floor(), 'what another disk had promised').to.equal(0);
  });

  it('counts a floor that is covered though an earlier one names what never comes', () => {
    const replica = connectedReplica({ founded: true });
    tell(replica, 2, WALL_MS, { 'rm-9': 1 });
    tell(replica, 2, WALL_MS + 1, {});
    expect(replica.state.peers.get('rm-2' as never)?.floorMs).to.equal(WALL_MS + 1);
  });
});
