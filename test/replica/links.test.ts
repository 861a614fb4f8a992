import { expect } from 'chai';
import type { Name } from '../../src/base/ids.js';
import { LIMITS } from '../../src/base/limits.js';
import type { Peer } from '../../src/replica/state.js';
import {
  aliasOf,
  body,
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

  it('a front end is told of as many others as may be named, the oldest', () => {
    const founded = new TestReplica({ founded: true });
    for (let link = 100; link < 100 + LIMITS.frontendsTold; link++) founded.frontend(link);
    const { frontends } = sent(founded.frontend(1), 'configuration');
    expect(frontends).to.have.length(LIMITS.frontendsTold);
    expect(frontends[0]?.name).to.equal('fe-100');
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
      replica.message(12, {
        kind: 'gossip',
        serial: 1,
        replicaTimestamp: ts({}),
        epoch: 1,
        records: [],
      }),
    ).to.deep.equal([]);
    replica.down(12);
    replica.update(body(1));
    expect(linksOf(replica.durable(), 'gossip')).to.deep.equal([22]);
  });

  // Seed 2553 of the simulator: the other side took it for the newer one, and was heard by nobody for ever.
  it('an older connection whose hello comes late is closed, and the newer one stays', () => {
    replica.peer(2, ts({}), { link: 22 });
    const message = 'a newer connection of rm-2 is there';
    expect(replica.peer(2, ts({}), { link: 12 })).to.deep.equal([
      { kind: 'hang-up', link: 12, message },
    ]);
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
