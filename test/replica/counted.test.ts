import { expect } from 'chai';
import { effectsOf, record, TestReplica, ts } from './support.js';

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
