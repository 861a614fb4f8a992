/** A request that came to a replica that is not the primary goes on to it (PROTOCOL B, "Who answers"). */

import type { Name } from '../../base/ids.js';
import { send, trace, type Turn, wakeBy } from '../turn.js';
import { idOf } from './change.js';
import { hearsPrimary } from './follow.js';
import type { PendingForced } from './state.js';
import { FORWARD_AGAIN_MS, RECENT_MS } from './timing.js';

/** A replica that does not hear the primary may know one that does: one more hop. */
const HOPS_MAX = 2;

export function forward(turn: Turn, pending: PendingForced): void {
  const { state, nowMs } = turn;
  if (pending.hops >= HOPS_MAX) return;
  const dueMs = pending.forwardedAtMs + FORWARD_AGAIN_MS;
  if (nowMs < dueMs) return wakeBy(turn, dueMs);
  const to = wayToPrimary(turn);
  const peer = to === null ? undefined : state.peers.get(to);
  if (peer === undefined || peer.link === null) return;
  pending.forwardedAtMs = nowMs;
  if (pending.forwardedTo.at(-1) !== peer.name) pending.forwardedTo.push(peer.name);
  wakeBy(turn, nowMs + FORWARD_AGAIN_MS);
  const { session, n, stamp, operation, args, user } = pending.body;
  const { prev, alternative, answered } = pending;
  trace(turn, () => ({ event: `forwarded ${operation}`, id: idOf(pending.body), to: peer.name }));
  send(turn, peer.link, {
    kind: 'forward',
    session,
    n,
    answered,
    stamp,
    prev,
    ...(alternative === undefined ? {} : { alternative }),
    operation,
    args,
    user,
    timeoutMs: Math.max(1, Math.floor(pending.deadlineMs - nowMs)),
    wallMs: pending.wallMs,
    hops: pending.hops + 1,
  });
}

/** The primary, where it is heard here; else somebody who hears one. */
function wayToPrimary(turn: Turn): Name | null {
  const { state, nowMs } = turn;
  const { forced } = state;
  if (hearsPrimary(turn)) return forced.primary;
  for (const [name, { standing, heardAtMs }] of forced.peers) {
    const primary = standing?.primary?.name;
    if (primary === undefined || primary === state.self.name) continue;
    if (nowMs - heardAtMs < RECENT_MS && state.peers.get(name)?.link != null) return name;
  }
  return null;
}
