import { expect } from 'chai';
import { LIMITS } from '../../src/base/limits.js';
import { ForcedCluster } from './forced-cluster.js';
import { ts } from './support.js';

const MISSING = ts({ 'rm-9': 5 });

describe('forced updates that wait at a primary, with two forms of their past', () => {
  it('count once each, and no tick turns one away', () => {
    const cluster = new ForcedCluster({ tuning: { trace: false } });
    const primary = cluster.elect();
    const alternative = ts({ 'rm-8': 5 });
    for (let n = 1; n <= LIMITS.parkedForced; n++) {
      const form = n % 2 === 0 ? {} : { alternative };
      cluster.ask(primary, { session: 'session-2', n, prev: MISSING, ...form });
    }
    expect(cluster.answers.size, 'at once').to.equal(0);
    cluster.run(500);
    expect(cluster.answers.size, 'after some ticks').to.equal(0);
  });
  it('an accepted one is not turned away by a tick', () => {
    const cluster = new ForcedCluster({ tuning: { trace: false } });
    const primary = cluster.elect();
    const alternative = ts({ 'rm-8': 5 });
    for (let n = 1; n < LIMITS.parkedForced; n++)
      cluster.ask(primary, { session: 'session-2', n, prev: MISSING });
    cluster.ask(primary, { session: 'session-3', prev: MISSING, alternative });
    expect(cluster.answers.size, 'at once').to.equal(0);
    cluster.run(500);
    expect(cluster.answers.size, 'after some ticks').to.equal(0);
  });
});
