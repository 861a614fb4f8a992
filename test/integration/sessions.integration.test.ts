/**
 * SCENARIOS 13, 16 and 17 with real processes and the library's client: its answers get lost, it
 * changes front end after every operation, and what it was shown stays true. Gossip is off, so that
 * every dependency that a replica lacks has to be noticed and fetched.
 */

import { expect } from 'chai';
import type { TravellingClient } from '../world/travelling-client.js';
import { until } from './support/until.js';
import { ProcessCluster } from './support/process-cluster.js';

const ROUNDS = 40;
const CAUSAL = { consistency: 'causal' } as const;

describe('sessions that move between front ends, gossip off', function () {
  this.timeout(120_000);

  let cluster: ProcessCluster;

  before(async () => {
    const replicaWords = ['--gossip', 'off'];
    cluster = await ProcessCluster.start({ replicas: 4, frontends: 3, replicaWords });
  });

  after(() => cluster.close());

  it('scenario 13: replies are lost and the client retries through another front end: counted once', async () => {
    const traveller = await cluster.travellingClient();
    for (let n = 1; n <= ROUNDS; n++) {
      traveller.loseNextAnswer();
      await traveller.client.update('add', { key: 'counter', amount: 1 });
    }
    expect(traveller.lostAnswers).to.equal(ROUNDS);
    const reader = await cluster.client();
    const fresh = { consistency: 'fresh' } as const;
    expect((await reader.query('count', { key: 'counter' }, fresh)).value).to.equal(ROUNDS);
  });

  it('scenario 16: a client that changes front end after every operation reads what it wrote', async () => {
    const traveller = await cluster.travellingClient();
    const used = new Set<string | null>();
    for (let n = 1; n <= ROUNDS; n++) {
      await set(traveller, 'own', n);
      expect(await get(traveller, 'own')).to.equal(n);
      used.add(traveller.client.frontend);
    }
    expect(used).to.have.property('size', 3);
  });

  it('scenario 17: who sees y sees the x that its writer wrote before it, or had read', async () => {
    const [writer, relay] = [await cluster.travellingClient(), await cluster.travellingClient()];
    for (let round = 1; round <= ROUNDS; round++) {
      const [x, y, z] = [`x-${round}`, `y-${round}`, `z-${round}`];
      const reader = await cluster.travellingClient();
      const relaying = (async () => {
        await seen(relay, y, round);
        await set(relay, z, round);
      })();
      const reading = (async () => {
        await seen(reader, z, round);
        expect(await get(reader, y)).to.equal(round);
        expect(await get(reader, x)).to.equal(round);
      })();
      await set(writer, x, round);
      await set(writer, y, round);
      await Promise.all([relaying, reading]);
      await reader.client.close();
    }
  });
});

async function set(traveller: TravellingClient, key: string, value: number): Promise<void> {
  await traveller.client.update('set', { key, value });
  await traveller.move();
}

async function get(traveller: TravellingClient, key: string): Promise<unknown> {
  const { value } = await traveller.client.query('get', { key }, CAUSAL);
  await traveller.move();
  return value;
}

/** Waits until the key has this value; without gossip only `fresh` and `auto` find it everywhere. */
async function seen({ client }: TravellingClient, key: string, value: number): Promise<void> {
  await until(key, async () => (await client.query('get', { key })).value === value);
}
