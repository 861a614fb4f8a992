/** The core's part of snapshots (PROTOCOL A14), all of one instant, as is the state that the driver exports. */

import { isReservedOrigin } from '../base/ids.js';
import { ForcedLog, type KeptOrder } from '../log/forced-log.js';
import { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import { collectableEntries, collectableUpdates } from './collect.js';
import type { ReplicaState, SnapshotState } from './state.js';

/** What may be collected once a snapshot of now is durable: see the event `snapshot-saved`. */
export interface Reflected {
  readonly length: number;
  readonly forced: number;
}

export const reflectedBy = ({ log, value, forced }: ReplicaState): Reflected => ({
  length: log.firstUncovered(value),
  forced: forced.executed,
});

/**
 * What a later start of this replica begins with. It may be saved once both logs as they are now are
 * durable, and stands for what can be collected then; the journal has the rest.
 */
export function snapshotOf(state: ReplicaState): SnapshotState {
  const { collection, log } = state;
  const entry = collectableEntries(state);
  collection.givenForced = Math.max(collection.givenForced, entry);
  return {
    ...stateOf(state),
    forced: keptOrder(state, entry),
    log: log.keptAt(collectableUpdates(state)),
  };
}

/**
 * What another replica begins with: both logs begin above what this state reflects. It is given the
 * bodies of all updates that may have a second record. What this replica promised binds only itself, but
 * for its floor: nobody may make a record of what is forgotten here.
 */
export function donationOf(state: ReplicaState): SnapshotState {
  const { log, value, forced } = state;
  const order = keptOrder(state, forced.executed);
  const entries = order.entries.slice(0, order.commit - order.base);
  // An entry proves that the view that bore it was started, and that this is the beginning of its log.
  const view = entries.at(-1)?.born ?? order.baseBorn;
  return {
    ...stateOf(state),
    forced: {
      ...{ ...order, entries, view, lnv: view },
      ...{ mayVote: true, promises: 0, notes: [], halted: '' },
    },
    log: { base: 0, collected: causalPart(value.value()), bodies: log.executedBodies() },
  };
}

function stateOf(state: ReplicaState): Omit<SnapshotState, 'forced' | 'log'> {
  const { value, executed, latest, forced, membership } = state;
  return {
    valueTimestamp: value.value(),
    executed: executed.entries(),
    latest,
    results: forced.results.kept(),
    membership: membership.isFixed ? null : membership.kept(),
  };
}

/** The forced log as it is in memory, from after `base` on. */
function keptOrder({ forced }: ReplicaState, base: number): KeptOrder {
  const log = new ForcedLog(forced.log.kept());
  log.collect(base);
  return { ...log.kept(), executed: forced.executed, executedView: forced.executedView };
}

const causalPart = (timestamp: VectorTimestamp): VectorTimestamp =>
  VectorTimestamp.of([...timestamp.entries()].filter(([origin]) => !isReservedOrigin(origin)));
