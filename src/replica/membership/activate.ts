/**
 * Activation and settlement (PROTOCOL C and D): with the reports of R members of the configuration
 * before, the primary knows all that was acknowledged under it. That is the cut; how far each leaving
 * origin is in it is that origin's final.
 */

import { memberOf as memberOfOrigin, type Origin } from '../../base/ids.js';
import { collectionIn, type Final, type Member } from '../../log/membership.js';
import { VectorTimestamp } from '../../timestamp/vector-timestamp.js';
import type { ReplicaState } from '../state.js';
import { type Turn, wakeBy } from '../turn.js';
import { mayOrderChange, orderChange } from './append.js';

/** Members that are connected and have not reported are waited for so long, ms. */
const PATIENCE_MS = 1000;

export function activateWhenReported(turn: Turn): void {
  const { state, nowMs } = turn;
  const { change, membership } = state;
  const { previous, configuration } = membership;
  if (previous === null || !mayOrderChange(turn)) return;
  const missing = previous.members.filter(({ id }) => id === null || !change.reports.has(id));
  const isEnough = previous.members.length - missing.length >= collectionIn(previous);
  if (!isEnough && !(change.isForced && change.reports.size > 0)) return;
  const dueMs = change.committedAtMs + PATIENCE_MS;
  if (missing.some((member) => isConnected(state, member)) && nowMs < dueMs) {
    return wakeBy(turn, dueMs);
  }
  let held = VectorTimestamp.zero;
  for (const timestamp of change.reports.values()) held = held.merge(timestamp);
  const finals = finalsOf(state, held, missing.length === 0);
  // Reporters need not hold the cut before this one yet: what it names was acknowledged all the same.
  const merged = held.merge(membership.cut);
  const clipped = new Map(finals.map(({ origin, final }) => [origin, final]));
  const cut = VectorTimestamp.of(
    [...merged.entries()].flatMap(([origin, count]): [Origin, number][] => {
      if (membership.dropped.has(origin)) return [];
      const final = clipped.get(origin) ?? membership.finalOf(origin);
      return [[origin, final === null ? count : Math.min(count, final)]];
    }),
  );
  orderChange(turn, { kind: 'activate', epoch: configuration.epoch, cut, finals });
}

const isConnected = ({ peers }: ReplicaState, { name, id }: Member): boolean => {
  const peer = peers.get(name);
  return peer !== undefined && peer.link !== null && peer.memberId === id;
};

/**
 * What this activation settles. Where all members have reported, that includes origins of earlier starts
 * of those that stay; and what was settled before and is not all there any more, which is settled anew:
 * nobody may wait for what a disk took along that was lost since.
 */
function finalsOf(state: ReplicaState, merged: VectorTimestamp, haveAllReported: boolean): Final[] {
  const { membership } = state;
  const { leaving, closing } = membership.configuration;
  const finals: Final[] = [];
  for (const [origin, count] of merged.entries()) {
    if (membership.finalOf(origin) !== null) continue;
    const member = memberOfOrigin(origin);
    if (member === null) continue;
    const isLeaving = leaving.includes(member) || membership.isRetired(member);
    const isClosing = haveAllReported && closing.includes(origin);
    if (isLeaving || isClosing) finals.push({ origin, final: count });
  }
  if (!haveAllReported) return finals;
  for (const [origin, { final }] of membership.settled) {
    const count = merged.get(origin);
    if (count < final && !isHeldByAnyone(state, origin, final)) {
      finals.push({ origin, final: count });
    }
  }
  return finals;
}

/** Somebody who is connected, a member that leaves perhaps, still has all of a settled origin. */
export const isHeldByAnyone = ({ peers }: ReplicaState, origin: Origin, final: number): boolean =>
  [...peers.values()].some(
    ({ link, timestamp }) => link !== null && timestamp.get(origin) >= final,
  );

/**
 * What every member holds of closed origins, and of their cuts, needs no name any more: no timestamp is
 * shorter for it, and nobody can lack it (PROTOCOL D9). Learners take their snapshots under the old names.
 */
export function dropWhenHeld(turn: Turn): void {
  const { state } = turn;
  const { membership, durable, value } = state;
  if (membership.settled.size === 0 || !membership.isActivated || !mayOrderChange(turn)) return;
  if (hasLearners(state)) return;
  const held = membership.configuration.members.flatMap(({ name, id }) => {
    if (id === state.self.memberId) return [];
    const peer = state.peers.get(name);
    // Another identity under its name says nothing of what the member holds.
    return [peer?.memberId === id ? peer.timestamp : VectorTimestamp.zero];
  });
  const finals = [...membership.settled].flatMap(([origin, { final, cut }]): [Origin, number][] => {
    const past = membership.normalise(cut).timestamp;
    const isHeld = [durable, value, ...held].every(
      (timestamp) => timestamp.get(origin) >= final && past.leq(timestamp),
    );
    return isHeld ? [[origin, final]] : [];
  });
  if (finals.length === 0) return;
  // No log takes this without the records, and no state lets go of the names before it reflects them.
  const origins = finals.map(([origin]) => origin);
  orderChange(turn, { kind: 'drop', origins }, VectorTimestamp.of(finals));
}

export const hasLearners = ({ peers, membership }: ReplicaState): boolean =>
  [...peers.values()].some(
    ({ link, memberId, joins }) =>
      link !== null &&
      joins !== null &&
      !membership.configuration.members.some(({ id }) => id === memberId),
  );
