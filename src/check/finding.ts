/** A violation whose words are made only when it is chosen to be reported. */

import type { HistoryOperation, Violation } from './history.js';
import { describe } from './words.js';

export interface Finding {
  readonly promise: string;
  readonly tell: () => Violation;
}

/** Makes a finding; `words` gets the operations involved in words, in the order in which they are given. */
export function finding(
  operations: readonly HistoryOperation[],
  promise: string,
  involved: readonly number[],
  words: (...told: readonly string[]) => string,
): Finding {
  const tell = () => ({
    promise,
    words: words(...involved.map((index) => describe(operations, index))),
    operations: involved,
  });
  return { promise, tell };
}
