/**
 * Whether this replica may be counted among the R of a fresh query (PROTOCOL A10): once it holds all
 * that every other member said it held when first heard since this start. A disk that was lost, or a
 * journal that was damaged, forgot updates it had acknowledged; until it has them again, two members
 * that know nothing of an update must not be taken for proof that there is none.
 */

import { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import { isMemberIn } from './forced/quorum.js';
import { isMember } from './membership/label.js';
import type { ReplicaState } from './state.js';
import { describeRanges, type Turn } from './turn.js';

const isFirstStart = ({ membership, self }: ReplicaState): boolean =>
  !membership.isFixed && self.boot.number === 1;

export function updateCounted(turn: Turn): void {
  const { state } = turn;
  if (state.counted && state.mustRecover === null) return;
  let told = VectorTimestamp.zero;
  if (!isMember(state)) return;
  for (const { name } of state.membership.configuration.members) {
    // A new identity has acknowledged nothing before that it could have forgotten.
    if (name === state.self.name || isFirstStart(state)) continue;
    const heard = isMemberIn(state, state.membership.configuration, name)
      ? (state.peers.get(name)?.firstHeard ?? null)
      : null;
    if (heard === null) return;
    told = told.merge(heard);
  }
  // What was closed since has left the timestamps: every member holds it.
  told = state.membership.normalise(told).timestamp;
  const lost = state.mustRecover;
  if (lost !== null) {
    if (lost.leq(state.durable)) {
      state.mustRecover = null;
      turn.effects.push({ kind: 'repaired' });
    } else if (!lost.leq(told.merge(state.durable.value()))) {
      const nowhere = lost.missingFrom(told.merge(state.durable.value()));
      turn.effects.push({
        kind: 'halt',
        message:
          `the journal of ${state.self.name} was damaged, and no member has ${describeRanges(nowhere)}, ` +
          'which it held; move its data directory away to accept the loss: it begins anew with what the others have',
      });
      return;
    }
  }
  // Its forced log counts as well: what it has forgotten of that, it has again when it may vote.
  const remembers = state.tuning.forced === 'off' || state.forced.durable.mayVote;
  if (remembers && told.leq(state.durable)) state.counted = true;
}
