/**
 * How replicas begin where the members may change: as one founded the cluster with some of them, each on a
 * directory of that moment. The others wait to join: a directory that is a snapshot of the same moment, as
 * a donor would have given it that had executed nothing yet (PROTOCOL C, Add).
 */

import type { Name } from '../base/ids.js';
import { NO_FORCED } from '../log/forced-log.js';
import { collectionIn, founded } from '../log/membership.js';
import type { LinkId } from '../replica/events.js';
import { isMember } from '../replica/membership/label.js';
import { retirement } from '../replica/membership/retired.js';
import {
  EMPTY_SNAPSHOT,
  type ReplicaIdentity,
  type ReplicaState,
  type ReplicaTuning,
  type SnapshotState,
} from '../replica/state.js';
import { ZERO_BALLOT } from '../timestamp/ballot.js';
import type { Retired } from '../wire/membership-messages.js';
import type { Cores } from './cores.js';
import { type Greeting, memberOfName, originOfLife } from './process.js';

/** One replica of a small world. */
export interface ReplicaInit {
  readonly name: Name;
  readonly members: readonly Name[];
  /** The members at the beginning, where they can change; else null. */
  readonly founders: readonly Name[] | null;
  readonly tuning: ReplicaTuning;
  /** What it writes is on its disk only some time later; else at the end of the same step. */
  readonly hasSlowDisk: boolean;
  readonly cores: Cores;
}

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

/** From whom a replica hears what an operator wants: nobody listens there. */
export const OPERATOR: LinkId = -1;

/** What an operator asks a replica for, who wants a member gone. */
export function wishOf(name: Name) {
  const message = { kind: 'change-members', action: 'retire', requestId: 0, name } as const;
  return { kind: 'message', link: OPERATOR, message: { ...message, force: false } } as const;
}

/** Origins of earlier starts are not closed: each start in a small world would be a change of its own. */
export function closeNothing({ change }: ReplicaState): void {
  change.nextClosingAtMs = Number.POSITIVE_INFINITY;
}

/**
 * It leads, and there is something to do about the members that it does not do without being told: the
 * change itself, or to go on without those who have not reported.
 */
export function hasChangeToMake(state: ReplicaState, isHeld: boolean): boolean {
  const { forced, change, membership } = state;
  const { role, executed, noOpSeq } = forced;
  if (role !== 'primary' || executed < noOpSeq || change.pending !== null) return false;
  if (isHeld) return true;
  const { previous } = membership;
  const isReported = previous !== null && change.reports.size >= collectionIn(previous);
  return isReported && executed >= change.proposedUpTo;
}

/** Who this start of a replica is. */
export function identityOf(init: ReplicaInit, life: number): ReplicaIdentity {
  const { name, members, founders } = init;
  return {
    name,
    memberId: memberOfName(name),
    origin: originOfLife(name, life),
    address: '',
    boot: { number: life, nonce: `start-${life}` },
    versions: [1, 1],
    joins: founders?.includes(name) === false ? 'add' : null,
    members: founders === null ? members : null,
  };
}

/** What it says first on a connection. */
export function greetingOf(state: ReplicaState): Greeting {
  const { name, memberId, origin, address, boot, versions, joins, members } = state.self;
  const counterpart = {
    role: 'replica',
    ...{ name, memberId, origin, address, boot, versions },
    joins: isMember(state) ? null : joins,
    epoch: state.change.label,
    // Nobody counts what was promised where the members are given.
    promises: members === null ? state.forced.durable.promises : 0,
    replicaTimestamp: state.durable.value(),
  } as const;
  return { kind: 'greeting', counterpart };
}
