/**
 * What comes for a process that stands still (SIGSTOP, a closed lid). It waits in the order of its
 * coming, and is taken in, one by one, once the process goes on; what comes while some still waits goes
 * to the end. Each is an event of its own at the scheduler, so that promises settle between two.
 */

import type { Scheduler } from '../ports/scheduler.js';

export class MemoryBacklog {
  readonly #scheduler: Scheduler;
  #waiting: (() => void)[] = [];
  #isFrozen = false;
  #freezes = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** How often it was frozen: tells one standstill from the next. */
  get freezes(): number {
    return this.#freezes;
  }

  freeze(): void {
    if (this.#isFrozen) return;
    this.#isFrozen = true;
    this.#freezes += 1;
  }

  /** Goes on: what waited runs at this instant, before anything that is set from now on. */
  thaw(): void {
    if (!this.#isFrozen) return;
    this.#isFrozen = false;
    for (let count = this.#waiting.length; count > 0; count--) this.#runNextSoon();
  }

  /** Runs `take` now, or when its turn has come. */
  take(take: () => void): void {
    if (!this.#isFrozen && this.#waiting.length === 0) {
      take();
      return;
    }
    this.#waiting.push(take);
    if (!this.#isFrozen) this.#runNextSoon();
  }

  /** The process is dead: what waits is forgotten. */
  clear(): void {
    this.#isFrozen = false;
    this.#waiting = [];
  }

  #runNextSoon(): void {
    this.#scheduler.after(0, () => {
      // Frozen again before its turn: the next thaw sets new turns for all.
      if (!this.#isFrozen) this.#waiting.shift()?.();
    });
  }
}
