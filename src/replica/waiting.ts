/**
 * Requests that wait until the state covers their past (PROTOCOL A2.2, A7, A10). What is missing is
 * fetched at once, never awaited from the next round of gossip; at the deadline a request ends as
 * TIMEOUT, naming what is missing, and leaves nothing behind.
 */

import { assert } from '../base/assert.js';
import type { ErrorCode } from '../base/errors.js';
import { LIMITS } from '../base/limits.js';
import { isLater } from '../timestamp/ballot.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { Tip } from '../wire/forced-messages.js';
import type { LinkId } from './events.js';
import { fetchMissing } from './fetch.js';
import type { Ticket, WaitingRequest } from './state.js';
import { type Turn, describeRanges, send, trace, wakeBy } from './turn.js';

/** Deadlines are looked at on this grid, so that many requests share one tick. */
const DEADLINE_GRID_MS = 50;

/** When a deadline is looked at. */
export const onGrid = (deadlineMs: number): number =>
  Math.ceil(deadlineMs / DEADLINE_GRID_MS) * DEADLINE_GRID_MS;

const idOf = (link: LinkId, requestId: number): string => `${link}/${requestId}`;

/**
 * What a request depends on, in the form that the state covers, or null when it covers none: the past
 * of a session has two forms where its updates have two records each, and either will do.
 */
export function coveredPast(turn: Turn, request: Past): VectorTimestamp | null {
  const { value } = turn.state;
  for (const past of formsOf(turn, request)) if (past.leq(value)) return past;
  return null;
}

interface Past {
  readonly prev: VectorTimestamp;
  readonly alternative?: VectorTimestamp;
}

/** The forms of a request's past, as they are meant here: closed origins count up to their finals. */
export function formsOf(
  { state }: Turn,
  { prev, alternative }: Past,
): readonly [VectorTimestamp, ...VectorTimestamp[]] {
  const { membership } = state;
  const first = membership.normalise(prev).timestamp;
  if (alternative === undefined) return [first];
  return [first, membership.normalise(alternative).timestamp];
}

/**
 * Whether the state reflects the forced log as far as a tip says: its entry is executed, or the no-op of
 * a later view, where the entry may have been discarded (PROTOCOL B, `fresh` and forced).
 */
export function reachesTip({ state }: Turn, tip: Tip | undefined): boolean {
  if (tip === undefined || tip.seq <= state.forced.executed) return true;
  return isLater(state.forced.executedView, tip.view);
}

/** Parks a request until its past is covered, in either form, and fetches what is missing. */
export function waitFor(turn: Turn, waiting: WaitingRequest): void {
  const { state } = turn;
  const forms = formsOf(turn, waiting.request);
  const [prev] = forms;
  const id = idOf(waiting.link, waiting.request.requestId);
  if (state.waitingById.size >= LIMITS.waitingRequests || turn.nowMs >= waiting.deadlineMs) {
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
  trace(turn, () => ({
    event: `${waiting.kind} waits`,
    id: traceIdOf(waiting),
    from: state.frontends.get(waiting.link)?.name ?? '?',
    before: state.value.value(),
    detail: `needs ${describeRanges(prev.missingFrom(state.value))}`,
  }));
  // A request sent again under its number takes the place of the one that waits.
  unlist(turn, waiting);
  const tickets: Ticket[] = [];
  const isCovered = coveredPast(turn, waiting.request) !== null;
  if (isCovered) tickets.push(awaitTip(turn, waiting));
  for (const past of isCovered ? [] : forms) {
    const missing = past.firstMissingFrom(state.value);
    assert(missing !== null, 'a request that could be served must not wait');
    const ticket = { waiting };
    tickets.push(ticket);
    state.waiting.park(ticket, missing[0], missing[1]);
    fetchMissing(turn, past.missingFrom(state.received), waiting.deadlineMs);
  }
  state.waitingById.set(id, tickets);
  wakeBy(turn, onGrid(waiting.deadlineMs));
}

/** Only the forced log is not far enough: it is looked at again with each entry that is executed. */
function awaitTip(turn: Turn, waiting: WaitingRequest): Ticket {
  const { state } = turn;
  const tip = waiting.kind === 'query' ? waiting.request.tip : undefined;
  assert(tip !== undefined, 'a request that could be served must not wait');
  const ticket = { waiting };
  state.forced.awaitingTip.add(ticket);
  const from = state.forced.log.commit + 1;
  const origin = state.membership.orderAt(tip.seq);
  if (from <= tip.seq) {
    fetchMissing(turn, [{ origin, from, to: tip.seq }], waiting.deadlineMs);
  }
  return ticket;
}

/** Takes a request off the list: it is answered, given up, or looked at again. False if it was off. */
export function unlist(turn: Turn, { link, request }: WaitingRequest): boolean {
  const { waiting, waitingById } = turn.state;
  const id = idOf(link, request.requestId);
  const tickets = waitingById.get(id);
  if (tickets === undefined) return false;
  for (const ticket of tickets) {
    waiting.remove(ticket);
    turn.state.forced.awaitingTip.delete(ticket);
  }
  return waitingById.delete(id);
}

/** Drops waiting queries that were answered elsewhere. */
export function cancelWaiting(turn: Turn, link: LinkId, requestIds: readonly number[]): void {
  for (const requestId of requestIds) {
    const ticket = turn.state.waitingById.get(idOf(link, requestId))?.[0];
    if (ticket !== undefined) unlist(turn, ticket.waiting);
  }
}

/** Drops what a connection that ended had asked for; an update's retry comes with a new connection. */
export function dropWaitingOf(turn: Turn, link: LinkId): void {
  for (const waiting of allWaiting(turn)) if (waiting.link === link) unlist(turn, waiting);
}

/** Ends the requests whose time is up; answers nothing older in their place. */
export function expireWaiting(turn: Turn): void {
  for (const waiting of allWaiting(turn)) {
    if (waiting.deadlineMs > turn.nowMs) {
      wakeBy(turn, onGrid(waiting.deadlineMs));
      continue;
    }
    unlist(turn, waiting);
    send(turn, waiting.link, {
      kind: 'declined',
      requestId: waiting.request.requestId,
      code: 'TIMEOUT',
      message: lacking(turn, waiting.request.prev),
    });
  }
}

/** Ends all that waits here: others are asked instead. */
export function declineWaiting(turn: Turn, code: ErrorCode, message: string): void {
  for (const waiting of allWaiting(turn)) {
    unlist(turn, waiting);
    const { requestId } = waiting.request;
    send(turn, waiting.link, { kind: 'declined', requestId, code, message });
  }
}

/** A copy, for requests leave the list while it is walked. */
const allWaiting = (turn: Turn): WaitingRequest[] =>
  [...turn.state.waitingById.values()].flatMap(([ticket]) =>
    ticket === undefined ? [] : [ticket.waiting],
  );

const traceIdOf = (waiting: WaitingRequest): string =>
  waiting.kind === 'query'
    ? String(waiting.request.requestId)
    : `${waiting.body.session}:${waiting.body.n}`;

export function lacking(turn: Turn, told: VectorTimestamp): string {
  const { self, value, membership } = turn.state;
  const prev = membership.normalise(told).timestamp;
  if (prev.leq(value)) return `${self.name} does not know in time what was ordered last`;
  return `${self.name} still lacks ${describeRanges(prev.missingFrom(value))}, which the request depends on`;
}
