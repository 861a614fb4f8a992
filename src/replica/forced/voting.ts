/**
 * Who may take part in elections and quorums: whoever has forgotten nothing that it promised (B, "lost
 * disks"), and whose start is claimed (PROTOCOL E). Who stands must be a member by its own log. Who votes
 * need not: a candidate counts the members that its own log names, and that one is as far as any voter's;
 * a new member that has not been sent the change yet is one of those without whom nobody is elected.
 */

import type { ReplicaState } from '../state.js';
import { isElector } from './quorum.js';

export const mayVote = ({ forced, change }: ReplicaState): boolean =>
  forced.log.mayVote && forced.log.halted === '' && change.isClaimed;

export const mayStand = (state: ReplicaState): boolean => mayVote(state) && isElector(state);

/** A learner acknowledges as well: it is not counted, and the primary sees how near it is. */
export const mayAcknowledge = (state: ReplicaState): boolean =>
  state.forced.log.mayVote &&
  state.forced.log.halted === '' &&
  (state.change.isClaimed || !isElector(state));
