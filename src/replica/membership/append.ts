/** The primary orders a change of the members, one at a time. */

import type { MembershipChange } from '../../log/membership.js';
import { VectorTimestamp } from '../../timestamp/vector-timestamp.js';
import { change } from '../forced/change.js';
import { trace, type Turn } from '../turn.js';

export function orderChange(
  turn: Turn,
  membershipChange: MembershipChange,
  prev = VectorTimestamp.zero,
): void {
  const { state } = turn;
  const { log } = state.forced;
  const { view, commit: committed } = log;
  const seq = log.op + 1;
  state.change.proposedUpTo = seq;
  trace(turn, () => ({
    event: `ordered ${membershipChange.kind}`,
    detail: `entry ${seq}, view ${view.n}`,
  }));
  const place = { seq, born: view, committed, prev };
  change(turn, { entries: [{ kind: 'change', ...place, change: membershipChange }] });
}

/** A primary may order a change: its view has begun, and the change before is in force here. */
export function mayOrderChange({ state }: Turn): boolean {
  const { forced, change: progress, membership } = state;
  if (forced.role !== 'primary' || membership.isFixed || forced.handover !== null) return false;
  return (
    forced.executed >= forced.noOpSeq &&
    forced.executed >= progress.proposedUpTo &&
    progress.pending === null
  );
}
