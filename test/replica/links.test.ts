import { expect } from 'chai';
import type { Name } from '../../src/base/ids.js';
import { type Peer } from '../../src/replica/state.js';
import {
  aliasOf,
  body,
  effectsOf,
  linksOf,
  memberOf,
  origin,
  record,
  sends,
  sent,
  shown,
  TestReplica,
  ts,
} from './support.js';

describe('connections of a replica', () => {
  let replica: TestReplica;
  const peerOf = (number: number): Peer => replica.state.peers.get(`rm-${number}` as Name) as Peer;

  beforeEach(() => {
    replica = new TestReplica();
  });

  it('a front end and a peer are told at once how it is', () => {
    expect(linksOf(replica.frontend(1), 'heartbeat')).to.deep.equal([1]);
    expect(linksOf(replica.peer(2), 'heartbeat')).to.deep.equal([12]);
  });

  it('all of them are told again every 300 ms, and none that is gone', () => {
    replica.frontend(1);
    replica.peer(2);
    expect(linksOf(replica.wait(300), 'heartbeat')).to.deep.equal([1, 12]);
    replica.down(12);
    expect(linksOf(replica.wait(900), 'heartbeat')).to.deep.equal([1, 1, 1]);
  });

  it('a heartbeat says what is durable, and whether it counts', () => {
    replica.update(body(1));
    const before = sent(replica.peer(2), 'heartbeat');
    expect([before.replicaTimestamp.size, before.counted]).to.deep.equal([0, false]);
    replica.durable();
    replica.peer(3);
    const [after] = sends(replica.wait(300), 'heartbeat');
    expect(after?.replicaTimestamp.equals(ts({ 'rm-1': 1 }))).to.equal(true);
    expect(after?.counted).to.equal(true);
  });

  it('a new connection takes the place of one whose end was not noticed', () => {
    replica.peer(2, ts({}), { link: 12 });
    replica.peer(2, ts({}), { link: 22 });
    expect(
      replica.message(12, { kind: 'gossip', serial: 1, replicaTimestamp: ts({}), records: [] }),
    ).to.deep.equal([]);
    replica.down(12);
    replica.update(body(1));
    expect(linksOf(replica.durable(), 'gossip')).to.deep.equal([22]);
  });

  it('nobody who is no member gets to be a peer', () => {
    expect(replica.peer(9)).to.deep.equal([]);
    expect(replica.down(19)).to.deep.equal([]);
  });

  it('what a peer lacks by its hello is sent to it, whole, from the first gap on', () => {
    for (let n = 1; n <= 3; n++) replica.update(body(n));
    replica.durable();
    const { records } = sent(replica.peer(2, ts({ 'rm-1': 1 })), 'gossip');
    expect(records.map(shown)).to.deep.equal(['rm-1:2', 'rm-1:3']);
  });

  it('also records that others made, for a peer that was away; never its own start’s', () => {
    replica.peer(3);
    replica.gossip(3, [record('rm-3', 1)]);
    replica.gossip(3, [record('rm-2', 1), record(origin('rm-2', 's0'), 1)]);
    replica.durable();
    const { records } = sent(replica.peer(2), 'gossip');
    expect(records.map((each) => each.origin)).to.have.members([
      origin('rm-3'),
      origin('rm-2', 's0'),
    ]);
  });

  it('nothing is sent to a peer that has it all', () => {
    replica.update(body(1));
    replica.durable();
    expect(sends(replica.peer(2, ts({ 'rm-1': 1 })), 'gossip')).to.deep.equal([]);
    expect(sends(replica.wait(3000), 'gossip')).to.deep.equal([]);
  });

  it('tells a record again that the peer lost before it was on its disk', () => {
    replica.peer(2);
    replica.update(body(1));
    replica.durable();
    replica.message(12, { kind: 'gossip-acknowledged', serial: 1, replicaTimestamp: ts({}) });
    replica.down(12);
    const { records } = sent(replica.peer(2, ts({}), { link: 22, start: 's2' }), 'gossip');
    expect(records.map(shown)).to.deep.equal(['rm-1:1']);
  });

  it('a peer that comes back without its disk gets all, with bodies, its own records too', () => {
    replica.peer(2);
    replica.update(body(1));
    replica.durable();
    replica.gossip(2, [aliasOf(record('rm-2', 1, body(1))), record('rm-2', 2)]);
    replica.durable();
    replica.down(12);
    const effects = replica.peer(2, ts({}), { link: 22, start: 's2', disk: 'd2' });
    const { records } = sent(effects, 'gossip');
    expect(records.map(shown)).to.deep.equal(['rm-1:1', "rm-2:1'", 'rm-2:2']);
    expect(peerOf(2).memberId).to.equal(memberOf('rm-2', 'd2'));
  });

  it('gossip of a connection that ended is sent again on the next', () => {
    replica.peer(2);
    replica.update(body(1));
    replica.durable();
    expect(peerOf(2).inFlight).to.not.equal(null);
    replica.down(12);
    expect(sends(replica.peer(2, ts({}), { link: 22 }), 'gossip')).to.have.length(1);
  });
});

describe('when a replica is counted for fresh queries (A10)', () => {
  const isCounted = (replica: TestReplica): boolean =>
    effectsOf(replica.query(), 'read')[0]?.basis.counted === true;

  it('an only member is, from its start', () => {
    expect(isCounted(new TestReplica({ members: 1 }))).to.equal(true);
  });

  it('not while one member was not heard since the start, however long', () => {
    const replica = new TestReplica({ members: 5 });
    for (const number of [2, 3, 4]) replica.peer(number);
    replica.wait(60_000);
    expect(isCounted(replica)).to.equal(false);
    replica.peer(5);
    expect(isCounted(replica)).to.equal(true);
  });

  it('when it durably holds all that each said first, whatever they have by then', () => {
    const replica = new TestReplica({ members: 2 });
    replica.peer(2, ts({ 'rm-2': 2 }));
    replica.hears(2, ts({ 'rm-2': 9 }));
    replica.gossip(2, [record('rm-2', 1), record('rm-2', 2)]);
    expect(isCounted(replica), 'not on the disk').to.equal(false);
    replica.durable();
    expect(isCounted(replica)).to.equal(true);
  });

  it('it goes on being counted when members go and come', () => {
    const replica = new TestReplica().peers();
    replica.down(12);
    replica.down(13);
    expect(isCounted(replica)).to.equal(true);
    replica.peer(2, ts({ 'rm-2': 5 }), { link: 22 });
    expect(isCounted(replica)).to.equal(true);
  });

  it('what a member said does not count any more when its disk was lost since', () => {
    const replica = new TestReplica({ members: 2 });
    replica.peer(2, ts({ 'rm-2': 7 }));
    replica.down(12);
    expect(isCounted(replica)).to.equal(false);
    replica.peer(2, ts({}), { link: 22, disk: 'd2' });
    expect(isCounted(replica), 'nobody has those records: waiting would never end').to.equal(true);
  });

  it('a member that only started again is still held to what it said first', () => {
    const replica = new TestReplica({ members: 2 });
    replica.peer(2, ts({ 'rm-2': 7 }));
    replica.peer(2, ts({}), { link: 22, start: 's2' });
    expect(isCounted(replica)).to.equal(false);
  });
});

describe('a replica that starts again from its disk', () => {
  it('executes all of the log above its snapshot, once an update', () => {
    const [first, second] = [record('rm-2', 1, body(1)), record('rm-1', 1, body(1))];
    const records = [first, aliasOf(second), record('rm-1', 2, body(2))];
    const snapshot = {
      valueTimestamp: ts({ 'rm-2': 1 }),
      executed: [['session-1', [[1, 1]]]] as never,
      latest: body(1).stamp,
    };
    const replica = new TestReplica({ start: 's2', recovered: { records, snapshot } });
    expect(effectsOf(replica.startEffects, 'apply').map((effect) => effect.body.n)).to.deep.equal([
      2,
    ]);
    expect(replica.state.value.value().equals(ts({ 'rm-1': 2, 'rm-2': 1 }))).to.equal(true);
    expect(replica.state.latest).to.deep.equal(body(2).stamp);
  });

  it('from an older snapshot it executes more of the log, to the same end', () => {
    const records = [1, 2, 3].map((seq) => record('rm-2', seq));
    const replica = new TestReplica({ start: 's2', recovered: { records } });
    expect(effectsOf(replica.startEffects, 'apply')).to.have.length(3);
  });

  it('answers a retry of an update that its earlier start took', () => {
    const records = [record('rm-1', 1, body(1))];
    const replica = new TestReplica({ start: 's2', recovered: { records } });
    replica.frontend(1);
    const effects = replica.update(body(1));
    expect(sent(effects, 'acknowledged').timestamp.equals(ts({ 'rm-1': 1 }))).to.equal(true);
    expect(effectsOf(effects, 'append')).to.deep.equal([]);
  });

  it('sends its earlier start’s records to peers that lack them', () => {
    const records = [record('rm-1', 1, body(1))];
    const replica = new TestReplica({ start: 's2', recovered: { records } });
    expect(sent(replica.peer(2), 'gossip').records.map(shown)).to.deep.equal(['rm-1:1']);
  });

  it('stops where damage took away what no member has, naming it, once all were heard', () => {
    const replica = new TestReplica({ recovered: { mustRecover: ts({ 'rm-3': 4 }) } });
    expect(effectsOf(replica.peer(2, ts({ 'rm-3': 3 })), 'halt')).to.deep.equal([]);
    const [halt] = effectsOf(replica.peer(3, ts({ 'rm-3': 2 })), 'halt');
    expect(halt?.message).to.include('no member has rm-3:4');
  });

  it('says when all that damage took away is here again', () => {
    const replica = new TestReplica({ members: 2, recovered: { mustRecover: ts({ 'rm-2': 1 }) } });
    replica.peer(2, ts({ 'rm-2': 1 }));
    replica.gossip(2, [record('rm-2', 1)]);
    expect(effectsOf(replica.durable(), 'repaired')).to.have.length(1);
    expect(effectsOf(replica.durable(), 'repaired'), 'once').to.have.length(0);
  });
});
