/**
 * Under which configuration this replica speaks (PROTOCOL C, Label): the newest that it knows durably to
 * be committed. What is acknowledged or collected under two labels is never counted together.
 */

import { memberOf as memberOfOrigin, type Origin } from '../../base/ids.js';
import type { Final } from '../../log/membership.js';
import { isMemberIn, memberOf } from '../forced/quorum.js';
import type { ReplicaState } from '../state.js';

/** Its own identity is a member of the newest committed configuration. */
export const isMember = (state: ReplicaState): boolean =>
  isMemberIn(state, state.membership.configuration, state.self.name);

/** The label as it is told: 0 where this replica does not count (PROTOCOL C, E). */
export function toldEpoch(state: ReplicaState): number {
  const { change, membership, self, forced } = state;
  if (!change.isClaimed || forced.log.halted !== '') return 0;
  const { configuration, previous } = membership;
  const labelled = change.label === configuration.epoch ? configuration : previous;
  if (labelled === null || labelled.epoch !== change.label) return 0;
  return memberOf(labelled, self.name, self.memberId) === undefined ? 0 : change.label;
}

/**
 * Whether what this replica holds may be counted for fresh queries now: not while its log has a
 * configuration that is newer than its label, or a reader under the old one could miss an update that
 * was acknowledged under the new one.
 */
export function isCountedNow({ counted, change, membership }: ReplicaState): boolean {
  return (
    counted &&
    change.isClaimed &&
    change.pending === null &&
    change.label === membership.configuration.epoch
  );
}

/** Origins of this identity, of this start and earlier ones, that timestamps name. */
export const ownOrigins = ({ received, self }: ReplicaState): Origin[] =>
  [...received.value().entries()].flatMap(([origin]) =>
    memberOfOrigin(origin) === self.memberId ? [origin] : [],
  );

/** How far its own records are known to be held by somebody else. */
export const finalsKnownTo = (state: ReplicaState): Final[] =>
  ownOrigins(state).map((origin) => ({
    origin,
    final: Math.max(0, ...[...state.peers.values()].map((peer) => peer.timestamp.get(origin))),
  }));

/** The newest configuration is durably known to be committed. */
export function updateLabel(state: ReplicaState): void {
  const { change, membership, forced } = state;
  if (forced.durable.commit < change.configuredSeq) return;
  change.label = membership.configuration.epoch;
}
