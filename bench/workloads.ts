/**
 * What one request of each workload is, and whether its answer is right: a benchmark that is wrong fast
 * must not look good. Keys and values are like those of the peers we compare with: short.
 */

import type { Random } from '../src/base/random.js';
import type { Client } from '../src/client/api.js';
import type { WorkloadName } from './plan.js';

/** Keys that are written before the first run; every request draws one of them. */
export const KEYS = 10_000;

const VALUE = 'some twenty bytes of text';

/** Per cent of updates in the mix. */
const MIX_UPDATES = 5;

/** The part of a client that requests need. */
export type Requester = Pick<Client, 'query' | 'update'>;

/** What came of a request that was answered. */
export type Outcome = 'right' | 'causal-only';

/** Sends a request for a drawn key. Rejects when it is not answered, or not rightly. */
export type Request = (client: Requester, random: Random) => Promise<Outcome>;

export const WORKLOADS: Readonly<Record<WorkloadName, Request>> = {
  updates: (client, random) => set(client, random.below(KEYS)),
  forced: (client, random) => put(client, random.below(KEYS)),
  causal: (client, random) => get(client, random.below(KEYS), 'causal'),
  fresh: (client, random) => get(client, random.below(KEYS), 'fresh'),
  mix: (client, random) => {
    const key = random.below(KEYS);
    return random.chance(MIX_UPDATES, 100) ? set(client, key) : get(client, key, 'auto');
  },
};

/** Writes a key; an update counts as done only when two replicas hold it durably. */
export async function set(client: Requester, key: number): Promise<Outcome> {
  await client.update('set', { key: keyName(key), value: VALUE }, { minCopies: 2 });
  return 'right';
}

/** The same through the primary: one order, a majority of the replicas. */
async function put(client: Requester, key: number): Promise<Outcome> {
  await client.update('put', { key: keyName(key), value: VALUE }, { minCopies: 2 });
  return 'right';
}

async function get(
  client: Requester,
  key: number,
  consistency: 'causal' | 'fresh' | 'auto',
): Promise<Outcome> {
  const { value, guarantee } = await client.query('get', { key: keyName(key) }, { consistency });
  if (value !== VALUE) throw new Error(`${keyName(key)} was read as ${JSON.stringify(value)}`);
  return consistency === 'auto' && guarantee === 'causal' ? 'causal-only' : 'right';
}

const keyName = (key: number): string => `key-${String(key).padStart(8, '0')}`;
