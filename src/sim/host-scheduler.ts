/**
 * The clocks and timers of one simulated process. It can stand still, as on SIGSTOP: its monotonic
 * clock goes on, and timers that come due wait. Its wall clock may jump and drift; its timers do not.
 * Once the process is dead, none of its timers ever runs.
 *
 * A process goes on with `network.thaw(host)` first, then `thaw()`: both set what waited to run at this
 * instant, in the order of the calls. So input comes before late timers, as in an event loop that was
 * stopped while it polled, and a `soon` set by the first of it runs after the last.
 */

import { assert } from '../base/assert.js';
import type { Scheduler, TimerHandle } from '../ports/scheduler.js';
import { MemoryBacklog } from '../transport/memory-backlog.js';

const MILLION = 1_000_000;

const NO_TIMER: TimerHandle = { cancel: () => {} };

export class HostScheduler implements Scheduler {
  readonly #world: Scheduler;
  readonly #late: MemoryBacklog;
  /** Timers that are set and neither ran nor were cancelled, late ones included. */
  readonly #timers = new Set<TimerHandle>();
  #isDead = false;
  #steppedMs = 0;
  #driftPpm = 0;
  #driftSinceMs: number;
  /** How far the wall clock drifted before that, in millionths of a millisecond: a whole number. */
  #driftedBefore = 0;

  constructor(world: Scheduler) {
    this.#world = world;
    this.#late = new MemoryBacklog(world);
    this.#driftSinceMs = world.monotonicMs();
  }

  monotonicMs(): number {
    return this.#world.monotonicMs();
  }

  /** A whole number. */
  wallMs(): number {
    return Math.floor(this.#world.wallMs() + this.#steppedMs + this.#drifted() / MILLION);
  }

  /** Does nothing once the process is dead. */
  after(delayMs: number, run: () => void): TimerHandle {
    if (this.#isDead) return NO_TIMER;
    const runNow = (): void => {
      if (this.#timers.delete(handle)) run();
    };
    const timer = this.#world.after(delayMs, () => this.#late.take(runNow));
    const handle: TimerHandle = {
      cancel: () => {
        if (this.#timers.delete(handle)) timer.cancel();
      },
    };
    this.#timers.add(handle);
    return handle;
  }

  soon(run: () => void): void {
    this.after(0, run);
  }

  get driftPpm(): number {
    return this.#driftPpm;
  }

  /** From now on the wall clock gains so many millionths (loses, below 0); a whole number. */
  set driftPpm(ppm: number) {
    assert(Number.isInteger(ppm) && ppm > -MILLION, `a drift of ${ppm} millionths: time stands`);
    this.#driftedBefore = this.#drifted();
    this.#driftSinceMs = this.#world.monotonicMs();
    this.#driftPpm = ppm;
  }

  /** The wall clock jumps, forward or back. */
  stepWallClock(byMs: number): void {
    this.#steppedMs += byMs;
  }

  /** The process stands still: its timers wait. */
  freeze(): void {
    this.#late.freeze();
  }

  /** It goes on: timers that came due run at this instant, in the order in which they were due. */
  thaw(): void {
    this.#late.thaw();
  }

  /** The process is dead: its timers are gone, and it sets no more. */
  kill(): void {
    this.#isDead = true;
    this.#late.clear();
    for (const timer of this.#timers) timer.cancel();
  }

  #drifted(): number {
    const forMs = this.#world.monotonicMs() - this.#driftSinceMs;
    return this.#driftedBefore + forMs * this.#driftPpm;
  }
}
