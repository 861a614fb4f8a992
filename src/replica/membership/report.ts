/**
 * Reports of what a member's log held once it had frozen what is closed (PROTOCOL C, `Frozen`; D3). The
 * label is durable before: from then on nothing is acknowledged under the old one.
 */

import type { VectorTimestamp } from '../../timestamp/vector-timestamp.js';
import type { Frozen } from '../../wire/membership-messages.js';
import { primaryHeard } from '../forced/follow.js';
import { memberOf } from '../forced/quorum.js';
import { HEARTBEAT_MS } from '../heartbeat.js';
import type { Peer, ReplicaState } from '../state.js';
import { send, trace, type Turn, wakeBy } from '../turn.js';

/** Tells the primary, again and again until the configuration is activated. */
export function report(turn: Turn): void {
  const { state, nowMs } = turn;
  const { change, membership, self } = state;
  const held = reportOf(state);
  if (held === null) return;
  const primary = primaryHeard(turn);
  if (primary === self.name) return void change.reports.set(self.memberId, held);
  const link = primary === null ? null : (state.peers.get(primary)?.link ?? null);
  if (link === null) return;
  const dueMs = change.reportedAtMs + HEARTBEAT_MS;
  if (nowMs < dueMs) return wakeBy(turn, dueMs);
  change.reportedAtMs = nowMs;
  const { epoch } = membership.configuration;
  trace(turn, () => ({
    event: 'reports its log',
    to: primary ?? '?',
    after: held,
    detail: `epoch ${epoch}`,
  }));
  send(turn, link, { kind: 'frozen', epoch, replicaTimestamp: held });
}

/** What this member may report now, or null. */
function reportOf(state: ReplicaState): VectorTimestamp | null {
  const { change, membership, self, received, durable } = state;
  const { previous, configuration } = membership;
  if (previous === null || !change.isClaimed || change.label !== configuration.epoch) return null;
  if (memberOf(previous, self.name, self.memberId) === undefined) return null;
  // A record that is not on this disk yet would be held here and missing in the report.
  for (const [origin, count] of received.value().entries()) {
    if (membership.isFrozen(origin) && count > durable.get(origin)) return null;
  }
  return durable.value();
}

export function onFrozen({ state }: Turn, peer: Peer, { epoch, replicaTimestamp }: Frozen): void {
  const { change, membership } = state;
  const { previous, configuration } = membership;
  if (previous === null || epoch !== configuration.epoch || peer.memberId === null) return;
  if (memberOf(previous, peer.name, peer.memberId) === undefined) return;
  change.reports.set(peer.memberId, replicaTimestamp);
}
