/** An order drawn at random, so that not everybody asks the same one first. */

import type { Random } from '../base/random.js';

/** A copy of `items`, each once, in any order with equal chance (Fisher and Yates). */
export function shuffled<T>(items: Iterable<T>, random: Random): T[] {
  const left = [...new Set(items)];
  const drawn: T[] = [];
  while (left.length > 0) drawn.push(...left.splice(random.below(left.length), 1));
  return drawn;
}
