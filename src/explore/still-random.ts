/**
 * Chance that does not move: every draw is the least. A core that draws has the same state afterwards, so
 * that drawing makes no new states, and all draw alike: whoever waits for a drawn time may be the first.
 */

import type { Random } from '../base/random.js';

export const STILL: Random = {
  below: () => 0,
  chance: (numerator) => numerator > 0,
  pick: ([first]) => first as never,
  nonce: (length) => '0'.repeat(length),
  child: () => STILL,
};
