/** What a new identity begins with: the first state of a new cluster, or a member's snapshot. */

import { isReservedOrigin } from '../base/ids.js';
import { type KeptForced, NO_FORCED } from '../log/forced-log.js';
import { founded, type Member } from '../log/membership.js';
import { EMPTY_SNAPSHOT, type SnapshotState } from '../replica/state.js';
import { VectorTimestamp } from '../timestamp/vector-timestamp.js';

/** The state of a founder: it is the only member, and has forgotten nothing. */
export function asFounder(founder: Member, version: number): SnapshotState {
  return {
    ...EMPTY_SNAPSHOT,
    membership: founded([founder], version),
    forced: { ...NO_FORCED, mayVote: true },
  };
}

/**
 * A member's snapshot as the first one of another identity. What that member promised and noted binds
 * only itself; both logs begin empty above what the state reflects.
 */
export function asBeginning(snapshot: SnapshotState): SnapshotState {
  const { valueTimestamp } = snapshot;
  return {
    ...snapshot,
    forced: snapshot.forced === null ? null : forcedBeginning(snapshot.forced),
    log: { base: 0, collected: causalPart(valueTimestamp), bodies: [] },
  };
}

/** An entry proves that the view that bore it was started (PROTOCOL B, outside the view). */
function forcedBeginning({ base, baseUpdate, baseBorn }: KeptForced): KeptForced {
  const view = baseBorn;
  return {
    ...{ base, baseUpdate, baseBorn, view, lnv: view, commit: base },
    ...{ entries: [], mayVote: true, promises: 0, notes: [], floorMs: 0 },
  };
}

const causalPart = (timestamp: VectorTimestamp): VectorTimestamp =>
  VectorTimestamp.of([...timestamp.entries()].filter(([origin]) => !isReservedOrigin(origin)));
