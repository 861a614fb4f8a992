/** What a replica knows for collecting its logs (PROTOCOL A13, B14) and for forgetting (A8). */

import type { Name } from '../base/ids.js';

export interface CollectionState {
  /** The newest durable snapshot reflects the log below this position, and so many forced entries. */
  savedLength: number;
  savedForced: number;
  /** A snapshot may begin above this forced entry. */
  givenForced: number;
  /** Members that keep the log too long, and since when; as of the last look. */
  readonly laggards: Map<Name, number>;
  lookedAtMs: number;
  /** Sessions and tombstones below this stamp are forgotten, ms. */
  horizonMs: number;
  /** The own floor, and the horizon, are looked at again then. */
  nextFloorMs: number;
  nextForgetMs: number;
}

export const emptyCollectionState = (): CollectionState => ({
  savedLength: 0,
  savedForced: 0,
  givenForced: 0,
  laggards: new Map(),
  lookedAtMs: Number.NEGATIVE_INFINITY,
  horizonMs: 0,
  nextFloorMs: Number.NEGATIVE_INFINITY,
  nextForgetMs: Number.NEGATIVE_INFINITY,
});
