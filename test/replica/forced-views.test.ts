import { expect } from 'chai';
import type { Name } from '../../src/base/ids.js';
import { ForcedCluster } from './forced-cluster.js';
import { allExecuted, othersThan, pairsOf } from './forced-shapes.js';

const viewOf = (cluster: ForcedCluster, name: string): number =>
  cluster.core(name).forced.log.view.n;

describe('views and their primaries (B)', () => {
  it('a new primary has what was committed, and what a majority held', () => {
    const cluster = new ForcedCluster({ members: 3 });
    const first = cluster.elect();
    cluster.answer(cluster.ask(first), 'forced-answered');
    cluster.ask(first, { n: 2 });
    // The backups have it on their disks when the primary dies; nobody has told them more.
    cluster.until('a backup holds it', () =>
      othersThan(cluster, first).some((name) => cluster.core(name).forced.durable.op >= 3),
    );
    cluster.crash(first);
    const second = cluster.elect();
    expect(second).not.to.equal(first);
    expect(cluster.oracle.order[1]).to.contain('session-1:1:');
    expect(cluster.oracle.order[2]).to.contain('session-1:2:');
    expect(cluster.answer(cluster.ask(second, { n: 2 }), 'forced-answered').outcome.kind).to.equal(
      'value',
    );
    expect(cluster.node(second).service.done).to.have.length(2);
  });

  it('what only the old primary held is replaced, and the retry is executed once', () => {
    const cluster = new ForcedCluster();
    const first = cluster.elect();
    cluster.links.isolate(first);
    const lost = cluster.ask(first, { amount: 3, timeoutMs: 60_000 });
    cluster.run(50);
    expect(cluster.core(first).forced.durable.op).to.equal(2);
    cluster.until('another primary', () => cluster.primary !== first && cluster.primary !== null);
    const second = cluster.elect();
    cluster.answer(cluster.ask(second, { session: 'session-2' }), 'forced-answered');
    cluster.links.heal();
    expect(cluster.answer(lost, 'forced-answered').outcome.kind).to.equal('value');
    cluster.until('all executed it', () => allExecuted(cluster));
    const done = cluster.node(first).service.done.filter((id) => id === 'session-1:1');
    expect(done).to.have.length(1);
  });

  it('a primary without a majority answers nothing, and steps down', () => {
    const cluster = new ForcedCluster();
    const first = cluster.elect();
    cluster.links.isolate(first);
    const request = cluster.ask(first, { timeoutMs: 10_000 });
    cluster.run(2500);
    expect(cluster.core(first).forced.role).to.equal('primary');
    cluster.run(1500);
    expect(cluster.core(first).forced.role).not.to.equal('primary');
    expect(cluster.answerTo(request)).to.equal(null);
    expect(cluster.answer(request, 'declined').code).to.equal('UNAVAILABLE');
  });

  it('nobody who comes back disturbs a primary that works', () => {
    const cluster = new ForcedCluster({ members: 5 });
    const primary = cluster.elect();
    const [away] = othersThan(cluster, primary) as [Name];
    cluster.links.isolate(away);
    cluster.run(30_000);
    const view = viewOf(cluster, primary);
    cluster.links.heal();
    cluster.run(10_000);
    expect(cluster.primary).to.equal(primary);
    expect(viewOf(cluster, primary)).to.equal(view);
  });

  it('one who hears the primary by way of a bridge only disturbs nobody either', () => {
    const cluster = new ForcedCluster();
    const primary = cluster.elect();
    const [bridge, far] = othersThan(cluster, primary) as [Name, Name];
    cluster.links.onlyLinks([
      [primary, bridge],
      [bridge, far],
    ]);
    cluster.answer(cluster.ask(primary), 'forced-answered');
    cluster.run(20_000);
    expect(cluster.primary).to.equal(primary);
    cluster.until('it has executed what was committed', () => allExecuted(cluster));
  });

  it('a primary that can send and not receive steps down', () => {
    const cluster = new ForcedCluster();
    const first = cluster.elect();
    for (const name of othersThan(cluster, first)) cluster.network.block(name, first);
    cluster.until('another primary', () => cluster.primary !== first && cluster.primary !== null);
  });

  it('who can send and not receive changes nothing', () => {
    const cluster = new ForcedCluster({ members: 3 });
    const primary = cluster.elect();
    const [deaf] = othersThan(cluster, primary) as [Name];
    for (const name of othersThan(cluster, deaf)) cluster.network.block(name, deaf);
    const view = viewOf(cluster, primary);
    cluster.run(20_000);
    expect(cluster.primary).to.equal(primary);
    expect(viewOf(cluster, primary)).to.equal(view);
  });

  it('a star whose centre is behind takes the better log over (N=5)', () => {
    const cluster = new ForcedCluster({ members: 5 });
    const first = cluster.elect();
    const [centre, ...leaves] = othersThan(cluster, first) as [Name, ...Name[]];
    cluster.links.isolate(centre);
    cluster.answer(cluster.ask(first), 'forced-answered');
    cluster.until('the others hold it', () =>
      leaves.every((name) => cluster.core(name).forced.durable.op === 2),
    );
    cluster.links.onlyLinks([...leaves, first].map((leaf) => [centre, leaf]));
    cluster.crash(first);
    cluster.until('the centre leads', () => cluster.primary === centre, 30_000);
    expect(cluster.core(centre).forced.log.at(2)?.kind).to.equal('update');
  });

  it('a view that was promised and never begun is passed over (N=3, one more down)', () => {
    const cluster = new ForcedCluster();
    const first = cluster.elect();
    const [candidate, voter] = othersThan(cluster, first) as [Name, Name];
    cluster.links.onlyLinks([[candidate, voter]]);
    const promised = () => [candidate, voter].map((name) => cluster.core(name).forced);
    cluster.until('somebody votes', () => {
      const [one, other] = promised();
      return one?.log.view.n === 2 && other?.log.view.n === 2 && !other.log.isNormal;
    });
    // Whoever stands dies at once: the other one has promised a view that nobody leads.
    const stands = [candidate, voter].find(
      (name) => cluster.core(name).forced.log.view.owner === cluster.node(name).member,
    ) as Name;
    cluster.crash(stands);
    const left = [candidate, voter].find((name) => name !== stands) as Name;
    expect(cluster.core(left).forced.log.isNormal).to.equal(false);
    cluster.links.mend(first, left);
    cluster.links.connect();
    cluster.elect();
    cluster.answer(cluster.ask(left), 'forced-answered');
    expect(viewOf(cluster, left)).to.be.greaterThan(2);
  });

  it('when the process of the primary is gone another one leads in less than a second', () => {
    const cluster = new ForcedCluster();
    const first = cluster.elect();
    cluster.run(1000);
    cluster.crash(first);
    expect(cluster.elect(1000)).not.to.equal(first);
  });

  it('all that stop and start again go on where they were', () => {
    const cluster = new ForcedCluster();
    cluster.answer(cluster.ask(cluster.elect(), { amount: 4 }), 'forced-answered');
    cluster.snapshot('rm-1');
    cluster.run(1000);
    for (const { name } of cluster.nodes) cluster.crash(name);
    for (const { name } of cluster.nodes) cluster.start(name);
    const primary = cluster.elect();
    const answer = cluster.answer(cluster.ask(primary, { n: 2, amount: 1 }), 'forced-answered');
    expect(answer.outcome).to.deep.equal({ kind: 'value', value: 15 });
    expect(
      cluster.answer(cluster.ask(primary, { amount: 4 }), 'forced-answered').outcome,
    ).to.deep.equal({ kind: 'value', value: 14 });
  });

  it('a pause of the primary’s own process is not taken for silence of the others', () => {
    const cluster = new ForcedCluster();
    const primary = cluster.elect();
    cluster.run(1000);
    cluster.pause(primary, 1800);
    cluster.run(5000);
    expect(cluster.primary).to.equal(primary);
  });

  it('a partition of four lets the side with three go on', () => {
    const cluster = new ForcedCluster({ members: 4 });
    const first = cluster.elect();
    const rest = othersThan(cluster, first);
    cluster.links.onlyLinks(pairsOf(rest));
    cluster.until('another primary', () => cluster.primary !== first && cluster.primary !== null);
    cluster.answer(cluster.ask(cluster.elect()), 'forced-answered');
  });
});

describe('a replica that has forgotten (B)', () => {
  it('does not vote after its disk is lost until it has heard all others', () => {
    const cluster = new ForcedCluster({ members: 3 });
    const first = cluster.elect();
    const [lost, other] = othersThan(cluster, first) as [Name, Name];
    cluster.answer(cluster.ask(first), 'forced-answered');
    cluster.crash(lost);
    cluster.loseDisk(lost);
    cluster.crash(first);
    cluster.start(lost);
    cluster.run(15_000);
    expect(cluster.core(lost).forced.log.mayVote).to.equal(false);
    expect(cluster.primary).to.equal(null);
    expect(cluster.core(other).forced.log.op).to.be.at.least(1);
    cluster.start(first);
    cluster.elect();
    cluster.until('it may vote', () => cluster.core(lost).forced.durable.mayVote);
    cluster.until('all executed it', () => allExecuted(cluster));
  });

  it('does not vote after damage took a part of its log until it has it again', () => {
    const cluster = new ForcedCluster({ members: 3 });
    const first = cluster.elect();
    const [damaged, other] = othersThan(cluster, first) as [Name, Name];
    cluster.links.sever(first, other);
    cluster.links.sever(damaged, other);
    const request = cluster.ask(first);
    cluster.answer(request, 'forced-answered');
    cluster.crash(damaged);
    cluster.damageDisk(damaged, 1);
    cluster.crash(first);
    cluster.start(damaged);
    cluster.links.mend(damaged, other);
    cluster.run(15_000);
    expect(cluster.primary).to.equal(null);
    cluster.start(first);
    cluster.links.mend(first, other);
    cluster.elect();
    cluster.until('all executed it', () => allExecuted(cluster));
    expect(cluster.oracle.order[1]).to.contain('session-1:1:');
  });
});
