/** Waiting for conditions of the real world. The deadline is for broken code only. */

import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 10;

/** Looks until `look` answers true; rejects with what it throws, or when that takes far too long. */
export async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!(await look())) {
    if (performance.now() > endMs) throw new Error(`waited in vain for ${what}`);
    await sleep(LOOK_AGAIN_MS);
  }
}
