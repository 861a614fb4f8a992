/** A bounded memory: it holds the newest items of an endless stream, and forgets the oldest first. */

import { assert } from '../base/assert.js';

/** A ring of at most `capacity` items. */
export class Newest<Item> {
  readonly #capacity: number;
  readonly #items: Item[] = [];
  /** Where the next item goes; once the ring is full, that is where the oldest one is. */
  #next = 0;

  constructor(capacity: number) {
    assert(Number.isSafeInteger(capacity) && capacity > 0, `a ring of ${capacity} items`);
    this.#capacity = capacity;
  }

  add(item: Item): void {
    this.#items[this.#next] = item;
    this.#next = (this.#next + 1) % this.#capacity;
  }

  /** All items held, oldest first. */
  list(): Item[] {
    return [...this.#items.slice(this.#next), ...this.#items.slice(0, this.#next)];
  }
}
