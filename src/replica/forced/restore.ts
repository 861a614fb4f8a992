/** The forced log as the disk has it, at a start. Nobody is primary of an earlier start's view any more. */

import { isReservedOrigin } from '../../base/ids.js';
import {
  type ForcedEntry,
  type ForcedTransition,
  orderedIn,
  type KeptOrder,
} from '../../log/forced-log.js';
import { VectorTimestamp } from '../../timestamp/vector-timestamp.js';
import type { Turn } from '../turn.js';
import { wakeBy } from '../turn.js';
import { ZERO_BALLOT } from '../../timestamp/ballot.js';
import type { ReplicaState } from '../state.js';
import { findPending, idOf } from './change.js';
import { START_SPREAD_MS, START_SUSPECT_MS } from './timing.js';

/** `kept` is what the snapshot has of the log; null: of releases before it had any. */
export function restoreForced(
  turn: Turn,
  kept: KeptOrder | null,
  transitions: readonly ForcedTransition[],
): void {
  const { state, nowMs } = turn;
  const { forced } = state;
  const { log, durable } = forced;
  for (const transition of transitions) {
    const { commit } = log;
    log.apply(transition);
    durable.apply(transition);
    restoreMembership(state, log.slice(commit + 1, log.commit));
  }
  for (const [origin, final] of state.membership.dropped) {
    for (const entries of [state.received, state.durable, state.value])
      entries.close(origin, final);
    state.log.forget(origin);
  }
  state.change.label = state.membership.configuration.epoch;
  findPending(turn);
  const last = log.lastUpdateUpTo(log.commit);
  for (const entries of [state.received, state.durable]) {
    // What earlier generations ordered is executed; the snapshot's state counts it.
    entries.mergeIn(orderedPart(state.value.value()));
    if (last > 0) entries.advance(state.membership.orderAt(last), last);
  }
  forced.greatestN = log.view.n;
  forced.executed = kept?.executed ?? orderedIn(state.value.value());
  forced.executedView = kept?.executedView ?? ZERO_BALLOT;
  for (const entry of log.slice(log.base + 1, log.op)) {
    if (entry.seq <= forced.executed) {
      if (entry.kind === 'no-op') forced.executedView = entry.born;
    } else if (entry.kind === 'update') forced.unexecuted.set(idOf(entry.body), entry);
  }
  forced.suspectAtMs = nowMs + START_SUSPECT_MS + state.random.below(START_SPREAD_MS);
  wakeBy(turn, forced.suspectAtMs);
}

const orderedPart = (timestamp: VectorTimestamp): VectorTimestamp =>
  VectorTimestamp.of([...timestamp.entries()].filter(([origin]) => isReservedOrigin(origin)));

/** What was committed of changes of the members, in their order; a `drop` is to be executed. */
function restoreMembership(
  { membership, change }: ReplicaState,
  committed: readonly ForcedEntry[],
): void {
  for (const entry of committed) {
    if (entry.kind !== 'change' || entry.change.kind === 'drop') continue;
    membership.apply(entry.change);
    if (entry.change.kind === 'configure') change.configuredSeq = entry.seq;
  }
}
