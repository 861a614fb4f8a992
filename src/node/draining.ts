/** Ending in good order: what a replica was asked before is answered first. */

import type { Scheduler } from '../ports/scheduler.js';
import { isBusy } from '../replica/load.js';
import type { ReplicaState } from '../replica/state.js';

/** How long it answers what it was asked before, and how often it looks. */
const DRAIN_MS = 3000;
const LOOK_MS = 10;

/** Resolves once nothing is in hand, `isOver` says so, or 3 s have gone by. */
export async function untilIdle(
  state: ReplicaState,
  scheduler: Scheduler,
  isOver: () => boolean,
): Promise<void> {
  const endsAtMs = scheduler.monotonicMs() + DRAIN_MS;
  while (!isOver() && isBusy(state) && scheduler.monotonicMs() < endsAtMs) {
    await new Promise<void>((resolve) => {
      scheduler.after(LOOK_MS, resolve);
    });
  }
}
