/** What is asked once everything is quiet. */

import type { HistoryRecorder } from '../src/sim/recorder.js';
import type { Play, Step } from '../src/sim/workloads/workload.js';
import { readsOf } from './read-keys.js';

/** The greatest limit that `scan` takes. */
const SCAN_MOST = 1000;

/** All that was written: what the workloads ask for themselves, and of service kv every key, however many there are. */
export function finalReads(
  service: string,
  plays: readonly Play[],
  recorder: HistoryRecorder,
): readonly Step[] {
  const steps = plays.map(({ readAll }) => readAll);
  return service === 'kv' ? [...steps, readEveryKey(recorder)] : steps;
}

/** Something that every session can ask. */
export const oneQuery =
  (service: string): Step =>
  async ({ caller, timeoutMs }) => {
    if (service === 'kv') await caller.query('count', { key: 'counter/0' }, { timeoutMs });
    else await caller.query('average', { movieId: 1 }, { timeoutMs });
  };

const readEveryKey =
  ({ operations }: HistoryRecorder): Step =>
  async ({ caller, timeoutMs }) => {
    const keys = new Set<string>();
    for (const { operation, args } of operations) {
      if (operation === 'set' && typeof args['key'] === 'string') keys.add(args['key']);
    }
    const options = { consistency: 'fresh', timeoutMs } as const;
    const { scans, gets } = readsOf([...keys], SCAN_MOST);
    for (const prefix of scans) await caller.query('scan', { prefix, limit: SCAN_MOST }, options);
    for (const key of gets) await caller.query('get', { key }, options);
  };
