/** One direction of a proxy: the conditions that all its connections share there. */

import { type Conditions, OPEN } from './conditions.js';

export class Lane {
  #conditions = OPEN;
  #waiters: (() => void)[] = [];
  /** What part of the next piece gets through before its connection is reset; null: none is torn. */
  #tear: number | null = null;

  get conditions(): Conditions {
    return this.#conditions;
  }

  set(conditions: Conditions): void {
    this.#conditions = conditions;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  /** Resolves when bytes need not wait; at once when they need not now. */
  async untilPassable(): Promise<void> {
    while (this.#conditions.passage === 'held') {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  /** The next piece is torn after this part of it, from 0 to 1; null takes that back. */
  tearNext(share: number | null): void {
    this.#tear = share;
  }

  /** How many bytes of a piece get through, less than all, when it is to be torn; else null. */
  takeTear(length: number): number | null {
    if (this.#tear === null) return null;
    const kept = Math.min(length - 1, Math.floor(length * this.#tear));
    this.#tear = null;
    return kept;
  }
}
