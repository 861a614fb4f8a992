import { expect } from 'chai';
import type { Name } from '../../src/base/ids.js';
import { ForcedCluster } from './forced-cluster.js';
import type { ClusterInit } from './forced-cluster-types.js';
import { countOf, setStatus } from './forced-statuses.js';

/** Longer than a round trip and the writing to the disk, so that requests meet the handover under way. */
const SLOW: ClusterInit = { networkMs: () => 5, diskMs: () => 5 };

const othersThan = (cluster: ForcedCluster, ...names: string[]): Name[] =>
  cluster.nodes.map(({ name }) => name).filter((name) => !names.includes(name));

const viewOf = (cluster: ForcedCluster, name: string): number =>
  cluster.core(name).forced.log.view.n;

describe('a handover', function () {
  this.timeout(30_000);

  it('of a primary that goes OFFLINE takes some round trips, not a suspicion', () => {
    const cluster = new ForcedCluster({ members: 3, ...SLOW });
    const first = cluster.elect();
    const view = viewOf(cluster, first);
    setStatus(cluster, first, 'OFFLINE');
    const startMs = cluster.time.nowMs;
    cluster.until('another primary', () => cluster.primary !== first, 400);
    const second = cluster.elect(400);
    expect(second).to.not.equal(first);
    expect(cluster.time.nowMs - startMs).to.be.below(150);
    cluster.run(20_000);
    expect(cluster.primary).to.equal(second);
    expect(viewOf(cluster, second)).to.equal(view + 1);
    expect(countOf(cluster, 'asks for votes')).to.equal(1);
  });

  it('loses and doubles no request under way, and none waits long', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const cluster = new ForcedCluster({ members: 3, seed, ...SLOW });
      const first = cluster.elect();
      const asked: { readonly request: number; readonly atMs: number }[] = [];
      let n = 0;
      const ask = (): void => {
        n++;
        const [other = first] = othersThan(cluster, first);
        const name = n % 2 === 0 ? other : first;
        const isRefused = cluster.core(name).status.value === 'OFFLINE';
        const to = isRefused ? other : name;
        const request = cluster.ask(to, { n });
        asked.push({ request, atMs: cluster.time.nowMs });
      };
      for (let i = 0; i < 20; i++) {
        ask();
        cluster.run(seed % 7);
      }
      setStatus(cluster, first, 'OFFLINE');
      for (let i = 0; i < 60; i++) {
        ask();
        cluster.run(3);
      }
      for (const { request, atMs } of asked) {
        cluster.answer(request, 'forced-answered', Math.max(5, atMs + 400 - cluster.time.nowMs));
      }
      expect(cluster.primary, `seed ${seed}`).to.not.equal(first);
      const { done } = cluster.node(first).service;
      cluster.until('all have it', () => done.length === asked.length);
      expect(new Set(done).size).to.equal(asked.length);
    }
  });

  it('goes to a member that is ACTIVE', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const cluster = new ForcedCluster({ members: 5, seed });
      const first = cluster.elect();
      const [a, b, c, active] = othersThan(cluster, first) as [Name, Name, Name, Name];
      for (const name of [a, b]) setStatus(cluster, name, 'OFFLINE');
      setStatus(cluster, c, 'OVERLOADED');
      cluster.run(400);
      setStatus(cluster, first, 'OFFLINE');
      cluster.until('another primary', () => cluster.primary === active, 400);
    }
  });

  it('of an OVERLOADED primary comes after 5 s, and only where a member is ACTIVE', () => {
    const cluster = new ForcedCluster({ members: 3 });
    const first = cluster.elect();
    for (const { name } of cluster.nodes) setStatus(cluster, name, 'OVERLOADED');
    cluster.run(20_000);
    expect(cluster.primary).to.equal(first);
    const [active] = othersThan(cluster, first) as [Name];
    setStatus(cluster, active, 'ACTIVE');
    cluster.until('the ACTIVE one leads', () => cluster.primary === active, 700);
    setStatus(cluster, active, 'OVERLOADED');
    setStatus(cluster, first, 'ACTIVE');
    cluster.run(4900);
    expect(cluster.primary).to.equal(active);
    cluster.until('the other ACTIVE one leads', () => cluster.primary === first, 700);
  });

  it('that nobody takes ends soon: the primary goes on, and tries again after 10 s', () => {
    const cluster = new ForcedCluster({ members: 3 });
    const first = cluster.elect();
    // It is not known yet that the others do not want to lead either.
    for (const name of othersThan(cluster, first)) setStatus(cluster, name, 'OFFLINE');
    setStatus(cluster, first, 'OFFLINE');
    const request = cluster.ask(first, { n: 1 });
    expect(cluster.answerTo(request)).to.include({ kind: 'declined', code: 'UNAVAILABLE' });
    setStatus(cluster, first, 'OVERLOADED');
    const held = cluster.ask(first, { n: 1 });
    cluster.run(400);
    expect(cluster.answerTo(held)).to.equal(null);
    cluster.answer(held, 'forced-answered', 200);
    setStatus(cluster, first, 'OFFLINE');
    const [willing] = othersThan(cluster, first) as [Name];
    setStatus(cluster, willing, 'ACTIVE');
    cluster.run(9000);
    expect(cluster.primary).to.equal(first);
    expect(countOf(cluster, 'hands over')).to.equal(1);
    cluster.until('the willing one leads', () => cluster.primary === willing, 1500);
  });

  it('leaves an OFFLINE primary in its place where nobody else can lead', () => {
    const cluster = new ForcedCluster({ members: 3 });
    const first = cluster.elect();
    for (const name of othersThan(cluster, first)) setStatus(cluster, name, 'OFFLINE');
    cluster.run(400);
    setStatus(cluster, first, 'OFFLINE');
    cluster.run(30_000);
    expect(cluster.primary).to.equal(first);
    expect(countOf(cluster, 'hands over')).to.equal(0);
  });

  it('waits for a member to have what the primary has', () => {
    const cluster = new ForcedCluster({ members: 3, ...SLOW });
    const first = cluster.elect();
    const request = cluster.ask(first);
    setStatus(cluster, first, 'OFFLINE');
    expect(countOf(cluster, 'hands over')).to.equal(0);
    cluster.answer(request, 'forced-answered', 300);
    cluster.until('another primary', () => cluster.primary !== first, 300);
    expect(cluster.oracle.order[1]).to.contain('session-1:1:');
  });

  it('is asked for by the primary of the view and by nobody else', () => {
    const cluster = new ForcedCluster({ members: 3 });
    const first = cluster.elect();
    setStatus(cluster, first, 'OFFLINE');
    const early = cluster.core(first).forced.log.view;
    cluster.until('another primary', () => cluster.primary !== first, 400);
    const second = cluster.elect();
    const { view } = cluster.core(second).forced.log;
    const [third] = othersThan(cluster, first, second) as [Name];
    cluster.run(1000);
    for (const [from, asked] of [
      [first, early],
      [first, view],
      [second, early],
    ] as const) {
      const { link } = cluster.core(third).peers.get(from) ?? {};
      if (link == null) throw new Error('not connected');
      const message = { kind: 'handover', view: asked } as const;
      cluster.step(cluster.node(third), { kind: 'message', link, message });
    }
    cluster.run(1000);
    expect(cluster.primary).to.equal(second);
    expect(cluster.core(third).forced.log.view).to.deep.equal(view);
  });
});

describe('an OFFLINE replica', () => {
  it('goes on with what it was asked before, and takes nothing new', () => {
    const cluster = new ForcedCluster({ members: 3, ...SLOW });
    const first = cluster.elect();
    const [backup] = othersThan(cluster, first) as [Name];
    const before = [
      cluster.ask(backup, { n: 1 }),
      cluster.ask(backup, { n: 2, operation: 'set' }),
      cluster.ask(first, { n: 3 }),
    ] as const;
    for (const name of [backup, first]) setStatus(cluster, name, 'OFFLINE');
    const after = [
      cluster.ask(backup, { n: 4 }),
      cluster.ask(backup, { n: 5, operation: 'set' }),
      cluster.query(backup),
    ];
    for (const request of after) {
      expect(cluster.answerTo(request)).to.include({ kind: 'declined', code: 'UNAVAILABLE' });
    }
    cluster.answer(before[0], 'forced-answered', 500);
    cluster.answer(before[1], 'acknowledged', 500);
    cluster.answer(before[2], 'forced-answered', 500);
  });

  it('votes, holds entries and orders what others forward: draining costs no quorum', () => {
    const cluster = new ForcedCluster({ members: 3 });
    const first = cluster.elect();
    const [second, third] = othersThan(cluster, first) as [Name, Name];
    setStatus(cluster, second, 'OFFLINE');
    cluster.run(400);
    cluster.crash(first);
    cluster.until('the third leads', () => cluster.primary === third, 8000);
    cluster.elect();
    cluster.answer(cluster.ask(third), 'forced-answered', 300);
    expect(cluster.core(second).forced.log.op).to.equal(cluster.core(third).forced.log.op);
  });

  it('leaves elections to others, unless there is none', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const cluster = new ForcedCluster({ members: 3, seed });
      const first = cluster.elect();
      const [second, third] = othersThan(cluster, first) as [Name, Name];
      setStatus(cluster, second, 'OFFLINE');
      cluster.run(400);
      cluster.crash(first);
      cluster.until('the other leads', () => cluster.primary === third, 8000);
      setStatus(cluster, third, 'OFFLINE');
      cluster.crash(third);
      cluster.start(first);
      setStatus(cluster, first, 'OFFLINE');
      cluster.elect(20_000);
    }
  });
});
