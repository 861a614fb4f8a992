/** Timestamps for property tests: few origins and small counts, so that they often meet. */

import fc from 'fast-check';
import type { Origin } from '../../src/base/ids.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';

export const ORIGINS = ['rm-1.x7~1', 'rm-1.x7~2', 'rm-2.x7~1', 'rm-3.x7~1', '!0'] as Origin[];

export const anOrigin: fc.Arbitrary<Origin> = fc.constantFrom(...ORIGINS);

/** Entries in any order, with zeros, an origin at most once. */
export const entries: fc.Arbitrary<[Origin, number][]> = fc.uniqueArray(
  fc.tuple(anOrigin, fc.oneof(fc.nat({ max: 4 }), fc.maxSafeNat())),
  { selector: ([origin]) => origin },
);

export const aTimestamp: fc.Arbitrary<VectorTimestamp> = entries.map((list) =>
  VectorTimestamp.of(list),
);
