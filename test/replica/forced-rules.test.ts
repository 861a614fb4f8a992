import { expect } from 'chai';
import type { Name } from '../../src/base/ids.js';
import { LIMITS } from '../../src/base/limits.js';
import { ForcedCluster } from './forced-cluster.js';
import { placeOf, WALL_MS } from './forced-requests.js';
import { allExecuted, othersThan } from './forced-shapes.js';
import { ts } from './support.js';

describe('the normal case of forced updates (B)', () => {
  it('orders, commits, executes everywhere, and answers with the result', () => {
    const cluster = new ForcedCluster();
    const primary = cluster.elect();
    const answer = cluster.answer(cluster.ask(primary, { amount: 5 }), 'forced-answered');
    expect(answer.outcome).to.deep.equal({ kind: 'value', value: 15 });
    expect(answer.copies).to.equal(2);
    cluster.until('all executed it', () => allExecuted(cluster), 1000);
    for (const { service } of cluster.nodes) expect(service.stock).to.equal(15);
  });

  it('a replica that is not the primary passes a request on, and answers', () => {
    const cluster = new ForcedCluster();
    const [backup] = othersThan(cluster, cluster.elect());
    const answer = cluster.answer(cluster.ask(backup as Name, { amount: 2 }), 'forced-answered');
    expect(answer.outcome).to.deep.equal({ kind: 'value', value: 12 });
  });

  it('a bridge passes a request on to a primary that its sender does not hear', () => {
    const cluster = new ForcedCluster();
    const primary = cluster.elect();
    const [bridge, far] = othersThan(cluster, primary) as [Name, Name];
    cluster.links.onlyLinks([
      [primary, bridge],
      [bridge, far],
    ]);
    cluster.run(4000);
    const answer = cluster.answer(cluster.ask(far), 'forced-answered');
    expect(answer.outcome.kind).to.equal('value');
    expect(cluster.primary).to.equal(primary);
  });

  it('gives a retry elsewhere the same result, a refusal too, and executes it once', () => {
    const cluster = new ForcedCluster();
    const primary = cluster.elect();
    const first = cluster.answer(
      cluster.ask(primary, { operation: 'take', amount: 50 }),
      'forced-answered',
    );
    expect(first.outcome).to.deep.equal({ kind: 'refused', message: 'only 10 left' });
    cluster.answer(cluster.ask(primary, { n: 2, amount: 90 }), 'forced-answered');
    for (const { name } of cluster.nodes) {
      const retry = cluster.ask(name, { operation: 'take', amount: 50 });
      const again = cluster.answer(retry, 'forced-answered');
      expect(again.outcome).to.deep.equal(first.outcome);
      expect(placeOf(again.timestamp)).to.equal(placeOf(first.timestamp));
    }
    expect(cluster.node(primary).service.done).to.have.length(2);
  });

  it('says only that it was done once the client has freed the result', () => {
    const cluster = new ForcedCluster();
    const primary = cluster.elect();
    cluster.answer(cluster.ask(primary), 'forced-answered');
    cluster.answer(cluster.ask(primary, { n: 2, answered: 1 }), 'forced-answered');
    const again = cluster.answer(cluster.ask(primary), 'forced-answered');
    expect(again.outcome).to.deep.equal({ kind: 'repeated' });
  });

  it('refuses another body under the same number', () => {
    const cluster = new ForcedCluster();
    const primary = cluster.elect();
    cluster.answer(cluster.ask(primary, { amount: 1 }), 'forced-answered');
    const lie = cluster.answer(cluster.ask(primary, { amount: 2 }), 'declined');
    expect(lie.code).to.equal('INVALID');
  });

  it('lets a request whose past is missing wait alone, and names what it lacks (I19)', () => {
    const cluster = new ForcedCluster();
    const primary = cluster.elect();
    const prev = ts({ 'rm-9': 5 });
    const stuck = cluster.ask(primary, { session: 'session-2', prev, timeoutMs: 2000 });
    cluster.answer(cluster.ask(primary), 'forced-answered', 100);
    const declined = cluster.answer(stuck, 'declined');
    expect(declined.code).to.equal('TIMEOUT');
    expect(declined.message).to.contain('rm-9:1..5');
    expect(cluster.oracle.order.join()).not.to.contain('session-2');
  });

  it('a backup fetches the past of an entry before it takes it (F1)', () => {
    const cluster = new ForcedCluster({ tuning: { gossip: 'off' } });
    const primary = cluster.elect();
    const past = cluster.ask(primary, { session: 'session-2', operation: 'set' });
    const { timestamp } = cluster.answer(past, 'acknowledged');
    const [backup] = othersThan(cluster, primary) as [Name];
    expect(timestamp.leq(cluster.core(backup).received)).to.equal(false);
    cluster.answer(cluster.ask(primary, { prev: timestamp }), 'forced-answered');
    cluster.until('all executed it', () => allExecuted(cluster));
    expect(timestamp.leq(cluster.core(backup).value)).to.equal(true);
  });

  it('refuses a stamp ahead of its clock before it is ordered', () => {
    const cluster = new ForcedCluster();
    const primary = cluster.elect();
    const stampMs = WALL_MS + cluster.time.nowMs + LIMITS.stampAheadMs + 5000;
    const declined = cluster.answer(cluster.ask(primary, { stampMs }), 'declined');
    expect(declined.code).to.equal('INVALID');
    expect(declined.message).to.contain('ahead');
  });

  it('answers EXPIRED to what is too old, and orders nothing', () => {
    const cluster = new ForcedCluster({ tuning: { resultTtlMs: 10_000 } });
    const primary = cluster.elect();
    cluster.answer(cluster.ask(primary), 'forced-answered');
    const before = cluster.oracle.committed;
    const stampMs = WALL_MS + cluster.time.nowMs - 20_000;
    const old = cluster.ask(primary, { session: 'session-2', stampMs });
    expect(cluster.answer(old, 'forced-answered').outcome).to.deep.equal({ kind: 'expired' });
    cluster.run(1000);
    expect(cluster.oracle.committed).to.equal(before);
  });

  it('orders no more than fits into one message before some of it is committed', () => {
    const cluster = new ForcedCluster();
    const primary = cluster.elect();
    const count = LIMITS.uncommittedEntries + 20;
    const { log } = cluster.core(primary).forced;
    const requests: number[] = [];
    for (let n = 1; n <= count; n++) requests.push(cluster.ask(primary, { n }));
    expect(log.op - log.commit).to.equal(LIMITS.uncommittedEntries);
    for (const request of requests) cluster.answer(request, 'forced-answered');
    expect(cluster.node(primary).service.done).to.have.length(count);
  });

  it('works alone (N=1)', () => {
    const cluster = new ForcedCluster({ members: 1 });
    const primary = cluster.elect(2000);
    expect(cluster.answer(cluster.ask(primary), 'forced-answered').copies).to.equal(1);
  });
});

describe('fresh queries and the forced log (B)', () => {
  it('an answer waits for the entry that a tip names', () => {
    const cluster = new ForcedCluster();
    const primary = cluster.elect();
    const [backup] = othersThan(cluster, primary) as [Name];
    cluster.slow.set(`${primary}>${backup}`, 300);
    cluster.answer(cluster.ask(primary), 'forced-answered');
    const told = cluster.answer(cluster.query(primary), 'answer');
    expect(told.tip.seq).to.equal(2);
    const query = cluster.query(backup, { tip: told.tip });
    expect(cluster.answerTo(query)).to.equal(null);
    expect(placeOf(cluster.answer(query, 'answer').valueTimestamp)).to.equal(2);
  });

  it('or for the first entry of a later view, where the entry was discarded', () => {
    const cluster = new ForcedCluster();
    const first = cluster.elect();
    cluster.links.isolate(first);
    cluster.ask(first, { timeoutMs: 100 });
    cluster.run(20);
    const { tip } = cluster.answer(cluster.query(first), 'answer');
    expect(tip.seq).to.equal(2);
    cluster.crash(first);
    const second = cluster.elect();
    const answer = cluster.answer(cluster.query(second, { tip }), 'answer');
    expect(placeOf(answer.valueTimestamp)).to.equal(0);
    expect(answer.executedView.n).to.be.greaterThan(tip.view.n);
  });

  it('one that cannot be known ends as TIMEOUT', () => {
    const cluster = new ForcedCluster();
    const first = cluster.elect();
    const [backup] = othersThan(cluster, first) as [Name];
    const { view } = cluster.answer(cluster.query(first), 'answer').tip;
    cluster.links.onlyLinks([]);
    const query = cluster.query(backup, { tip: { view, seq: 9 }, timeoutMs: 1000 });
    const declined = cluster.answer(query, 'declined');
    expect(declined.code).to.equal('TIMEOUT');
    expect(declined.message).to.contain('ordered last');
  });
});
