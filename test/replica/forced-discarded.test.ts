import { expect } from 'chai';
import { ForcedCluster } from './forced-cluster.js';
import { ts } from './support.js';

describe('what an earlier view ordered and a later one committed', () => {
  it('is no proof of what a view between them may commit (N=5)', () => {
    const cluster = new ForcedCluster({ members: 5 });
    const first = cluster.elect();
    cluster.answer(cluster.ask(first), 'forced-answered');
    const [a, b, c, alone] = cluster.nodes.flatMap(({ name }) =>
      name === first ? [] : [name as string],
    ) as [string, string, string, string];
    // The first primary orders one more entry, which only its own disk has.
    cluster.links.onlyLinks([
      [a, b],
      [a, c],
      [b, c],
    ]);
    cluster.run(100);
    cluster.ask(first, { n: 2 });
    cluster.run(50);
    // Three of the others begin a view; one of them has voted and hears nothing of it.
    const leads = (name: string) =>
      ['starting', 'primary'].includes(cluster.core(name).forced.role);
    cluster.until('another view', () => [a, b, c].some(leads));
    const between = [a, b, c].find(leads) as string;
    const [follower, voter] = [a, b, c].filter((name) => name !== between) as [string, string];
    const later: [string, string][] = [
      [first, voter],
      [first, alone],
      [voter, alone],
    ];
    cluster.links.onlyLinks([[between, follower], ...later]);
    cluster.crash(first);
    cluster.start(first);
    // It comes back with its longer log, leads once more, and commits the entry.
    cluster.until('the entry is committed', () => cluster.oracle.committed >= 4, 2500);
    expect(cluster.oracle.order[2]).to.contain('session-1:2:');
    expect(cluster.core(between).forced.role).to.equal('primary');
    // Somebody who has seen it asks the primary of the view between.
    cluster.links.onlyLinks([[between, follower], [between, voter], ...later]);
    cluster.run(60);
    cluster.query(between, { prev: ts({ '!0': 3 }) });
    cluster.run(1000);
    cluster.links.heal();
    cluster.until('all have the same log', () =>
      cluster.nodes.every(({ state }) => state?.forced.executed === cluster.oracle.committed),
    );
  });
});
