/** What a peer says it holds durably (`tableTS`). */

import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import { noteTold } from './collect.js';
import type { Peer } from './state.js';
import type { Turn } from './turn.js';

/** It has at least this much; only a hello may say less than was known (PROTOCOL A11). */
export function hear(turn: Turn, peer: Peer, replicaTimestamp: VectorTimestamp): void {
  peer.timestamp = peer.timestamp.merge(replicaTimestamp);
  noteTold(turn, peer);
}
