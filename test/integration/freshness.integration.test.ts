/**
 * Freshness across front ends with real processes: what one client has been told is written, another
 * one at another front end reads at once. With and without gossip: it must not depend on luck.
 */

import { expect } from 'chai';
import type { Client } from '../../src/client/api.js';
import { ProcessCluster } from './support/process-cluster.js';

const ROUNDS = 60;

for (const gossip of ['on', 'off'] as const) {
  describe(`two clients at different front ends, gossip ${gossip}`, function () {
    this.timeout(120_000);

    let cluster: ProcessCluster;

    before(async () => {
      const replicaWords = ['--gossip', gossip];
      cluster = await ProcessCluster.start({ replicas: 3, frontends: 2, replicaWords });
    });

    after(() => cluster.close());

    it('read with fresh what the other was told is written, at once, in both directions', async () => {
      const first = await cluster.client(['fe-1']);
      const second = await cluster.client(['fe-2']);
      for (let round = 1; round <= ROUNDS; round++) {
        await writeHereReadThere(first, second, `first-${round}`);
        await writeHereReadThere(second, first, `second-${round}`);
      }
    });

    it('do so from new sessions, which have seen nothing yet', async () => {
      const writer = await cluster.client(['fe-1']);
      for (let round = 1; round <= 20; round++) {
        const reader = await cluster.client(['fe-2']);
        await writeHereReadThere(writer, reader, `stranger-${round}`);
        await reader.close();
      }
    });
  });
}

/** A fresh key, and one that is written again and again. */
async function writeHereReadThere(here: Client, there: Client, key: string): Promise<void> {
  const fresh = { consistency: 'fresh' } as const;
  const { copies } = await here.update('set', { key, value: key });
  expect(copies).to.equal(2);
  const answer = await there.query('get', { key }, fresh);
  expect(answer.value).to.equal(key);
  expect(answer.guarantee).to.equal('fresh');
  await here.update('set', { key: 'hot', value: key });
  expect((await there.query('get', { key: 'hot' }, fresh)).value).to.equal(key);
}
