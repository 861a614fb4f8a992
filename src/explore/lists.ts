/** Lists of numbers that never change: a state of the world is made of them. */

import { assert } from '../base/assert.js';

/** The item at `index`, which must be there. */
export function at<Item>(list: readonly Item[], index: number): Item {
  const item = list[index];
  assert(item !== undefined, `no item ${index} among ${list.length}`);
  return item;
}

/** A copy with another item at `index`. */
export function withItem<Item>(list: readonly Item[], index: number, item: Item): Item[] {
  const copy = [...list];
  copy[index] = item;
  return copy;
}
