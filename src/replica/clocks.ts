/**
 * Wall clocks, told to people and used for nothing else (PROTOCOL H): heartbeats carry them, and a
 * replica whose clock is far from the others' says so.
 */

import type { Peer, ReplicaState } from './state.js';
import type { Turn } from './turn.js';

/** A clock that is further than this from the median of the members' clocks is wrong, ms. */
export const CLOCK_WRONG_MS = 10_000;

/** This replica's wall clock at a monotonic time, or 0 before the first word of it. */
export function wallAt({ change }: ReplicaState, nowMs: number): number {
  return change.wallOffsetMs === null ? 0 : Math.floor(nowMs + change.wallOffsetMs);
}

/** The driver tells the wall clock now and then. */
export function onClock({ state, nowMs }: Turn, wallMs: number): void {
  state.change.wallOffsetMs = wallMs - nowMs;
}

/** A member's clock in its heartbeat; 0 = it does not know it yet. */
export function hearClock({ state, nowMs }: Turn, peer: Peer, wallMs: number): void {
  if (wallMs > 0 && state.change.wallOffsetMs !== null) {
    peer.clockAheadMs = wallMs - wallAt(state, nowMs);
  }
}

/**
 * How far this replica's clock is ahead of the median of the members' clocks, its own included, ms;
 * null when no other member is heard. Of two clocks each is half of their difference off.
 */
export function clockAheadMs({ self, membership, peers }: ReplicaState): number | null {
  const heard = membership.configuration.members.flatMap(({ name }) => {
    const peer = name === self.name ? undefined : peers.get(name);
    return peer?.link == null || peer.clockAheadMs === null ? [] : [peer.clockAheadMs];
  });
  return heard.length === 0 ? null : aheadOfMedian(heard);
}

/** By how much the others' clocks are ahead of this one, to how far this one is ahead of the median of all. */
export function aheadOfMedian(othersAheadMs: readonly number[]): number {
  const sorted = [0, ...othersAheadMs].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? 0;
  const high = sorted[Math.floor(middle)] ?? 0;
  return 0 - Math.round((low + high) / 2);
}
