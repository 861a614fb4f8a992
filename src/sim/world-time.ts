/** Lets virtual time pass: one event after the other, with all promises settled in between. */

import { assert } from '../base/assert.js';
import type { VirtualScheduler } from './virtual-scheduler.js';

/** More events than this at one instant: somebody asks to be woken at once, again and again. */
const EVENTS_AT_ONCE = 100_000;

/** Nothing that somebody waits for takes longer, virtual ms. */
const PATIENCE_MS = 600_000;

export class WorldTime {
  readonly #scheduler: VirtualScheduler;
  readonly #settled: () => Promise<void>;
  #lastEventMs = 0;
  #eventsNow = 0;

  /** `settled` resolves once all promises that can settle have settled. */
  constructor(scheduler: VirtualScheduler, settled: () => Promise<void>) {
    this.#scheduler = scheduler;
    this.#settled = settled;
  }

  async run(forMs: number): Promise<void> {
    const endMs = this.#scheduler.monotonicMs() + forMs;
    for (;;) {
      await this.#settled();
      const dueMs = this.#scheduler.nextDueMs();
      if (dueMs === null || dueMs > endMs) break;
      this.#runNext();
    }
    this.#scheduler.runUntil(endMs);
  }

  async until<Value>(promise: Promise<Value>): Promise<Value> {
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    promise.then(done, done);
    const endMs = this.#scheduler.monotonicMs() + PATIENCE_MS;
    for (;;) {
      await this.#settled();
      if (isDone) return promise;
      const dueMs = this.#scheduler.nextDueMs();
      if (dueMs === null || dueMs > endMs) {
        throw new Error('what was waited for takes more than ten virtual minutes');
      }
      this.#runNext();
    }
  }

  #runNext(): void {
    const nowMs = this.#scheduler.monotonicMs();
    this.#eventsNow = nowMs === this.#lastEventMs ? this.#eventsNow + 1 : 0;
    this.#lastEventMs = nowMs;
    assert(this.#eventsNow < EVENTS_AT_ONCE, `time stands still at ${nowMs} ms`);
    this.#scheduler.runNext();
  }
}
