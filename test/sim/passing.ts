/** Waiting in virtual time. */

import type { VirtualScheduler } from '../../src/sim/virtual-scheduler.js';

/** Virtual time passes until this is settled, or nothing is due any more. */
export async function passing<Value>(
  scheduler: VirtualScheduler,
  promise: Promise<Value>,
): Promise<Value> {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  promise.then(settle, settle);
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    if (isSettled || scheduler.nextDueMs() === null) return promise;
    scheduler.runNext();
  }
}
