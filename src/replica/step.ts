/**
 * The replica as a state machine without I/O: `step(state, event)` changes the state and answers what is
 * to be done. The same code runs in a real process and in a simulation; time, network, disk and the
 * service's state are the driver's.
 */

import { assert, unreachable } from '../base/assert.js';
import { isAlias, type LogRecord, type TravellingRecord } from '../log/record.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import { updateCounted } from './counted.js';
import { fetchBeforeEarly, fetchForEarly } from './early.js';
import type { ReplicaEffect } from './effects.js';
import type { ReplicaEvent } from './events.js';
import { onFetch, onFetched, retryFetches } from './fetch.js';
import { acknowledgeGossip, antiEntropy, onGossip, onGossipAcknowledged } from './gossip.js';
import { heartbeatAll, heartbeatWhenDue, onHeartbeat } from './heartbeat.js';
import { onLinkDown, onLinkUp } from './links.js';
import { executeStable, onDurable } from './on-durable.js';
import { onQueryArrival } from './on-query.js';
import { onUpdate } from './on-update.js';
import {
  type ReplicaIdentity,
  type ReplicaState,
  type ReplicaTuning,
  type SnapshotState,
  emptyState,
} from './state.js';
import { storeReady } from './store.js';
import type { Turn } from './turn.js';
import { cancelWaiting, expireWaiting } from './waiting.js';

/** What a data directory gave back. */
export interface Recovered {
  readonly snapshot: SnapshotState;
  /** The whole log, in its order. */
  readonly records: readonly TravellingRecord[];
  /** What the log held before it was damaged, or null. */
  readonly mustRecover: VectorTimestamp | null;
}

/** Brings a replica back from its disk: the effects execute what the snapshot does not hold. */
export function startReplica(
  self: ReplicaIdentity,
  tuning: ReplicaTuning,
  recovered: Recovered,
  nowMs: number,
): { state: ReplicaState; effects: ReplicaEffect[] } {
  const state = emptyState(self, tuning, recovered.snapshot);
  state.mustRecover = recovered.mustRecover;
  for (const travelling of recovered.records) {
    const record = withBody(state, travelling);
    const held = state.log.append(record);
    state.received.advance(record.origin, record.seq);
    state.durable.advance(record.origin, record.seq);
    if (record.seq <= state.value.get(record.origin)) held.executed = true;
    else state.unexecuted.add(record);
  }
  assert(
    recovered.snapshot.valueTimestamp.leq(state.durable),
    'the snapshot holds more than the log',
  );
  state.durableLength = state.log.length;
  state.antiEntropyLength = state.log.length;
  const turn: Turn = { state, nowMs, effects: [] };
  executeStable(turn);
  updateCounted(turn);
  onTick(turn);
  return { state, effects: turn.effects };
}

/** On disk as in gossip, a second record has no body of its own: the first one stands before it. */
function withBody(state: ReplicaState, record: TravellingRecord): LogRecord {
  if (!isAlias(record)) return record;
  const held = state.log.find(record.id);
  assert(held !== undefined, `the body of ${record.origin}:${record.seq} is not in the log`);
  return { origin: record.origin, seq: record.seq, prev: record.prev, body: held.body };
}

export function step(state: ReplicaState, event: ReplicaEvent): ReplicaEffect[] {
  const turn: Turn = { state, nowMs: event.nowMs, effects: [] };
  switch (event.kind) {
    case 'link-up':
      onLinkUp(turn, event.link, event.counterpart);
      break;
    case 'link-down':
      onLinkDown(turn, event.link);
      break;
    case 'update': {
      const { link, request, body, wallMs } = event;
      const deadlineMs = event.nowMs + request.timeoutMs;
      onUpdate(turn, { link, request, body, wallMs, deadlineMs });
      break;
    }
    case 'message':
      onMessage(turn, event);
      break;
    case 'durable':
      onDurable(turn, event.length);
      break;
    case 'status':
      state.status = { value: event.value, source: event.source };
      heartbeatAll(turn);
      break;
    case 'tick':
      state.wakeAtMs = Number.POSITIVE_INFINITY;
      onTick(turn);
      break;
    default:
      unreachable(event);
  }
  settle(turn);
  return turn.effects;
}

/** Stores and executes what this event made ready, and serves who waited for it. */
function settle(turn: Turn): void {
  const { state } = turn;
  let length: number;
  do {
    length = state.log.length;
    storeReady(turn);
    executeStable(turn);
    // An update that had waited made a record: its body may be what an early alias lacked.
  } while (state.log.length > length);
  for (const peer of state.peers.values()) acknowledgeGossip(turn, peer);
}

function onMessage(turn: Turn, event: Extract<ReplicaEvent, { kind: 'message' }>): void {
  const { link, message } = event;
  if (message.kind === 'query') return onQueryArrival(turn, link, message);
  if (message.kind === 'cancel') return cancelWaiting(turn, link, message.requestIds);
  const peer = turn.state.peerByLink.get(link);
  // A connection that a newer one has replaced: what it still brings comes again on the newer one.
  if (peer === undefined) return;
  switch (message.kind) {
    case 'gossip':
      return onGossip(turn, peer, message);
    case 'gossip-acknowledged':
      return onGossipAcknowledged(turn, peer, message);
    case 'fetch':
      return onFetch(turn, peer, message);
    case 'fetched':
      onFetched(turn, peer, message);
      // What its records depend on is asked for now: on demand means without a pause.
      return fetchBeforeEarly(turn);
    case 'heartbeat':
      return onHeartbeat(peer, message);
    default:
      return unreachable(message);
  }
}

function onTick(turn: Turn): void {
  heartbeatWhenDue(turn);
  antiEntropy(turn);
  expireWaiting(turn);
  retryFetches(turn);
  fetchForEarly(turn);
}

/**
 * The core's part of a snapshot, of the same instant as the state the driver exports now. It may be
 * saved once the log as it is now is durable: a snapshot holds nothing that the log does not.
 */
export function snapshotOf(state: ReplicaState): SnapshotState {
  return {
    valueTimestamp: state.value.value(),
    executed: state.executed.entries(),
    latest: state.latest,
  };
}
