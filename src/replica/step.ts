/**
 * The replica as a state machine without I/O: `step(state, event)` changes the state and answers what is
 * to be done. The same code runs in a real process and in a simulation; time, network, disk and the
 * service's state are the driver's.
 */

import { assert, unreachable } from '../base/assert.js';
import { isAlias, type LogRecord, type TravellingRecord } from '../log/record.js';
import type { Random } from '../base/random.js';
import type { ForcedTransition } from '../log/forced-log.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { ForcedMessage } from '../wire/forced-messages.js';
import { onClock } from './clocks.js';
import { collect, onSnapshotSaved } from './collect.js';
import { updateCounted } from './counted.js';
import { fetchBeforeEarly, fetchForEarly } from './early.js';
import type { ReplicaEffect } from './effects.js';
import type { ReplicaEvent } from './events.js';
import { retryFetches } from './fetch.js';
import { change } from './forced/change.js';
import { onNack, onPreVote, onVote, onVoteAnswered } from './forced/election.js';
import { onExecuted } from './forced/execute.js';
import { onHandover } from './forced/handover.js';
import { onPrepare, onPrepareOk } from './forced/prepare.js';
import { onForcedRequest, onForwarded } from './forced/requests.js';
import { restoreForced } from './forced/restore.js';
import { settleForced } from './forced/settle.js';
import { onGetState, onState } from './forced/state-transfer.js';
import { excusePause, onRefused, watchOnTick } from './forced/watch.js';
import { acknowledgeGossip, antiEntropy, onGossip, onGossipAcknowledged } from './gossip.js';
import { heartbeatWhenDue, onHeartbeat } from './heartbeat.js';
import { moveHorizon } from './horizon.js';
import { onLinkDown, onLinkUp } from './links.js';
import { executeStable, onDurable } from './on-durable.js';
import { onClaimGranted, onClaimRefused } from './membership/claim.js';
import { onChangeMembers } from './membership/operators.js';
import { onRecover, onRecoverHalt, onRecoverHalted } from './membership/recover.js';
import { abortRecovery, onRelease } from './membership/release.js';
import { onFrozen } from './membership/report.js';
import { onRetired, resubmit } from './membership/resubmit.js';
import { settleMembership, tendMembership } from './membership/settle.js';
import { onFetch, onFetched } from './on-fetch.js';
import { onQueryArrival } from './on-query.js';
import { onStatus } from './on-status.js';
import { onUpdateArrival } from './on-update.js';
import {
  type Peer,
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
  /** Changes of the forced log, in their order. */
  readonly transitions: readonly ForcedTransition[];
  /** A part of what was on this disk is gone: it may have promised or acknowledged what it does not know. */
  readonly hasForgotten: boolean;
}

/** Brings a replica back from its disk: the effects execute what the snapshot does not hold. */
export function startReplica(
  self: ReplicaIdentity,
  tuning: ReplicaTuning,
  recovered: Recovered,
  nowMs: number,
  random: Random,
): { state: ReplicaState; effects: ReplicaEffect[] } {
  const state = emptyState(self, tuning, recovered.snapshot, random);
  state.mustRecover = recovered.mustRecover;
  for (const travelling of recovered.records) {
    const record = withBody(state, travelling);
    const held = state.log.append(record);
    state.received.advance(record.origin, record.seq);
    state.durable.advance(record.origin, record.seq);
    if (record.seq <= state.value.get(record.origin)) held.executed = true;
    else state.unexecuted.add(record);
  }
  const turn: Turn = { state, nowMs, effects: [] };
  restoreForced(turn, recovered.snapshot.forced, recovered.transitions);
  assert(
    recovered.snapshot.valueTimestamp.leq(state.durable),
    'the snapshot holds more than the log',
  );
  state.durableLength = state.log.length;
  state.antiEntropyLength = state.log.length;
  const { valueTimestamp, forced } = recovered.snapshot;
  state.collection.savedLength = state.log.firstUncovered(valueTimestamp);
  state.collection.savedForced = forced?.executed ?? 0;
  if (recovered.hasForgotten && state.forced.log.mayVote) change(turn, { mayVote: false });
  if (recovered.hasForgotten) haltWhereAlone(turn);
  executeStable(turn);
  updateCounted(turn);
  onTick(turn);
  settleForced(turn);
  settleMembership(turn);
  return { state, effects: turn.effects };
}

/**
 * By what is left of its journal this replica is the only member. Others may have joined since: then it
 * would decide alone what is not its own any more.
 */
function haltWhereAlone({ state, effects }: Turn): void {
  const { membership, self } = state;
  if (membership.isFixed || membership.configuration.members.length > 1) return;
  const message =
    `the journal of ${self.name} is damaged, and what is left of it knows of no other member: put the data ` +
    'directory back from a copy if there never was one, or move it away, and it joins the others anew';
  effects.push({ kind: 'halt', message });
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
    case 'update':
    case 'forward': {
      const { link, request, body, wallMs, nowMs } = event;
      const deadlineMs = nowMs + request.timeoutMs;
      if (event.kind === 'update' && event.ordering === 'causal') {
        onUpdateArrival(turn, { link, request: event.request, body, wallMs, deadlineMs });
      } else onForcedRequest(turn, { link, request, body, wallMs, deadlineMs });
      break;
    }
    case 'message':
      onMessage(turn, event);
      break;
    case 'durable':
      onDurable(turn, event.length, event.transitions);
      break;
    case 'executed':
      executeStable(turn, onExecuted(turn, event.result));
      break;
    case 'refused':
      onRefused(turn, event.peer);
      break;
    case 'status':
      onStatus(turn, { value: event.value, source: event.source });
      break;
    case 'resubmit':
      resubmit(turn, event.bodies);
      break;
    case 'clock':
      onClock(turn, event.wallMs);
      moveHorizon(turn, event.wallMs);
      collect(turn);
      break;
    case 'snapshot-saved':
      onSnapshotSaved(turn, event.length, event.forced);
      break;
    case 'tick':
      excusePause(turn, event.nowMs - state.wakeAtMs);
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
  let commit: number;
  do {
    length = state.log.length;
    commit = state.forced.log.commit;
    storeReady(turn);
    executeStable(turn);
    settleForced(turn);
    settleMembership(turn);
    // An update that had waited made a record: its body may be what an early alias lacked. An entry that
    // was committed may be executed.
  } while (state.log.length > length || state.forced.log.commit > commit);
  for (const peer of state.peers.values()) acknowledgeGossip(turn, peer);
}

function onMessage(turn: Turn, event: Extract<ReplicaEvent, { kind: 'message' }>): void {
  const { link, message } = event;
  if (message.kind === 'query') return onQueryArrival(turn, link, message);
  if (message.kind === 'cancel') return cancelWaiting(turn, link, message.requestIds);
  if (message.kind === 'change-members') return onChangeMembers(turn, link, message);
  if (message.kind === 'recover') {
    return message.abort ? abortRecovery(turn, link, message) : onRecover(turn, link, message);
  }
  if (message.kind === 'claim-refused') return onClaimRefused(turn, message);
  if (message.kind === 'retired') return onRetired(turn, message);
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
      return onHeartbeat(turn, peer, message);
    case 'handover':
      return onHandover(turn, peer, message);
    case 'recover-halt':
      return onRecoverHalt(turn, peer, message);
    case 'recover-halted':
      return onRecoverHalted(turn, peer, message);
    case 'recover-release':
      return onRelease(turn, message.plan);
    case 'frozen':
      return onFrozen(turn, peer, message);
    case 'claim-granted':
      return onClaimGranted(turn, peer, message);
    default:
      return onForcedMessage(turn, peer, message);
  }
}

function onForcedMessage(
  turn: Turn,
  peer: Peer,
  message: Exclude<ForcedMessage, { kind: 'forward' }>,
): void {
  if (turn.state.tuning.forced === 'off') return;
  switch (message.kind) {
    case 'pre-vote':
      return onPreVote(turn, peer, message);
    case 'vote':
      return onVote(turn, peer, message);
    case 'vote-answered':
      return onVoteAnswered(turn, peer, message);
    case 'prepare':
      return onPrepare(turn, peer, message);
    case 'prepare-ok':
      return onPrepareOk(turn, peer, message);
    case 'nack':
      return onNack(turn, peer, message);
    case 'get-state':
      return onGetState(turn, peer, message);
    case 'state':
      return onState(turn, peer, message);
    case 'forwarded':
      return onForwarded(turn, peer, message);
    default:
      return unreachable(message);
  }
}

function onTick(turn: Turn): void {
  watchOnTick(turn);
  heartbeatWhenDue(turn);
  tendMembership(turn);
  antiEntropy(turn);
  expireWaiting(turn);
  retryFetches(turn);
  fetchForEarly(turn);
}
