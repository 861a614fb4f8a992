/**
 * Forgetting what is too old to matter (PROTOCOL A8). Each replica promises durably, and tells, a floor:
 * it makes no record with an older stamp. Below the least floor of all members, of which all records that
 * were made before are here, nothing can come any more: sessions and tombstones below it go.
 */

import { isReservedOrigin } from '../base/ids.js';
import type { Heartbeat } from '../wire/messages.js';
import { change } from './forced/change.js';
import { isMember } from './membership/label.js';
import type { Peer, ReplicaState } from './state.js';
import type { Turn } from './turn.js';

/** Floors and horizon move in such steps. */
const STEP_MS = 60_000;

/** The floor of a new member may be behind those of the others by a few steps: no more than this. */
const MARGIN_MS = 10 * STEP_MS;

/** A floor counts once all that its member had made by then is here. */
export function noteFloor({ state }: Turn, peer: Peer, heartbeat: Heartbeat): void {
  settleFloor(state, peer);
  const { floorMs, replicaTimestamp: past } = heartbeat;
  if (floorMs <= peer.floorMs) return;
  // One that waits may name what never comes, since it became void: it keeps out none that is covered.
  if (peer.unsettledFloor === null || past.leq(state.value))
    peer.unsettledFloor = { floorMs, past };
  settleFloor(state, peer);
}

/** Under load what it told is covered at some later time, while it goes on telling more. */
function settleFloor({ value }: ReplicaState, peer: Peer): void {
  if (peer.unsettledFloor?.past.leq(value) !== true) return;
  peer.floorMs = peer.unsettledFloor.floorMs;
  peer.unsettledFloor = null;
}

/** Looks at the clock, now and then: the only place where it makes anything go. */
export function moveHorizon(turn: Turn, wallMs: number): void {
  raiseFloor(turn, wallMs);
  forgetOld(turn);
}

function raiseFloor(turn: Turn, wallMs: number): void {
  const { state, nowMs } = turn;
  const { collection, tuning, forced } = state;
  if (nowMs < collection.nextFloorMs) return;
  let floorMs = Math.floor(wallMs) - tuning.resultTtlMs;
  // A new member makes no record that the others may not know how to take any more.
  if (!isMember(state)) floorMs = Math.max(floorMs, leastFloor(state));
  for (let position = state.durableLength; position < state.log.length; position++) {
    const { origin, body } = state.log.at(position);
    if (origin === state.self.origin) floorMs = Math.min(floorMs, body.stamp.physicalMs);
  }
  if (floorMs <= forced.log.floorMs) return;
  collection.nextFloorMs = nowMs + STEP_MS;
  change(turn, { floorMs });
}

function forgetOld(turn: Turn): void {
  const { state } = turn;
  const { collection, forced, executed } = state;
  if (hasOpenQuestion(state)) return;
  const beforeMs = Math.min(forced.durable.floorMs, leastFloor(state)) - MARGIN_MS;
  if (beforeMs < collection.horizonMs + STEP_MS) return;
  collection.horizonMs = beforeMs;
  executed.forgetBefore(beforeMs);
  turn.effects.push({ kind: 'forget', beforeMs });
}

/** The least floor of the other members. */
function leastFloor({ membership, self, peers }: ReplicaState): number {
  let least = Number.POSITIVE_INFINITY;
  for (const { name, id } of membership.configuration.members) {
    if (name === self.name) continue;
    const peer = peers.get(name);
    const isKnown = peer !== undefined && (id === null || peer.memberId === id);
    least = Math.min(least, isKnown ? peer.floorMs : 0);
  }
  return least;
}

/** An origin that no member writes and that is not settled: records of it may turn up, however old. */
function hasOpenQuestion({ membership, self, peers, value }: ReplicaState): boolean {
  if (membership.isFixed) return false;
  const running = new Set([self.origin, ...[...peers.values()].map(({ origin }) => origin)]);
  for (const [origin] of value.value()) {
    if (isReservedOrigin(origin) || running.has(origin)) continue;
    if (membership.finalOf(origin) === null) return true;
  }
  return false;
}
