/** What the checkers know of a service's forced operations. */

import type { Finding } from './finding.js';
import type { ForcedOrder } from './forced-order.js';
import type { History } from './history.js';

export interface ForcedService {
  /** Names of the forced updates, and of the queries that show what they did. */
  readonly updates: ReadonlySet<string>;
  readonly queries: ReadonlySet<string>;
  /** Looks whether results and answers agree with the order of places. */
  check(history: History, order: ForcedOrder): ForcedResults;
}

export interface ForcedResults {
  readonly findings: readonly Finding[];
  /** What was checked in part only, and why. */
  readonly notes: readonly string[];
}
