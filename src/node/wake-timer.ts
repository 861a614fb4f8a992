/** The one timer behind a core's `wake` effects: it goes off at the earliest time asked for. */

import type { Scheduler, TimerHandle } from '../ports/scheduler.js';

export class WakeTimer {
  readonly #scheduler: Scheduler;
  readonly #onWake: () => void;
  #next: { readonly atMs: number; readonly handle: TimerHandle } | null = null;

  constructor(scheduler: Scheduler, onWake: () => void) {
    this.#scheduler = scheduler;
    this.#onWake = onWake;
  }

  /** Goes off at `atMs` of the monotonic clock, or sooner if that was asked for. */
  wakeAt(atMs: number): void {
    if (this.#next !== null && this.#next.atMs <= atMs) return;
    this.#next?.handle.cancel();
    const delayMs = Math.max(0, atMs - this.#scheduler.monotonicMs());
    const handle = this.#scheduler.after(delayMs, () => {
      this.#next = null;
      this.#onWake();
    });
    this.#next = { atMs, handle };
  }

  stop(): void {
    this.#next?.handle.cancel();
  }
}
