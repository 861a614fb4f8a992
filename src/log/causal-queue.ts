/**
 * Hands records out in causal order: each after its predecessor of the same origin and after all that
 * its `prev` names (the paper's stability test, DESIGN section 1). Used twice: records that came before
 * what they depend on wait to be stored, stored ones wait to be executed. Only the next record of an
 * origin can be ready, so taking costs what is taken, whatever waits.
 */

import type { Origin } from '../base/ids.js';
import type { TimestampBuilder, VectorTimestamp } from '../timestamp/vector-timestamp.js';
import { WaitIndex } from './wait-index.js';

interface Sequenced {
  readonly origin: Origin;
  readonly seq: number;
  readonly prev: VectorTimestamp;
}

export class CausalQueue<Item extends Sequenced> {
  /** What has been handed out; the owner may move it too, and then says so with `moved`. */
  readonly #done: TimestampBuilder;
  readonly #waiting = new Map<Origin, Map<number, Item>>();
  /** Origins whose next record may be ready. */
  readonly #candidates = new Set<Origin>();
  /** Origins whose next record lacks an entry. */
  readonly #blocked = new WaitIndex<Origin>();
  #size = 0;

  constructor(done: TimestampBuilder) {
    this.#done = done;
  }

  get size(): number {
    return this.#size;
  }

  has(origin: Origin, seq: number): boolean {
    return this.#waiting.get(origin)?.has(seq) ?? false;
  }

  /** Takes a record in, or in place of another copy of it; one that was handed out is ignored. */
  add(item: Item): void {
    const { origin, seq } = item;
    const next = this.#done.get(origin) + 1;
    if (seq < next) return;
    let items = this.#waiting.get(origin);
    if (items === undefined) this.#waiting.set(origin, (items = new Map<number, Item>()));
    if (!items.has(seq)) this.#size++;
    items.set(seq, item);
    if (seq === next) this.#candidates.add(origin);
  }

  /** The entry of `origin` was moved to `count` by the owner. */
  moved(origin: Origin, count: number): void {
    this.#dropUpTo(origin, count);
    this.#wake(origin, count);
  }

  /** Lets the next record of an origin be offered again after `accept` refused it. */
  retry(origin: Origin): void {
    this.#candidates.add(origin);
  }

  /**
   * Hands out all that is ready to `accept`, moving the timestamp before the next is looked at. When
   * `accept` answers false, the record stays, and is offered again after `retry`.
   */
  take(accept: (item: Item) => boolean): void {
    for (const origin of this.#candidates) {
      this.#candidates.delete(origin);
      this.#takeFrom(origin, accept);
    }
  }

  /** The next record of each origin that has any: what a fetch has to make possible. */
  *heads(): IterableIterator<Item> {
    for (const items of this.#waiting.values()) {
      let least: Item | undefined;
      for (const item of items.values()) {
        if (least === undefined || item.seq < least.seq) least = item;
      }
      if (least !== undefined) yield least;
    }
  }

  /** Those of which something waits. */
  origins(): Origin[] {
    return [...this.#waiting.keys()];
  }

  /** Forgets the records of an origin from `from` on. */
  drop(origin: Origin, from: number): void {
    const items = this.#waiting.get(origin);
    if (items === undefined) return;
    for (const seq of items.keys()) {
      if (seq < from) continue;
      items.delete(seq);
      this.#size--;
    }
    if (items.size === 0) this.#waiting.delete(origin);
  }

  /** All that it knows, for comparing two queues: those with equal descriptions behave alike. */
  describe(): unknown {
    return [this.#waiting, this.#candidates, this.#blocked];
  }

  #takeFrom(origin: Origin, accept: (item: Item) => boolean): void {
    const items = this.#waiting.get(origin);
    if (items === undefined) return;
    for (;;) {
      const seq = this.#done.get(origin) + 1;
      const item = items.get(seq);
      if (item === undefined) return;
      const missing = item.prev.firstMissingFrom(this.#done);
      if (missing !== null) return this.#blocked.park(origin, missing[0], missing[1]);
      if (!accept(item)) return;
      items.delete(seq);
      this.#size--;
      if (items.size === 0) this.#waiting.delete(origin);
      this.#done.advance(origin, seq);
      this.#wake(origin, seq);
      if (items.size === 0) return;
    }
  }

  #wake(origin: Origin, count: number): void {
    for (const blocked of this.#blocked.release(origin, count)) this.#candidates.add(blocked);
    if (this.#waiting.get(origin)?.has(count + 1) === true) this.#candidates.add(origin);
  }

  #dropUpTo(origin: Origin, count: number): void {
    const items = this.#waiting.get(origin);
    if (items === undefined) return;
    for (const seq of items.keys()) {
      if (seq > count) continue;
      items.delete(seq);
      this.#size--;
    }
    if (items.size === 0) this.#waiting.delete(origin);
  }
}
