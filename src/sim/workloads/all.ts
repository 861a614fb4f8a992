/** All workloads there are. */

import { foodOrders } from './hungry.js';
import { counters, freshKeys, hotKeys, litmusChains } from './kv.js';
import { forcedCells, mixedChains, stocks } from './kv-forced.js';
import { movieRatings } from './movies.js';
import type { Workload } from './workload.js';

export const WORKLOADS: readonly Workload[] = [
  hotKeys,
  litmusChains,
  freshKeys,
  counters,
  forcedCells,
  stocks,
  mixedChains,
  movieRatings,
  foodOrders,
];
