/**
 * The life of one request of a session: begun, sent as often as it takes, taken off the books. An update
 * has its number and stamp from the moment it can be sent, and every sending of it has the same body.
 */

import { LIMITS } from '../base/limits.js';
import { laterStamp, nextStamp } from '../timestamp/stamp.js';
import type { Arguments } from '../wire/messages.js';
import type { SessionEffect, SessionError } from './session-events.js';
import type { OpenRequest, SessionState, TimedCall } from './session-state.js';

/** A retriable refusal is tried again after this long, then after twice as long, and so on. */
const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 1000;

/** A front end that answers nothing for this long is left for another one, where there is one. */
const FRONTEND_PATIENCE_MS = 3000;
/** The same while it looks something up: whom it asks may let it wait. */
const LOOKUP_PATIENCE_MS = 8000;

export interface Turn {
  readonly state: SessionState;
  readonly nowMs: number;
  readonly effects: SessionEffect[];
}

/** Without a number, an update's arguments are still being looked up. */
export const isLookup = ({ call, identity }: OpenRequest): boolean =>
  call.kind === 'update' && identity === null;

export const patienceMs = (open: OpenRequest): number =>
  isLookup(open) ? LOOKUP_PATIENCE_MS : FRONTEND_PATIENCE_MS;

/** Begins a call: with its lookup, where it has one. */
export function begin(turn: Turn, timed: TimedCall): void {
  const { call } = timed;
  if (call.kind === 'query') return openRequest(turn, timed, call.args, null);
  turn.state.updatesUnderWay++;
  if (call.hasLookup) openRequest(turn, timed, call.args, null);
  else beginUpdate(turn, timed, call.args);
}

/** The arguments are complete: the update gets its number, its stamp and its past, and goes out. */
export function beginUpdate(turn: Turn, timed: TimedCall, args: Arguments): void {
  const { state } = turn;
  state.given = nextStamp(laterStamp(state.given, state.stamp), timed.wallMs);
  state.n++;
  openRequest(turn, timed, args, { n: state.n, stamp: state.given });
}

function openRequest(
  turn: Turn,
  { call, deadlineMs, wallMs }: TimedCall,
  args: Arguments,
  identity: OpenRequest['identity'],
): void {
  const { state } = turn;
  const request: OpenRequest = {
    call,
    deadlineMs,
    wallMs,
    requestId: state.nextRequestId++,
    args,
    identity,
    prev: state.prev,
    alternative: state.alternative,
    unknownAttempts: 0,
    sentAtMs: null,
    retryAtMs: 0,
    pauseMs: RETRY_FIRST_MS,
    lastError: null,
  };
  state.open.set(request.requestId, request);
  send(turn, request);
}

/** Sends a request as it stands, if there is a connection: the id and the stamp never change. */
export function send(turn: Turn, open: OpenRequest): void {
  const { state, nowMs } = turn;
  if (!state.connected) return;
  open.sentAtMs = nowMs;
  turn.effects.push({ kind: 'send', message: messageOf(state, open, nowMs) });
  if (state.hasOthers) wakeBy(turn, nowMs + patienceMs(open));
}

function messageOf(
  state: SessionState,
  open: OpenRequest,
  nowMs: number,
): Extract<SessionEffect, { kind: 'send' }>['message'] {
  const { call, requestId, args, identity } = open;
  const asked = {
    requestId,
    operation: call.operation,
    args,
    user: state.user,
    timeoutMs: Math.min(LIMITS.timeoutMs, Math.max(1, Math.ceil(open.deadlineMs - nowMs))),
  };
  const past = {
    session: state.session,
    prev: open.prev,
    ...(open.alternative === open.prev ? {} : { alternative: open.alternative }),
  };
  if (call.kind === 'query') {
    return { kind: 'client-query', consistency: call.consistency, ...past, ...asked };
  }
  if (identity === null) return { kind: 'client-lookup', ...asked };
  return {
    kind: 'client-update',
    ...past,
    ...asked,
    ...identity,
    answered: state.answered,
    attempt: open.unknownAttempts + 1,
    minCopies: call.minCopies,
  };
}

/** Tries again after a pause, if the time is enough for it. Answers whether it is. */
export function retryLater(turn: Turn, open: OpenRequest, error: SessionError): boolean {
  if (open.deadlineMs - turn.nowMs <= open.pauseMs) return false;
  open.lastError = error;
  open.sentAtMs = null;
  open.retryAtMs = turn.nowMs + open.pauseMs;
  open.pauseMs = Math.min(2 * open.pauseMs, RETRY_MAX_MS);
  wakeBy(turn, open.retryAtMs);
  return true;
}

export function failCall(turn: Turn, open: OpenRequest, error: SessionError): void {
  turn.effects.push({ kind: 'failed', call: open.call.call, error });
  // A refusal with a place in the order was executed there. What may have had its effect must stay the
  // earlier one where stamps decide; elsewhere a stamp that was too far ahead is better forgotten.
  const mayDecide = open.call.kind === 'update' && !open.call.isForced && !error.definite;
  close(turn, open, mayDecide || error.timestamp !== undefined);
}

/** Takes a request off the books; the next update of the session may go. */
export function close(turn: Turn, open: OpenRequest, hasEffect: boolean): void {
  const { state } = turn;
  state.open.delete(open.requestId);
  if (open.call.kind === 'query') return;
  if (open.identity !== null) {
    const { n, stamp } = open.identity;
    if (hasEffect) state.stamp = laterStamp(state.stamp, stamp);
    state.answeredAbove.add(n);
    while (state.answeredAbove.delete(state.answered + 1)) state.answered++;
  }
  state.updatesUnderWay--;
  if (state.updatesUnderWay === 0) state.given = state.stamp;
  if (!state.pipeline) beginNext(turn);
}

function beginNext(turn: Turn): void {
  const { queue } = turn.state;
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (turn.nowMs < next.deadlineMs) return begin(turn, next);
    failUnsent(turn, next);
  }
}

/** An update that never got its turn was certainly not sent. */
export function failUnsent(turn: Turn, { call }: TimedCall): void {
  const message = 'the updates of this session before it took all of its time; it was not sent';
  turn.effects.push({
    kind: 'failed',
    call: call.call,
    error: { code: 'TIMEOUT', message, definite: true },
  });
}

export function wakeBy(turn: Turn, atMs: number): void {
  if (atMs >= turn.state.wakeAtMs) return;
  turn.state.wakeAtMs = atMs;
  turn.effects.push({ kind: 'wake', atMs });
}
