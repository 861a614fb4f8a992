/** A violation whose words are made only when it is chosen to be reported. */

import type { Violation } from './history.js';

export interface Finding {
  readonly promise: string;
  readonly tell: () => Violation;
}
