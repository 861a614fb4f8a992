import { expect } from 'chai';
import { MembershipClient } from './membership-client.js';
import { MembershipCluster } from './membership-cluster.js';
import { unrest } from './membership-rest.js';

/** Members `rm-1` to `rm-3` with traffic, on disks and a network that take a few milliseconds. */
function busy(): {
  readonly cluster: MembershipCluster;
  readonly clients: readonly MembershipClient[];
} {
  const cluster = new MembershipCluster({ networkMs: () => 3, diskMs: () => 4 });
  cluster.found('rm-1');
  for (const name of ['rm-2', 'rm-3']) {
    cluster.join(name);
    cluster.settleAt('rm-1', ...['rm-2', 'rm-3'].filter((each) => each <= name));
  }
  const clients = [1, 2].map((i) => new MembershipClient(cluster, `session-${i}`));
  cluster.run(700);
  return { cluster, clients };
}

/** The primary crashes so long after the change began, and comes back. */
function crashAfter(ms: number, change: (cluster: MembershipCluster) => void): MembershipCluster {
  const { cluster, clients } = busy();
  change(cluster);
  cluster.run(ms);
  const place = cluster.primary?.place;
  if (place !== undefined) {
    cluster.crash(place, (unwritten) => cluster.random.below(unwritten + 1));
    cluster.run(6000);
    cluster.start(place);
  }
  cluster.run(3000);
  for (const client of clients) client.isStopped = true;
  let why: string | null = '';
  try {
    cluster.until('rest', () => (why = unrest(cluster)) === null, 60_000);
  } catch (error) {
    throw new Error(`${ms} ms after it began: ${why}`, { cause: error });
  }
  for (const id of cluster.oracle.durable.keys()) {
    expect(cluster.running[0]?.service.applied.has(id), `${id} after ${ms} ms`).to.equal(true);
  }
  return cluster;
}

describe('a primary that crashes at any point of a change of the members', () => {
  it('while one joins: it is a member in the end', () => {
    for (let ms = 60; ms <= 1200; ms += 19) {
      const cluster = crashAfter(ms, (each) => each.join('rm-4'));
      expect(cluster.members).to.deep.equal(['rm-1', 'rm-2', 'rm-3', 'rm-4']);
    }
  }).timeout(300_000);

  it('while one is retired: it is gone, or nothing has happened', () => {
    let gone = 0;
    for (let ms = 0; ms <= 60; ms += 2) {
      const retired = (each: MembershipCluster): string =>
        each.primary?.place === 'rm-3' ? 'rm-2' : 'rm-3';
      const cluster = crashAfter(ms, (each) => each.retire(retired(each)));
      const { members } = cluster;
      if (members.length === 3) continue;
      gone++;
      expect(members).to.have.length(2);
    }
    expect(gone).to.be.within(5, 30);
  }).timeout(300_000);

  it('while a dead one is replaced: it is', () => {
    for (let ms = 60; ms <= 800; ms += 31) {
      const cluster = crashAfter(ms, (each) => {
        const place = each.primary?.place === 'rm-3' ? 'rm-2' : 'rm-3';
        each.crash(place);
        each.run(200);
        each.loseDisk(place);
        each.join(place, 'replace');
      });
      expect(cluster.members).to.have.length(3);
    }
  }).timeout(300_000);
});
