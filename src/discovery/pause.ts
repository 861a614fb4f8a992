/**
 * The pause between two attempts of one loop: drawn at random from a range that grows with each
 * failure, so that many who lost the same server do not come back all at once. It can be cut short.
 */

import type { Random } from '../base/random.js';
import type { Scheduler, TimerHandle } from '../ports/scheduler.js';
import { nextPauseMs } from '../transport/dialer.js';

/** The shortest and the longest pause after a failure. */
const PAUSE_MIN_MS = 200;
const PAUSE_MAX_MS = 3000;

interface Components {
  readonly scheduler: Scheduler;
  readonly random: Random;
}

interface Waiting {
  readonly sinceMs: number;
  readonly resolve: () => void;
  timer: TimerHandle;
}

export class Pause {
  readonly #components: Components;
  #lastMs = PAUSE_MIN_MS;
  #waiting: Waiting | null = null;

  constructor(components: Components) {
    this.#components = components;
  }

  /** After a failure: longer and longer, until `reset`. */
  async afterFailure(): Promise<void> {
    this.#lastMs = nextPauseMs(this.#components.random, this.#lastMs, PAUSE_MIN_MS, PAUSE_MAX_MS);
    await this.#wait(this.#lastMs);
  }

  /** Between attempts that went well: up to a quarter shorter than `usualMs`, by chance. */
  async usual(usualMs: number): Promise<void> {
    const quarter = Math.floor(usualMs / 4);
    await this.#wait(usualMs - this.#components.random.below(quarter + 1));
  }

  /** An attempt went well: the next failure's pause is a short one again. */
  reset(): void {
    this.#lastMs = PAUSE_MIN_MS;
  }

  /** Makes the present pause the shortest one: who calls this in a loop makes no storm of attempts. */
  hurry(): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    waiting.timer.cancel();
    const { scheduler } = this.#components;
    const elapsedMs = scheduler.monotonicMs() - waiting.sinceMs;
    const leftMs = Math.max(0, PAUSE_MIN_MS - elapsedMs);
    waiting.timer = scheduler.after(leftMs, () => this.end());
  }

  /** Ends the present pause, if there is one. */
  end(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.timer.cancel();
    waiting?.resolve();
  }

  #wait(delayMs: number): Promise<void> {
    const { scheduler } = this.#components;
    return new Promise((resolve) => {
      const timer = scheduler.after(delayMs, () => this.end());
      this.#waiting = { sinceMs: scheduler.monotonicMs(), resolve, timer };
    });
  }
}
