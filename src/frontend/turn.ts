/** One step of a front end under way: the state, the time, and the effects gathered so far. */

import type { ErrorCode } from '../base/errors.js';
import { ERROR_CODES } from '../base/errors.js';
import { compareNames, type Name } from '../base/ids.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { ClientUpdate, Declined, Trace } from '../wire/messages.js';
import type { FrontendEffect } from './events.js';
import { ASK_AGAIN_MS, isSilent } from './routing.js';
import {
  type FrontendState,
  HEDGE_MAX_MS,
  HEDGE_MIN_MS,
  isListed,
  type LinkId,
  type Pending,
  type PendingBase,
  type PendingForced,
  type PendingUpdate,
} from './state.js';

export interface Turn {
  readonly state: FrontendState;
  readonly nowMs: number;
  readonly effects: FrontendEffect[];
}

/** Asks for a tick at `atMs` at the latest. */
export function wakeBy(turn: Turn, atMs: number): void {
  if (atMs >= turn.state.wakeAtMs) return;
  turn.state.wakeAtMs = atMs;
  turn.effects.push({ kind: 'wake', atMs });
}

/** Notes an event for the gossip log; `make` runs only where somebody reads it. */
export function trace(turn: Turn, make: () => Trace): void {
  if (turn.state.tuning.trace) turn.effects.push({ kind: 'trace', trace: make() });
}

/** Makes a request id for the next round of a request. */
export function nextRequestId(turn: Turn, pending: Pending): number {
  const requestId = turn.state.nextRequestId++;
  pending.requestIds.push(requestId);
  turn.state.pending.set(requestId, pending);
  return requestId;
}

/** A request whose timestamp has more entries than this counts as several: all of them are kept. */
const ENTRIES_A_REQUEST = 16;

/** What a request that depends on `prev` counts for among the requests of its connection. */
export const weightOf = (prev: VectorTimestamp): number =>
  1 + Math.floor(prev.size / ENTRIES_A_REQUEST);

/** Takes a request off the books, answered or not. */
export function retire(turn: Turn, pending: Pending): void {
  const { state } = turn;
  for (const requestId of pending.requestIds) state.pending.delete(requestId);
  const left = (state.pendingByClient.get(pending.client) ?? 0) - pending.weight;
  if (left > 0) state.pendingByClient.set(pending.client, left);
  else state.pendingByClient.delete(pending.client);
}

/** What every request begins with; it counts among those of its connection from now on. */
export function begin(
  { state, nowMs }: Turn,
  client: LinkId,
  { requestId, prev, timeoutMs }: Pick<ClientUpdate, 'requestId' | 'prev' | 'timeoutMs'>,
  startedAtMs: number,
): PendingBase {
  const weight = weightOf(prev);
  state.pendingByClient.set(client, (state.pendingByClient.get(client) ?? 0) + weight);
  return {
    requestIds: [],
    client,
    clientRequestId: requestId,
    weight,
    deadlineMs: startedAtMs + timeoutMs,
    hedgeAtMs: nowMs + state.hedgeAfterMs,
    askAgainAtMs: nowMs + ASK_AGAIN_MS,
    outstanding: new Map(),
    tried: new Set(),
    declined: new Map(),
  };
}

/** A replica did not take an update. */
export function noteDeclined(
  pending: PendingUpdate | PendingForced,
  name: Name,
  message: Declined,
): void {
  pending.outstanding.delete(name);
  pending.declined.set(name, message);
  const { definite, retriable } = ERROR_CODES[message.code];
  if (!definite && !retriable) pending.doubtful = true;
}

/**
 * A refusal that replicas could disagree on is told as definite only when every replica that was sent
 * the update refused it (PROTOCOL A9). Anything else may pass: it waits for the deadline.
 */
export function refuseIfAllDid(turn: Turn, pending: PendingUpdate | PendingForced): void {
  if (pending.unknown || pending.outstanding.size > 0) return;
  const refusals = [...pending.declined.values()];
  const first = refusals.find(({ code }) => !ERROR_CODES[code].retriable);
  if (first === undefined || pending.declined.size < pending.tried.size) return;
  const isCertain =
    !pending.doubtful &&
    pending.request.attempt === 1 &&
    refusals.every(({ code }) => ERROR_CODES[code].definite);
  fail(turn, pending, first.code, first.message, isCertain);
}

const kindOf = (pending: Pending): string => {
  if (pending.kind !== 'query') return `update ${pending.request.operation}`;
  return pending.update === null ? 'query' : 'check';
};

const nameOf = (pending: Pending): string =>
  pending.kind === 'query'
    ? String(pending.requestIds.at(-1) ?? '?')
    : `${pending.request.session}:${pending.request.n}`;

/** Ends a request with an error. */
export function fail(
  turn: Turn,
  pending: Pending,
  code: ErrorCode,
  message: string,
  definite: boolean = ERROR_CODES[code].definite,
  timestamp?: VectorTimestamp,
): void {
  retire(turn, pending);
  trace(turn, () => ({
    event: `${kindOf(pending)} ${code === 'REFUSED' ? 'refused' : 'failed'}`,
    id: nameOf(pending),
    detail: `${code}: ${message}`,
  }));
  turn.effects.push({
    kind: 'reply',
    client: pending.client,
    message: {
      kind: 'failed',
      requestId: pending.clientRequestId,
      code,
      message,
      definite,
      ...(timestamp === undefined ? {} : { timestamp }),
    },
  });
}

/**
 * A replica has answered. How long it took since it was asked counts for the time after which another
 * one is asked as well; not since the request began, or each hedge would put off the next.
 */
export function noteAnswer(turn: Turn, pending: Pending, name: Name): void {
  const { state } = turn;
  const asked = pending.outstanding.get(name);
  if (asked === undefined) return;
  pending.outstanding.delete(name);
  state.latenciesMs[state.latencyIndex] = turn.nowMs - asked.atMs;
  state.latencyIndex = (state.latencyIndex + 1) % LATENCIES;
}

/** How many recent latencies are kept: enough for a 99th percentile. */
const LATENCIES = 512;

/** max(150 ms, 3 x p99) of recent latencies (PROTOCOL H), at most a second: one replica that stood
 * still must not make all others wait for the next one that does. */
export function hedgeAfterMs(state: FrontendState): number {
  const sorted = [...state.latenciesMs].sort((a, b) => a - b);
  const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? 0;
  return Math.min(Math.max(HEDGE_MIN_MS, 3 * p99), HEDGE_MAX_MS);
}

/** Names the replicas that cannot be reached, or that say nothing, for messages. */
export function describeReach({ state, nowMs }: Turn): string {
  if (state.known === null) return 'no replica has said yet who the members are';
  const all = [...state.replicas.values()].filter((replica) => isListed(state, replica));
  all.sort((one, other) => compareNames(one.name, other.name));
  const away = all.flatMap((replica) => {
    const { name, link, status } = replica;
    if (link === null) return [name];
    if (status.value === 'OFFLINE') return [`${name} (OFFLINE)`];
    return isSilent(replica, nowMs) ? [`${name} (silent)`] : [];
  });
  return away.length === 0
    ? `all ${all.length} replicas can be reached`
    : `${all.length - away.length} of ${all.length} replicas can be reached, not ${away.join(', ')}`;
}

/** Each request once; the list is a copy, for requests may end while it is walked. */
export function distinctPending(state: FrontendState): Pending[] {
  const distinct: Pending[] = [];
  for (const [requestId, pending] of state.pending) {
    if (requestId === pending.requestIds[0]) distinct.push(pending);
  }
  return distinct;
}
