/**
 * How replicas begin where the members may change: as one founded the cluster with some of them, each on a
 * directory of that moment. The others wait to join: a directory that is a snapshot of the same moment, as
 * a donor would have given it that had executed nothing yet (PROTOCOL C, Add).
 */

import type { Name } from '../base/ids.js';
import { NO_FORCED } from '../log/forced-log.js';
import { founded } from '../log/membership.js';
import { retirement } from '../replica/membership/retired.js';
import { EMPTY_SNAPSHOT, type ReplicaState, type SnapshotState } from '../replica/state.js';
import { ZERO_BALLOT } from '../timestamp/ballot.js';
import type { Retired } from '../wire/membership-messages.js';
import { memberOfName } from './process.js';

/** A change of the members that the world asks for. */
export interface WantedChange {
  /** Null: whoever waits to join may. */
  readonly retire: Name | null;
}

/** What a replica has in its directory at the beginning. */
export function beginningOf(founders: readonly Name[]): SnapshotState {
  const members = founders.map((name) => ({ name, id: memberOfName(name), address: '' }));
  const forced = { ...NO_FORCED, mayVote: true, executed: 0, executedView: ZERO_BALLOT };
  return { ...EMPTY_SNAPSHOT, membership: founded(members, 1), forced };
}

/** What a replica that says hello is told where it is a member no more, else null: as the driver does. */
export function retirementOf({ membership }: ReplicaState, name: Name): Retired | null {
  const id = memberOfName(name);
  if (!membership.isRetired(id)) return null;
  const told = retirement(membership, id);
  return told.isSettled ? told : null;
}

/**
 * No change of the members is ordered of its own accord: a test decides when. The next one is ordered
 * once `mayChange` has been called, and what follows of it.
 */
export function holdChanges(change: ReplicaState['change']): void {
  change.proposedUpTo = Number.POSITIVE_INFINITY;
}

export function mayChange(change: ReplicaState['change']): void {
  change.proposedUpTo = 0;
}

/** Origins of earlier starts are not closed: each start in a small world would be a change of its own. */
export function closeNothing({ change }: ReplicaState): void {
  change.nextClosingAtMs = Number.POSITIVE_INFINITY;
}
