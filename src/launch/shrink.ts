/**
 * Fewer replicas were asked for than the data directory holds: once all of them are there, those with the
 * highest numbers are taken out of the cluster, one after another, as an operator would.
 */

import { HearsayError } from '../base/errors.js';
import type { Client } from '../client/api.js';
import { CHANGE_TIMEOUT_MS } from './change-members.js';
import type { LocalCluster } from './local-cluster.js';
import type { Surroundings } from './surroundings.js';

export interface ShrinkInit {
  /** The highest number first. */
  readonly surplus: readonly string[];
  readonly frontends: readonly string[];
  readonly cluster: Pick<LocalCluster, 'removed'>;
  readonly say: (line: string) => void;
}

/** Each is said when it has ended. One that cannot leave now stays, and with it the rest: the next `up` tries again. */
export async function shrink(
  { surplus, frontends, cluster, say }: ShrinkInit,
  { connect }: Pick<Surroundings, 'connect'>,
): Promise<void> {
  let client: Client | null = null;
  try {
    for (const name of surplus) {
      client ??= await connect(frontends, { timeoutMs: CHANGE_TIMEOUT_MS });
      await client.retire(name);
      await cluster.removed(name);
    }
  } catch (error) {
    if (!(error instanceof HearsayError)) throw error;
    say(`not all of ${surplus.join(', ')} could be taken out of the cluster: ${error.message}`);
  } finally {
    await client?.close();
  }
}
