/**
 * Time that passes only when somebody steps it. Timers run in the order of their due time, equal ones
 * in the order in which they were set, so a run depends on nothing but its input. Promises settle only
 * when the engine gets a turn: whoever steps awaits between events.
 */

import { assert } from '../base/assert.js';
import type { Scheduler, TimerHandle } from '../ports/scheduler.js';

/** Below this many entries, cancelled timers are left in the heap until they are due. */
const SMALL_HEAP = 64;

class Timer implements TimerHandle {
  readonly dueMs: number;
  readonly number: number;
  /** Null once it ran or was cancelled. */
  run: (() => void) | null;
  readonly #onCancel: () => void;

  constructor(dueMs: number, number: number, run: () => void, onCancel: () => void) {
    this.dueMs = dueMs;
    this.number = number;
    this.run = run;
    this.#onCancel = onCancel;
  }

  cancel(): void {
    if (this.run === null) return;
    this.run = null;
    this.#onCancel();
  }
}

const isBefore = (one: Timer, other: Timer): boolean =>
  one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.number < other.number);

export interface VirtualSchedulerInit {
  /** What the wall clock shows when virtual time is 0. @default 0 */
  readonly wallStartMs?: number;
}

export class VirtualScheduler implements Scheduler {
  readonly #wallStartMs: number;
  #nowMs = 0;
  #nextNumber = 0;
  /** A binary heap: no timer is before its parent, at (index - 1) / 2. */
  #heap: Timer[] = [];
  #cancelled = 0;

  constructor(init: VirtualSchedulerInit = {}) {
    this.#wallStartMs = init.wallStartMs ?? 0;
  }

  /** Timers that are set and neither ran nor were cancelled. */
  get pending(): number {
    return this.#heap.length - this.#cancelled;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#wallStartMs + this.#nowMs;
  }

  after(delayMs: number, run: () => void): TimerHandle {
    assert(Number.isFinite(delayMs), `a delay must be a number of milliseconds, not ${delayMs}`);
    const dueMs = this.#nowMs + Math.max(0, delayMs);
    const timer = new Timer(dueMs, this.#nextNumber++, run, () => this.#onCancel());
    this.#heap.push(timer);
    this.#siftUp(this.#heap.length - 1);
    return timer;
  }

  soon(run: () => void): void {
    this.after(0, run);
  }

  /** When the next timer is due; null when none is set. */
  nextDueMs(): number | null {
    while (this.#heap[0]?.run === null) this.#popTop();
    return this.#heap[0]?.dueMs ?? null;
  }

  /** Moves time to the next timer and runs it; false when none is set. */
  runNext(): boolean {
    if (this.nextDueMs() === null) return false;
    const timer = this.#popTop();
    const { run } = timer;
    assert(run !== null, 'cancelled timers were taken off above');
    timer.run = null;
    this.#nowMs = timer.dueMs;
    run();
    return true;
  }

  /** Runs all timers that are due up to `untilMs`, also those set meanwhile; then it is `untilMs`. */
  runUntil(untilMs: number): void {
    for (
      let dueMs = this.nextDueMs();
      dueMs !== null && dueMs <= untilMs;
      dueMs = this.nextDueMs()
    ) {
      this.runNext();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** Keeps the heap from filling with timers that were cancelled long before they are due. */
  #onCancel(): void {
    this.#cancelled += 1;
    if (this.#heap.length < SMALL_HEAP || this.#cancelled * 2 < this.#heap.length) return;
    this.#heap = this.#heap.filter((timer) => timer.run !== null);
    this.#cancelled = 0;
    for (let i = (this.#heap.length >> 1) - 1; i >= 0; i--) this.#siftDown(i);
  }

  #popTop(): Timer {
    const top = this.#heap[0];
    const last = this.#heap.pop();
    assert(top !== undefined && last !== undefined, 'taken from an empty heap');
    if (top.run === null) this.#cancelled -= 1;
    if (this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#siftDown(0);
    }
    return top;
  }

  #siftUp(from: number): void {
    for (let index = from; index > 0; ) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfBefore(index, parent)) return;
      index = parent;
    }
  }

  #siftDown(from: number): void {
    for (let index = from; ; ) {
      const left = 2 * index + 1;
      const right = left + 1;
      const rightTimer = this.#heap[right];
      const leftTimer = this.#heap[left];
      if (leftTimer === undefined) return;
      const child = rightTimer !== undefined && isBefore(rightTimer, leftTimer) ? right : left;
      if (!this.#swapIfBefore(child, index)) return;
      index = child;
    }
  }

  /** Swaps two entries when the lower one in the heap is due first. */
  #swapIfBefore(lower: number, upper: number): boolean {
    const below = this.#heap[lower];
    const above = this.#heap[upper];
    assert(below !== undefined && above !== undefined, 'both entries are in the heap');
    if (!isBefore(below, above)) return false;
    this.#heap[lower] = above;
    this.#heap[upper] = below;
    return true;
  }
}
