/**
 * Time and chance of a real process: an adapter, like those in src/storage and src/transport, built by
 * main.ts files only. Everything else takes a Scheduler and a Random.
 */

import { randomFillSync } from 'node:crypto';
import { DrawingRandom, type Random } from '../base/random.js';
import type { Scheduler, TimerHandle } from '../ports/scheduler.js';

/** The longest delay that setTimeout takes; a longer one would fire at once. About 25 days. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/**
 * The machine's clocks and Node's timers. A pending timer keeps the process alive, because somebody
 * waits for it: who does no longer, cancels it.
 */
export class RealScheduler implements Scheduler {
  readonly #clockOffsetMs: number;

  /** The wall clock is off by `clockOffsetMs`: for trying out clocks that are wrong. */
  constructor(clockOffsetMs = 0) {
    this.#clockOffsetMs = clockOffsetMs;
  }

  monotonicMs(): number {
    return performance.now();
  }

  wallMs(): number {
    return Date.now() + this.#clockOffsetMs;
  }

  after(delayMs: number, run: () => void): TimerHandle {
    const timer = setTimeout(run, Math.min(delayMs, MAX_DELAY_MS));
    return { cancel: () => clearTimeout(timer) };
  }

  /** After the event loop's poll phase: all sockets that had something to read were read. */
  soon(run: () => void): void {
    setImmediate(run);
  }
}

/** Draws fetched from the operating system at a time: one call for many. */
const BUFFERED_DRAWS = 1024;

/** The operating system's chance. Children are the same source: nothing is ever replayed. */
export class SystemRandom extends DrawingRandom {
  readonly #draws = new Uint32Array(BUFFERED_DRAWS);
  #used = BUFFERED_DRAWS;

  protected next(): number {
    if (this.#used === BUFFERED_DRAWS) {
      randomFillSync(this.#draws);
      this.#used = 0;
    }
    const draw = this.#draws[this.#used] ?? 0;
    this.#used += 1;
    return draw;
  }

  child(_label: string): Random {
    return this;
  }
}
