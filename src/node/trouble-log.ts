/**
 * Passes on what went wrong with connections, a bounded number of lines a second: whoever connects and
 * misbehaves all the time must not be able to drive everything else out of the log. What is left out
 * is counted, and said.
 */

import type { Scheduler, TimerHandle } from '../ports/scheduler.js';

const PERIOD_MS = 1000;
const LINES_A_PERIOD = 50;

export class TroubleLog {
  readonly #scheduler: Scheduler;
  readonly #say: (line: string) => void;
  #lines = 0;
  #timer: TimerHandle | null = null;

  constructor(scheduler: Scheduler, say: (line: string) => void) {
    this.#scheduler = scheduler;
    this.#say = say;
  }

  tell(line: string): void {
    this.#timer ??= this.#scheduler.after(PERIOD_MS, () => this.close());
    this.#lines++;
    if (this.#lines <= LINES_A_PERIOD) this.#say(line);
  }

  /** Ends the period: says how much was left out of it. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
    const leftOut = this.#lines - LINES_A_PERIOD;
    this.#lines = 0;
    if (leftOut > 0) this.#say(`${leftOut} more such lines within ${PERIOD_MS} ms are left out`);
  }
}
