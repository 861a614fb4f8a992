/**
 * Who may take part in elections and quorums: whoever has forgotten nothing that it promised (B, "lost
 * disks"), whose start is claimed (PROTOCOL E), and who is a member.
 */

import type { ReplicaState } from '../state.js';
import { isElector } from './quorum.js';

export const mayVote = (state: ReplicaState): boolean =>
  state.forced.log.mayVote &&
  state.forced.log.halted === '' &&
  state.change.isClaimed &&
  isElector(state);

/** A learner acknowledges as well: it is not counted, and the primary sees how near it is. */
export const mayAcknowledge = (state: ReplicaState): boolean =>
  state.forced.log.mayVote &&
  state.forced.log.halted === '' &&
  (state.change.isClaimed || !isElector(state));
