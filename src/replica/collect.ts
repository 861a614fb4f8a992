/**
 * Letting go of what nobody needs any more (PROTOCOL A13): records that all other members have and that
 * a durable snapshot of this replica reflects, and committed entries of which both is true.
 *
 * Why no other record of an update comes once its body is collected: records of an update are only made
 * by who does not know it. A member that told that it has one makes none any more, and those it had made
 * stand before that one in its log, so that they are in what it told; and only what it told and this
 * state covers counts (`settled`).
 */

import type { MemberId } from '../base/ids.js';
import { orderedIn } from '../log/forced-log.js';
import { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import { electoratesOf } from './forced/quorum.js';
import type { Peer, ReplicaState } from './state.js';
import type { Turn } from './turn.js';

/** A member that begins to catch up within this time is none that has to be retired. */
const PATIENCE_MS = 10_000;

/** A peer has told what it holds. */
export function noteTold({ state }: Turn, peer: Peer): void {
  settle(state, peer);
  peer.unsettled ??= peer.timestamp;
  settle(state, peer);
}

/** What it told last is covered at some later time, while it goes on telling more. */
function settle({ value }: ReplicaState, peer: Peer): void {
  if (peer.unsettled?.leq(value) !== true) return;
  peer.settled = peer.unsettled;
  peer.unsettled = null;
}

/** A snapshot is durable that reflects the log below `length`, and so many forced entries. */
export function onSnapshotSaved(turn: Turn, length: number, forced: number): void {
  const { collection } = turn.state;
  collection.savedLength = Math.max(collection.savedLength, length);
  collection.savedForced = Math.max(collection.savedForced, forced);
  collect(turn);
}

/** Collects what can be, of both logs. */
export function collect(turn: Turn): void {
  const { state } = turn;
  const { log, forced, peers, collection, durableLength } = state;
  for (const peer of peers.values()) settle(state, peer);
  watchLaggards(turn);
  for (const { settled } of rowsOf(state)) log.settle(settled);
  log.collect(Math.min(collectableUpdates(state), collection.savedLength, durableLength));
  for (const peer of peers.values()) {
    peer.sentUpTo = Math.max(peer.sentUpTo, log.base);
    peer.completeUpTo = Math.max(peer.completeUpTo, log.base);
  }
  const entry = Math.min(collectableEntries(state), collection.savedForced, forced.durable.commit);
  if (entry <= forced.log.base) return;
  forced.log.collect(entry);
  forced.durable.collect(entry);
  for (const known of forced.peers.values()) known.sent = Math.max(known.sent, entry);
}

/** Below this position all others have all records, and this state reflects them. */
export function collectableUpdates(state: ReplicaState): number {
  if (keepsAll(state)) return state.log.base;
  let upTo = state.log.firstUncovered(state.value);
  for (const { settled } of rowsOf(state)) {
    upTo = Math.min(upTo, state.log.firstUncovered(settled));
  }
  return Math.max(upTo, state.log.base);
}

/** Up to this entry all others have the forced log on their disks, and this state reflects it. */
export function collectableEntries(state: ReplicaState): number {
  if (keepsAll(state)) return state.forced.log.base;
  let upTo = state.forced.executed;
  for (const { timestamp } of rowsOf(state)) upTo = Math.min(upTo, orderedIn(timestamp));
  return Math.max(upTo, state.forced.log.base);
}

/** The members whose lack of old records has kept the log longer than its limit for a while. */
export const laggards = ({ collection, peers }: ReplicaState): readonly Peer[] =>
  [...collection.laggards].flatMap(([name, sinceMs]) => {
    const peer = peers.get(name);
    return peer === undefined || collection.lookedAtMs - sinceMs < PATIENCE_MS ? [] : [peer];
  });

/** Of one that was not heard since this start nothing is known yet: it counts as lacking all. */
function watchLaggards({ state, nowMs }: Turn): void {
  const { log, tuning, collection } = state;
  const newest = log.length - tuning.logLimit;
  collection.lookedAtMs = nowMs;
  for (const { peer } of membersOf(state)) {
    if (peer === undefined) continue;
    const isLagging = log.size > tuning.logLimit && log.firstUncovered(peer.settled) < newest;
    if (!isLagging) collection.laggards.delete(peer.name);
    else if (!collection.laggards.has(peer.name)) collection.laggards.set(peer.name, nowMs);
  }
}

/** The log has grown to twice its limit, and whoever holds it back could not be retired: why, in words. */
export function tooLong(state: ReplicaState): string | null {
  const { log, self, tuning, collection } = state;
  if (log.size < 2 * tuning.logLimit) return null;
  const names = [...collection.laggards.keys()];
  const lacking = names.length === 0 ? 'have to be saved' : `${names.join(' and ')} lack`;
  const advice = names.length === 0 ? '' : '; bring them back, or retire them';
  return `${self.name} holds ${log.size} updates that ${lacking}, and takes no more${advice}`;
}

/**
 * Members that are given once for all take no snapshot of each other: one that has lost its disk gets
 * everything from the logs of the others.
 */
const keepsAll = ({ membership }: ReplicaState): boolean =>
  membership.isFixed && membership.configuration.members.length > 1;

interface Row {
  readonly settled: VectorTimestamp;
  readonly timestamp: VectorTimestamp;
}

const UNHEARD: Row = { settled: VectorTimestamp.zero, timestamp: VectorTimestamp.zero };

/** What the other members hold, and learners that are connected. */
function rowsOf(state: ReplicaState): Row[] {
  const members = membersOf(state);
  const rows: Row[] = members.map(({ id, peer }) =>
    peer === undefined || (id !== null && peer.memberId !== id) ? UNHEARD : peer,
  );
  const known = new Set(members.map(({ peer }) => peer));
  for (const peer of state.peers.values()) {
    if (peer.link !== null && !known.has(peer)) rows.push(peer);
  }
  return rows;
}

function membersOf(
  state: ReplicaState,
): { readonly id: MemberId | null; readonly peer: Peer | undefined }[] {
  const { self, peers } = state;
  // Of a change that may be committed already as well: its member was told that it gets all from here on.
  const members = electoratesOf(state).flatMap((configuration) => configuration.members);
  return members
    .filter(({ name, id }) => (id === null ? name !== self.name : id !== self.memberId))
    .map(({ name, id }) => ({ id, peer: peers.get(name) }));
}
