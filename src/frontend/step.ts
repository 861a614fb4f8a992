/**
 * The front end as a state machine without I/O: `step(state, event)` changes the state and answers what
 * is to be done. The same code runs in a real process and in a simulation.
 */

import { unreachable } from '../base/assert.js';
import { LIMITS } from '../base/limits.js';
import type { Acknowledged, Answer, ClientUpdate, Collected, Declined } from '../wire/messages.js';
import { isSameBallot } from '../timestamp/ballot.js';
import type { ForcedAnswered } from '../wire/forced-messages.js';
import type { FrontendEffect, FrontendEvent } from './events.js';
import {
  advanceForced,
  onForcedAnswered,
  onForcedDeclined,
  startForced,
  tickForced,
} from './on-forced.js';
import { forgetAbsent, onConfiguration } from './on-configuration.js';
import {
  collectAnew,
  noteCancelled,
  onAnswer,
  onCollected,
  onQueryDeclined,
  startPrecondition,
  startQuery,
  tickQuery,
  advanceQuery,
} from './on-query.js';
import {
  advanceUpdate,
  onAcknowledged,
  onUpdateDeclined,
  startUpdate,
  tickUpdate,
} from './on-update.js';
import { forgive } from './routing.js';
import {
  type FrontendState,
  isMember,
  type LinkId,
  type Pending,
  type PendingQuery,
  type Replica,
  unknownReplica,
} from './state.js';
import { distinctPending, type Turn, hedgeAfterMs, retire, trace, wakeBy } from './turn.js';

/** Deadlines and hedges are looked at this often while requests are under way. */
const TICK_MS = 50;

/** A tick later than this was held up by a pause of this process (PROTOCOL H). */
const PAUSE_MS = 300;

export function step(state: FrontendState, event: FrontendEvent): FrontendEffect[] {
  const turn: Turn = { state, nowMs: event.nowMs, effects: [] };
  switch (event.kind) {
    case 'replica-up':
      onReplicaUp(turn, event);
      break;
    case 'replica-down':
      onReplicaDown(turn, event.link);
      break;
    case 'replica-message':
      onReplicaMessage(turn, event);
      break;
    case 'configuration':
      onConfiguration(turn, event);
      break;
    case 'client-update':
      if (!admit(turn, event.client, event.request.requestId)) break;
      if (!canMakeCopies(turn, event.client, event.request)) break;
      // A later attempt skips the precondition: an earlier one may be on its way (PROTOCOL A9).
      if (event.hasPrecondition && event.request.attempt === 1) {
        startPrecondition(turn, event.client, event.request, event.ordering);
      } else if (event.ordering === 'causal') {
        startUpdate(turn, event.client, event.request, event.nowMs);
      } else startForced(turn, event.client, event.request, event.nowMs);
      break;
    case 'client-query':
      if (admit(turn, event.client, event.request.requestId)) {
        startQuery(turn, event.client, event.request);
      }
      break;
    case 'client-down':
      onClientDown(turn, event.client);
      break;
    case 'flush':
      sendCancels(turn);
      break;
    case 'tick':
      excuseReplicas(turn, event.nowMs - state.wakeAtMs);
      state.wakeAtMs = Number.POSITIVE_INFINITY;
      onTick(turn);
      break;
    default:
      unreachable(event);
  }
  if (state.pending.size > 0) wakeBy(turn, event.nowMs + TICK_MS);
  return turn.effects;
}

/** Bounds what is under way, of one client and in all; one too many was certainly not sent. */
function admit(turn: Turn, client: LinkId, requestId: number): boolean {
  const { state } = turn;
  const own = state.pendingByClient.get(client) ?? 0;
  const full =
    own >= LIMITS.connectionRequests
      ? `too many requests of this connection are under way (${own} of ${LIMITS.connectionRequests}); wait for some of them`
      : state.pending.size >= LIMITS.frontendRequests
        ? `${state.self.name} has ${state.pending.size} requests under way; try again later`
        : null;
  if (full === null) return true;
  turn.effects.push({
    kind: 'reply',
    client,
    message: { kind: 'failed', requestId, code: 'OVERLOADED', message: full, definite: true },
  });
  return false;
}

/** More copies than members can never be made: that is said before anything is sent. */
function canMakeCopies(turn: Turn, client: LinkId, request: ClientUpdate): boolean {
  const { requestId, minCopies, attempt } = request;
  const members = turn.state.known?.configuration.members.length ?? minCopies;
  if (minCopies <= members) return true;
  const message = `there is only ${members} replica: it cannot make ${minCopies} copies; ask for 1`;
  const definite = attempt === 1;
  turn.effects.push({
    kind: 'reply',
    client,
    message: { kind: 'failed', requestId, code: 'INVALID', message, definite },
  });
  return false;
}

function onReplicaUp(turn: Turn, event: Extract<FrontendEvent, { kind: 'replica-up' }>): void {
  const { state, nowMs } = turn;
  const replica = state.replicas.get(event.name) ?? unknownReplica(event.name);
  // Whoever comes under a member's name does not take its place while that is here.
  if (replica.link !== null && isMember(state, replica) && !isMember(state, event)) return;
  // A newer connection takes the place of one whose end has not been noticed yet.
  if (replica.link !== null) onReplicaDown(turn, replica.link);
  const hasLostDisk = replica.memberId !== null && replica.memberId !== event.memberId;
  replica.link = event.link;
  replica.memberId = event.memberId;
  replica.lastHeardMs = nowMs;
  state.replicas.set(event.name, replica);
  state.replicaByLink.set(event.link, replica);
  trace(turn, () => ({ event: 'connected', to: replica.name }));
  for (const pending of distinctPending(state)) {
    pending.tried.delete(replica.name);
    // What was durable there is durable no more.
    if (hasLostDisk && pending.kind === 'update' && pending.acknowledged.delete(replica.name)) {
      pending.unknown = true;
    }
    advance(turn, pending);
  }
}

function onReplicaDown(turn: Turn, link: LinkId): void {
  const { state } = turn;
  const replica = state.replicaByLink.get(link);
  if (replica === undefined) return;
  state.replicaByLink.delete(link);
  replica.link = null;
  trace(turn, () => ({ event: 'disconnected', to: replica.name }));
  for (const pending of distinctPending(state)) {
    const wasAwaited = pending.outstanding.get(replica.name)?.link === link;
    if (wasAwaited) pending.outstanding.delete(replica.name);
    if (pending.kind !== 'query') {
      if (!wasAwaited) continue;
      pending.unknown = true;
      advance(turn, pending);
    } else if (pending.level !== 'causal' && isPartOfRound(pending, replica)) {
      // What it told may be on its disk only: a collection without it asks for nothing it alone has.
      collectAnew(turn, pending);
    } else if (wasAwaited) advanceQuery(turn, pending);
  }
  forgetAbsent(state);
}

function onReplicaMessage(
  turn: Turn,
  event: Extract<FrontendEvent, { kind: 'replica-message' }>,
): void {
  const { state } = turn;
  const { link, message } = event;
  const replica = state.replicaByLink.get(link);
  if (replica === undefined) return;
  replica.lastHeardMs = turn.nowMs;
  if (message.kind === 'heartbeat') {
    onStatus(turn, replica, message.status);
    return onPrimary(turn, replica, message.standing.primary);
  }
  if (message.kind !== 'collected') noLongerToCancel(state, message.requestId, link);
  const pending = state.pending.get(message.requestId);
  if (pending !== undefined) onAnswerToPending(turn, pending, replica, message);
}

/** A replica takes no requests any more, or takes some again: whoever waits is served elsewhere, or there. */
function onStatus(turn: Turn, replica: Replica, status: Replica['status']): void {
  const { value: before } = replica.status;
  replica.status = status;
  if (status.value === before || (status.value !== 'OFFLINE' && before !== 'OFFLINE')) return;
  for (const pending of distinctPending(turn.state)) {
    forgive(pending, replica.name);
    advance(turn, pending);
  }
}

/** A replica hears another primary: what waits for one is sent there at once. */
function onPrimary(turn: Turn, replica: Replica, primary: Replica['primary']): void {
  const known = replica.primary;
  replica.primary = primary;
  if (primary === null || (known !== null && isSameBallot(known.view, primary.view))) return;
  for (const pending of distinctPending(turn.state)) {
    if (pending.kind === 'forced') advanceForced(turn, pending);
  }
}

function onAnswerToPending(
  turn: Turn,
  pending: Pending,
  replica: Replica,
  message: Acknowledged | ForcedAnswered | Answer | Collected | Declined,
): void {
  switch (message.kind) {
    case 'acknowledged':
      if (pending.kind === 'update') onAcknowledged(turn, pending, replica, message);
      return;
    case 'forced-answered':
      if (pending.kind === 'forced') onForcedAnswered(turn, pending, replica, message);
      return;
    case 'answer':
      if (pending.kind === 'query') onAnswer(turn, pending, replica, message);
      return;
    case 'collected':
      if (pending.kind === 'query') onCollected(turn, pending, replica, message);
      return;
    case 'declined':
      if (pending.kind === 'update') onUpdateDeclined(turn, pending, replica, message);
      else if (pending.kind === 'forced') onForcedDeclined(turn, pending, replica, message);
      else onQueryDeclined(turn, pending, replica, message);
      return;
    default:
      unreachable(message);
  }
}

function onClientDown(turn: Turn, client: LinkId): void {
  for (const pending of distinctPending(turn.state)) {
    if (pending.client !== client) continue;
    if (pending.kind === 'query') noteCancelled(turn, pending);
    retire(turn, pending);
  }
  turn.state.pendingByClient.delete(client);
}

/**
 * A tick that comes late tells of a pause of this process (PROTOCOL H): what replicas said meanwhile has
 * not been read, so the pause does not count as their silence.
 */
function excuseReplicas({ state, nowMs }: Turn, lateMs: number): void {
  if (lateMs < PAUSE_MS) return;
  for (const replica of state.replicas.values()) {
    replica.lastHeardMs = Math.min(nowMs, replica.lastHeardMs + lateMs);
  }
}

function onTick(turn: Turn): void {
  const { state } = turn;
  state.hedgeAfterMs = hedgeAfterMs(state);
  for (const pending of distinctPending(state)) {
    if (pending.kind === 'query') tickQuery(turn, pending);
    else if (pending.kind === 'forced') tickForced(turn, pending);
    else tickUpdate(turn, pending);
  }
}

function advance(turn: Turn, pending: Pending): void {
  if (pending.kind === 'update') advanceUpdate(turn, pending);
  else if (pending.kind === 'forced') advanceForced(turn, pending);
  else advanceQuery(turn, pending);
}

function noLongerToCancel(state: FrontendState, requestId: number, link: LinkId): void {
  const links = state.toCancel.get(requestId);
  if (links === undefined) return;
  links.delete(link);
  if (links.size === 0) state.toCancel.delete(requestId);
}

function sendCancels(turn: Turn): void {
  const { state } = turn;
  if (state.toCancel.size === 0) return;
  const idsByLink = new Map<LinkId, number[]>();
  for (const [requestId, links] of state.toCancel) {
    for (const link of links) {
      if (!state.replicaByLink.has(link)) continue;
      const ids = idsByLink.get(link) ?? [];
      // A query that is not cancelled ends by its own deadline.
      if (ids.length < LIMITS.frontendRequests) ids.push(requestId);
      idsByLink.set(link, ids);
    }
  }
  state.toCancel.clear();
  for (const [link, requestIds] of idsByLink) {
    turn.effects.push({ kind: 'send', link, message: { kind: 'cancel', requestIds } });
  }
}

/** It was asked in this round, or the second round waits for what it told in the first. */
const isPartOfRound = ({ tried, collected }: PendingQuery, { name, memberId }: Replica): boolean =>
  tried.has(name) || (memberId !== null && collected.has(memberId));
