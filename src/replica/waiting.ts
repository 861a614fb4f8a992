/**
 * Requests that wait until the state covers their `prev` (PROTOCOL A2.2, A10). What is missing is
 * fetched at once, never awaited from the next round of gossip; at the deadline a request ends as
 * TIMEOUT, naming what is missing, and leaves nothing behind.
 */

import { assert } from '../base/assert.js';
import { LIMITS } from '../base/limits.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { LinkId } from './events.js';
import { fetchMissing } from './fetch.js';
import type { WaitingRequest } from './state.js';
import { type Turn, describeRanges, send, trace, wakeBy } from './turn.js';

/** Deadlines are looked at on this grid, so that many requests share one tick. */
const DEADLINE_GRID_MS = 50;

const idOf = (link: LinkId, requestId: number): string => `${link}/${requestId}`;

/** Parks a request until `prev` is covered, and fetches what is missing. */
export function waitFor(turn: Turn, waiting: WaitingRequest, prev: VectorTimestamp): void {
  const { state } = turn;
  const id = idOf(waiting.link, waiting.request.requestId);
  if (state.waiting.size >= LIMITS.waitingRequests || turn.nowMs >= waiting.deadlineMs) {
    const full = turn.nowMs < waiting.deadlineMs;
    return send(turn, waiting.link, {
      kind: 'declined',
      requestId: waiting.request.requestId,
      code: full ? 'OVERLOADED' : 'TIMEOUT',
      message: full
        ? `${state.self.name} has ${LIMITS.waitingRequests} requests waiting; try again later`
        : lacking(turn, prev),
    });
  }
  const missing = prev.firstMissingFrom(state.value);
  assert(missing !== null, 'a request that could be served must not wait');
  state.waiting.park(waiting, missing[0], missing[1]);
  state.waitingById.set(id, waiting);
  trace(turn, () => ({
    event: `${waiting.kind} waits`,
    id: traceIdOf(waiting),
    from: state.frontends.get(waiting.link) ?? '?',
    before: state.value.value(),
    detail: `needs ${describeRanges(prev.missingFrom(state.value))}`,
  }));
  fetchMissing(turn, prev.missingFrom(state.received), waiting.deadlineMs);
  wakeBy(turn, Math.ceil(waiting.deadlineMs / DEADLINE_GRID_MS) * DEADLINE_GRID_MS);
}

/** A request whose entry has come no longer waits: the caller looks at it again. */
export function unlist(turn: Turn, waiting: WaitingRequest): void {
  turn.state.waitingById.delete(idOf(waiting.link, waiting.request.requestId));
}

/** Drops waiting queries that were answered elsewhere. */
export function cancelWaiting(turn: Turn, link: LinkId, requestIds: readonly number[]): void {
  for (const requestId of requestIds) {
    const waiting = turn.state.waitingById.get(idOf(link, requestId));
    if (waiting !== undefined) forget(turn, waiting);
  }
}

/** Drops what a connection that ended had asked for; an update's retry comes with a new connection. */
export function dropWaitingOf(turn: Turn, link: LinkId): void {
  for (const waiting of [...turn.state.waiting.items()]) {
    if (waiting.link === link) forget(turn, waiting);
  }
}

/** Ends the requests whose time is up; answers nothing older in their place. */
export function expireWaiting(turn: Turn): void {
  for (const waiting of [...turn.state.waiting.items()]) {
    if (waiting.deadlineMs > turn.nowMs) {
      wakeBy(turn, Math.ceil(waiting.deadlineMs / DEADLINE_GRID_MS) * DEADLINE_GRID_MS);
      continue;
    }
    forget(turn, waiting);
    send(turn, waiting.link, {
      kind: 'declined',
      requestId: waiting.request.requestId,
      code: 'TIMEOUT',
      message: lacking(turn, waiting.request.prev),
    });
  }
}

const traceIdOf = (waiting: WaitingRequest): string =>
  waiting.kind === 'query'
    ? String(waiting.request.requestId)
    : `${waiting.body.session}:${waiting.body.n}`;

function forget(turn: Turn, waiting: WaitingRequest): void {
  turn.state.waiting.remove(waiting);
  unlist(turn, waiting);
}

function lacking(turn: Turn, prev: VectorTimestamp): string {
  const { self, value } = turn.state;
  return `${self.name} still lacks ${describeRanges(prev.missingFrom(value))}, which the request depends on`;
}
