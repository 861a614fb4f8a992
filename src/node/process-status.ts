/**
 * What a replica says of itself (DESIGN section 2, PROTOCOL H): measured, or set by hand or by chance.
 * Pure: it is told the load every so often and answers what to say.
 */

import type { Random } from '../base/random.js';
import type { ReplicaStatus, StatusValue } from '../wire/messages.js';

export interface Load {
  /** 99th percentile of the event loop's delay since the last look, ms. */
  readonly loopDelayMs: number;
  /** What this process has in hand: see `queueLength` of the core. */
  readonly queueLength: number;
}

const DELAY_HIGH_MS = 200;
const QUEUE_HIGH = 1000;
/** The load must be high, or low, for this long before the status moves. */
const UP_AFTER_MS = 2000;
const DOWN_AFTER_MS = 5000;
/** A status drawn by chance holds for 3 to 10 s. */
const RANDOM_LEAST_MS = 3000;
const RANDOM_MOST_MS = 10_000;

const STATUSES: readonly StatusValue[] = ['ACTIVE', 'OVERLOADED', 'OFFLINE'];

export class ProcessStatus {
  readonly #random: Random;
  #mode: 'auto' | 'hand' | 'random' = 'auto';
  /** The process is about to end: it is OFFLINE, whatever is measured or wanted. */
  #isLeaving = false;
  #value: StatusValue = 'ACTIVE';
  /** Since when the load calls for the other value, or null. */
  #turningSinceMs: number | null = null;
  #nextDrawMs = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  get current(): ReplicaStatus {
    return { value: this.#value, source: this.#mode };
  }

  /** Sets it by hand, by chance, or back to measurement. */
  set(wish: StatusValue | 'random' | 'auto', nowMs: number): void {
    if (this.#isLeaving) return;
    this.#turningSinceMs = null;
    if (wish === 'random') {
      this.#mode = 'random';
      this.#draw(nowMs);
    } else if (wish === 'auto') {
      this.#mode = 'auto';
      this.#value = 'ACTIVE';
    } else {
      this.#mode = 'hand';
      this.#value = wish;
    }
  }

  /** The process is about to end, and takes no new requests. */
  leave(): void {
    this.#isLeaving = true;
    this.#mode = 'auto';
    this.#value = 'OFFLINE';
  }

  /** Looks at the load; answers true when what to say has changed. */
  look(load: Load, nowMs: number): boolean {
    if (this.#isLeaving) return false;
    const before = this.#value;
    if (this.#mode === 'random' && nowMs >= this.#nextDrawMs) this.#draw(nowMs);
    if (this.#mode === 'auto') this.#measure(load, nowMs);
    return this.#value !== before;
  }

  #measure({ loopDelayMs, queueLength }: Load, nowMs: number): void {
    const isOverloaded = this.#value === 'OVERLOADED';
    const share = isOverloaded ? 0.5 : 1;
    const isHigh = loopDelayMs > share * DELAY_HIGH_MS || queueLength > share * QUEUE_HIGH;
    if (isHigh === isOverloaded) {
      this.#turningSinceMs = null;
      return;
    }
    this.#turningSinceMs ??= nowMs;
    const afterMs = isOverloaded ? DOWN_AFTER_MS : UP_AFTER_MS;
    if (nowMs - this.#turningSinceMs < afterMs) return;
    this.#value = isOverloaded ? 'ACTIVE' : 'OVERLOADED';
    this.#turningSinceMs = null;
  }

  #draw(nowMs: number): void {
    this.#value = this.#random.pick(STATUSES.filter((value) => value !== this.#value));
    this.#nextDrawMs =
      nowMs + RANDOM_LEAST_MS + this.#random.below(RANDOM_MOST_MS - RANDOM_LEAST_MS);
  }
}
