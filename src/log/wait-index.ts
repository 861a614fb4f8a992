/**
 * Who waits for which entry of a timestamp. Somebody who needs several entries waits for one of them
 * at a time: moving an entry costs what it wakes, never the number of those who wait. Waiters that
 * gave up are forgotten by and by, so that forged timestamps cannot fill the memory.
 */

import type { Origin } from '../base/ids.js';

interface Waiter<Item> {
  readonly count: number;
  readonly item: Item;
}

interface Queue<Item> {
  /** A binary heap: the least count first. */
  readonly heap: Waiter<Item>[];
  /** Items in the heap that were removed. */
  removed: number;
}

export class WaitIndex<Item> {
  readonly #queues = new Map<Origin, Queue<Item>>();
  /** Where each item waits; an item in a heap but not here has been removed. */
  readonly #places = new Map<Item, Waiter<Item> & { readonly origin: Origin }>();

  get size(): number {
    return this.#places.size;
  }

  items(): IterableIterator<Item> {
    return this.#places.keys();
  }

  /** The entry that an item waits for, or null. */
  placeOf(item: Item): readonly [Origin, number] | null {
    const place = this.#places.get(item);
    return place === undefined ? null : [place.origin, place.count];
  }

  /** Lets `item` wait until the entry of `origin` reaches `count`. It may wait for one entry only. */
  park(item: Item, origin: Origin, count: number): void {
    this.remove(item);
    let queue = this.#queues.get(origin);
    if (queue === undefined) this.#queues.set(origin, (queue = { heap: [], removed: 0 }));
    const place = { origin, count, item };
    this.#places.set(item, place);
    push(queue.heap, place);
  }

  /** Forgets a waiter; harmless when it does not wait. */
  remove(item: Item): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    this.#places.delete(item);
    const queue = this.#queues.get(place.origin);
    if (queue === undefined) return;
    queue.removed++;
    if (queue.removed * 2 <= queue.heap.length) return;
    const kept = queue.heap.filter((waiter) => this.#places.get(waiter.item) === waiter);
    if (kept.length === 0) this.#queues.delete(place.origin);
    else
      this.#queues.set(place.origin, { heap: kept.sort((a, b) => a.count - b.count), removed: 0 });
  }

  /** Wakes everybody who waits for a count up to `count` of `origin`, least count first. */
  release(origin: Origin, count: number): Item[] {
    const queue = this.#queues.get(origin);
    if (queue === undefined) return [];
    const woken: Item[] = [];
    for (;;) {
      const first = queue.heap[0];
      if (first === undefined || first.count > count) break;
      pop(queue.heap);
      if (this.#places.get(first.item) === first) {
        this.#places.delete(first.item);
        woken.push(first.item);
      } else queue.removed--;
    }
    if (queue.heap.length === 0) this.#queues.delete(origin);
    return woken;
  }

  /** Who waits for what, in the order of each heap, for comparing two indexes. */
  describe(): unknown {
    return [...this.#queues].map(([origin, { heap }]) => [
      origin,
      heap.map(({ count, item }) => [count, item, this.#places.has(item)]),
    ]);
  }
}

function push<Item>(heap: Waiter<Item>[], waiter: Waiter<Item>): void {
  let at = heap.length;
  heap.push(waiter);
  while (at > 0) {
    const up = (at - 1) >> 1;
    const parent = heap[up] as Waiter<Item>;
    if (parent.count <= waiter.count) break;
    heap[at] = parent;
    at = up;
  }
  heap[at] = waiter;
}

function pop<Item>(heap: Waiter<Item>[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let down = 2 * at + 1;
    if (down >= heap.length) break;
    const right = heap[down + 1];
    if (right !== undefined && right.count < (heap[down] as Waiter<Item>).count) down++;
    const child = heap[down] as Waiter<Item>;
    if (child.count >= last.count) break;
    heap[at] = child;
    at = down;
  }
  heap[at] = last;
}
