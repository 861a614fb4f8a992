/** A word of life on every connection: status, and what this replica holds (PROTOCOL H). */

import type { Heartbeat } from '../wire/messages.js';
import { hearClock } from './clocks.js';
import type { LinkId } from './events.js';
import { standingOf } from './forced/follow.js';
import { onStanding, probePrimary } from './forced/watch.js';
import type { Peer } from './state.js';
import { hear } from './hear.js';
import { noteFloor } from './horizon.js';
import { isCountedNow, toldEpoch } from './membership/label.js';
import { type Turn, send, wakeBy } from './turn.js';

/** Period of heartbeats (PROTOCOL H). */
export const HEARTBEAT_MS = 300;

export function sendHeartbeat(turn: Turn, link: LinkId): void {
  const { state, nowMs } = turn;
  send(turn, link, {
    kind: 'heartbeat',
    status: state.status,
    counted: isCountedNow(state),
    replicaTimestamp: state.durable.value(),
    standing: standingOf(turn),
    epoch: toldEpoch(state),
    wallMs: Math.max(0, Math.floor(nowMs + (state.change.wallOffsetMs ?? 0))),
    floorMs: state.forced.durable.floorMs,
    promises: state.forced.durable.promises,
  });
}

export function heartbeatAll(turn: Turn): void {
  for (const link of turn.state.frontends.keys()) sendHeartbeat(turn, link);
  for (const link of turn.state.peerByLink.keys()) sendHeartbeat(turn, link);
}

export function heartbeatWhenDue(turn: Turn): void {
  const { state, nowMs } = turn;
  if (nowMs >= state.nextHeartbeatMs) {
    state.nextHeartbeatMs = nowMs + HEARTBEAT_MS;
    heartbeatAll(turn);
    probePrimary(turn);
  }
  wakeBy(turn, state.nextHeartbeatMs);
}

export function onHeartbeat(turn: Turn, peer: Peer, message: Heartbeat): void {
  peer.epoch = message.epoch;
  peer.promises = Math.max(peer.promises, message.promises);
  hear(turn, peer, message.replicaTimestamp);
  noteFloor(turn, peer, message);
  if (peer.joins !== null) turn.state.change.isDue = true;
  hearClock(turn, peer, message.wallMs);
  onStanding(turn, peer, message);
}
