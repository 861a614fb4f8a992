/**
 * A client's session as a state machine without I/O (DESIGN sections 2 and 6): what it has seen, the
 * numbers and stamps of its updates, retries with the same id at whatever front end there is. The same
 * code runs in the library and under a simulator.
 */

import { unreachable } from '../base/assert.js';
import { ERROR_CODES, type ErrorCode } from '../base/errors.js';
import type { SessionId } from '../base/ids.js';
import { laterStamp, nextStamp, type Stamp, ZERO_STAMP } from '../timestamp/stamp.js';
import { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type {
  Answered,
  Arguments,
  ClientQuery,
  ClientUpdate,
  Consistency,
  Failed,
  Updated,
} from '../wire/messages.js';

/** A retriable refusal is tried again after this long, then after twice as long, and so on. */
const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 1000;

/** A front end that answers nothing for this long is left for another one, where there is one. */
const FRONTEND_PATIENCE_MS = 3000;

/** The front end's own answer at the deadline says more than ours would: it gets this long to come. */
const GRACE_MS = 250;

/** One request of the program that uses the session; `call` is the number it gave. */
export type SessionCall =
  | {
      readonly kind: 'update';
      readonly call: number;
      readonly operation: string;
      readonly args: Arguments;
      readonly timeoutMs: number;
      readonly minCopies: number;
    }
  | {
      readonly kind: 'query';
      readonly call: number;
      readonly operation: string;
      readonly args: Arguments;
      readonly timeoutMs: number;
      readonly consistency: Consistency;
    };

export type SessionEvent = {
  /** Monotonic milliseconds: only differences mean anything. */
  readonly nowMs: number;
} & (
  | { readonly kind: 'call'; readonly call: SessionCall; readonly wallMs: number }
  /** A connection to a front end is ready. */
  | { readonly kind: 'connected' }
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'message'; readonly message: Updated | Answered | Failed }
  | { readonly kind: 'tick' }
  /** The program lets go of the session: everything under way fails. */
  | { readonly kind: 'closed' }
);

export interface SessionError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly definite: boolean;
}

export type SessionEffect =
  | { readonly kind: 'send'; readonly message: ClientUpdate | ClientQuery }
  | { readonly kind: 'updated'; readonly call: number; readonly message: Updated }
  | { readonly kind: 'answered'; readonly call: number; readonly message: Answered }
  | { readonly kind: 'failed'; readonly call: number; readonly error: SessionError }
  /** This front end does not answer: connect to another one. */
  | { readonly kind: 'leave' }
  | { readonly kind: 'wake'; readonly atMs: number };

interface OpenCall {
  readonly call: SessionCall;
  readonly requestId: number;
  readonly deadlineMs: number;
  /** The update's number and stamp: the same in every attempt. */
  readonly identity: { readonly n: number; readonly stamp: Stamp } | null;
  readonly prev: VectorTimestamp;
  readonly alternative: VectorTimestamp;
  /** Sendings whose outcome is unknown. */
  unknownAttempts: number;
  /** When it was last sent on the present connection, or null when it is not under way. */
  sentAtMs: number | null;
  retryAtMs: number;
  pauseMs: number;
  /** Why the last attempt failed, for the message at the deadline. */
  lastError: SessionError | null;
}

export interface SessionState {
  readonly session: SessionId;
  readonly user: string;
  /** Updates are sent without waiting for earlier ones. */
  readonly pipeline: boolean;
  /** There is another front end to go to. */
  readonly hasOthers: boolean;
  prev: VectorTimestamp;
  /** The same past by the other records of the session's updates: either form will do (A7). */
  alternative: VectorTimestamp;
  /** The greatest stamp that was shown to it, or given to an update that may have taken effect. */
  stamp: Stamp;
  /** The stamp given last; `stamp` again once nothing is under way: what was refused used up none. */
  given: Stamp;
  n: number;
  /** Updates answered above `answered`, which is where they are answered without a gap. */
  readonly answeredAbove: Set<number>;
  answered: number;
  connected: boolean;
  nextRequestId: number;
  readonly open: Map<number, OpenCall>;
  /** Updates that wait for the one before them. */
  readonly queue: { readonly call: SessionCall; readonly deadlineMs: number; wallMs: number }[];
  updatesUnderWay: number;
  lastHeardMs: number;
  wakeAtMs: number;
}

export interface SessionInit {
  readonly session: SessionId;
  readonly user: string;
  readonly pipeline: boolean;
  readonly hasOthers: boolean;
}

export function newSession(init: SessionInit): SessionState {
  return {
    ...init,
    prev: VectorTimestamp.zero,
    alternative: VectorTimestamp.zero,
    stamp: ZERO_STAMP,
    given: ZERO_STAMP,
    n: 0,
    answeredAbove: new Set(),
    answered: 0,
    connected: false,
    nextRequestId: 1,
    open: new Map(),
    queue: [],
    updatesUnderWay: 0,
    lastHeardMs: 0,
    wakeAtMs: Number.POSITIVE_INFINITY,
  };
}

interface Turn {
  readonly state: SessionState;
  readonly nowMs: number;
  readonly effects: SessionEffect[];
}

export function stepSession(state: SessionState, event: SessionEvent): SessionEffect[] {
  const turn: Turn = { state, nowMs: event.nowMs, effects: [] };
  switch (event.kind) {
    case 'call':
      onCall(turn, event.call, event.wallMs);
      break;
    case 'connected':
      state.connected = true;
      state.lastHeardMs = event.nowMs;
      for (const open of state.open.values()) send(turn, open);
      break;
    case 'disconnected':
      onDisconnected(turn);
      break;
    case 'message':
      onMessage(turn, event.message);
      break;
    case 'tick':
      state.wakeAtMs = Number.POSITIVE_INFINITY;
      onTick(turn);
      break;
    case 'closed':
      onClosed(turn);
      break;
    default:
      unreachable(event);
  }
  return turn.effects;
}

function onCall(turn: Turn, call: SessionCall, wallMs: number): void {
  const { state, nowMs } = turn;
  const deadlineMs = nowMs + call.timeoutMs;
  wakeBy(turn, deadlineMs);
  if (call.kind === 'update' && state.updatesUnderWay > 0 && !state.pipeline) {
    state.queue.push({ call, deadlineMs, wallMs });
  } else begin(turn, call, deadlineMs, wallMs);
}

function begin(turn: Turn, call: SessionCall, deadlineMs: number, wallMs: number): void {
  const { state } = turn;
  let identity: OpenCall['identity'] = null;
  if (call.kind === 'update') {
    state.updatesUnderWay++;
    state.given = nextStamp(laterStamp(state.given, state.stamp), wallMs);
    state.n++;
    identity = { n: state.n, stamp: state.given };
  }
  const open: OpenCall = {
    call,
    requestId: state.nextRequestId++,
    deadlineMs,
    identity,
    prev: state.prev,
    alternative: state.alternative,
    unknownAttempts: 0,
    sentAtMs: null,
    retryAtMs: 0,
    pauseMs: RETRY_FIRST_MS,
    lastError: null,
  };
  state.open.set(open.requestId, open);
  send(turn, open);
}

/** Sends a request as it stands, if there is a connection: the id and the stamp never change. */
function send(turn: Turn, open: OpenCall): void {
  const { state, nowMs } = turn;
  if (!state.connected) return;
  const { call, requestId, identity } = open;
  const common = {
    requestId,
    session: state.session,
    prev: open.prev,
    ...(open.alternative === open.prev ? {} : { alternative: open.alternative }),
    operation: call.operation,
    args: call.args,
    user: state.user,
    timeoutMs: Math.max(1, Math.ceil(open.deadlineMs - nowMs)),
  };
  open.sentAtMs = nowMs;
  if (call.kind === 'query') {
    const { consistency } = call;
    turn.effects.push({ kind: 'send', message: { kind: 'client-query', consistency, ...common } });
  } else if (identity !== null) {
    turn.effects.push({
      kind: 'send',
      message: {
        kind: 'client-update',
        ...common,
        ...identity,
        answered: state.answered,
        attempt: open.unknownAttempts + 1,
        minCopies: call.minCopies,
      },
    });
  }
  if (state.hasOthers) wakeBy(turn, nowMs + FRONTEND_PATIENCE_MS);
}

function onDisconnected(turn: Turn): void {
  const { state } = turn;
  state.connected = false;
  for (const open of state.open.values()) {
    if (open.sentAtMs === null) continue;
    open.sentAtMs = null;
    open.unknownAttempts++;
  }
}

function onMessage(turn: Turn, message: Updated | Answered | Failed): void {
  const { state } = turn;
  state.lastHeardMs = turn.nowMs;
  const open = state.open.get(message.requestId);
  if (open === undefined) return;
  if (message.kind === 'failed') return onFailed(turn, open, message);
  const other = message.kind === 'updated' ? message.alternative : undefined;
  const isOneForm = other === undefined && state.alternative === state.prev;
  state.prev = state.prev.merge(message.timestamp);
  state.alternative = isOneForm ? state.prev : state.alternative.merge(other ?? message.timestamp);
  if (state.alternative.equals(state.prev)) state.alternative = state.prev;
  state.stamp = laterStamp(state.stamp, message.latest);
  const { call } = open.call;
  if (message.kind === 'updated') turn.effects.push({ kind: 'updated', call, message });
  else turn.effects.push({ kind: 'answered', call, message });
  close(turn, open, true);
}

function onFailed(turn: Turn, open: OpenCall, message: Failed): void {
  const { code, definite } = message;
  // An earlier attempt may have succeeded: then "certainly without effect" holds for this one only.
  const isDefinite = definite && (open.identity === null || open.unknownAttempts === 0);
  const error = { code, message: message.message, definite: isDefinite };
  const leftMs = open.deadlineMs - turn.nowMs;
  if (!ERROR_CODES[code].retriable || leftMs <= open.pauseMs) return failCall(turn, open, error);
  if (!definite) open.unknownAttempts++;
  open.lastError = error;
  open.sentAtMs = null;
  open.retryAtMs = turn.nowMs + open.pauseMs;
  open.pauseMs = Math.min(2 * open.pauseMs, RETRY_MAX_MS);
  wakeBy(turn, open.retryAtMs);
}

function failCall(turn: Turn, open: OpenCall, error: SessionError): void {
  turn.effects.push({ kind: 'failed', call: open.call.call, error });
  close(turn, open, !error.definite);
}

/** Takes a request off the books; the next update of the session may go. */
function close(turn: Turn, open: OpenCall, hasEffect: boolean): void {
  const { state } = turn;
  state.open.delete(open.requestId);
  if (open.identity === null) return;
  if (hasEffect) state.stamp = laterStamp(state.stamp, open.identity.stamp);
  state.updatesUnderWay--;
  if (state.updatesUnderWay === 0) state.given = state.stamp;
  state.answeredAbove.add(open.identity.n);
  while (state.answeredAbove.delete(state.answered + 1)) state.answered++;
  if (state.pipeline) return;
  for (let next = state.queue.shift(); next !== undefined; next = state.queue.shift()) {
    if (turn.nowMs < next.deadlineMs) {
      return begin(turn, next.call, next.deadlineMs, next.wallMs);
    }
    failUnsent(turn, next.call);
  }
}

function onTick(turn: Turn): void {
  const { state, nowMs } = turn;
  expireQueue(turn);
  let oldestSentMs = Number.POSITIVE_INFINITY;
  for (const open of [...state.open.values()]) {
    const endMs = open.deadlineMs + (open.sentAtMs === null ? 0 : GRACE_MS);
    if (nowMs >= endMs) {
      failCall(turn, open, timedOut(open));
      continue;
    }
    wakeBy(turn, endMs);
    if (open.sentAtMs !== null) oldestSentMs = Math.min(oldestSentMs, open.sentAtMs);
    else if (nowMs >= open.retryAtMs) send(turn, open);
    else wakeBy(turn, open.retryAtMs);
  }
  if (!state.connected || !state.hasOthers || oldestSentMs === Number.POSITIVE_INFINITY) return;
  const silentSinceMs = Math.max(oldestSentMs, state.lastHeardMs);
  if (nowMs - silentSinceMs >= FRONTEND_PATIENCE_MS) turn.effects.push({ kind: 'leave' });
  else wakeBy(turn, silentSinceMs + FRONTEND_PATIENCE_MS);
}

/** Fails queued updates whose time is up, wherever in the queue: each has a deadline of its own. */
function expireQueue(turn: Turn): void {
  const { queue } = turn.state;
  for (const waiting of queue.splice(0)) {
    if (turn.nowMs >= waiting.deadlineMs) failUnsent(turn, waiting.call);
    else {
      queue.push(waiting);
      wakeBy(turn, waiting.deadlineMs);
    }
  }
}

/** An update that never got its turn was certainly not sent. */
function failUnsent(turn: Turn, { call }: SessionCall): void {
  const message = 'the updates of this session before it took all of its time; it was not sent';
  turn.effects.push({
    kind: 'failed',
    call,
    error: { code: 'TIMEOUT', message, definite: true },
  });
}

function timedOut(open: OpenCall): SessionError {
  const definite = open.identity === null || (open.unknownAttempts === 0 && open.sentAtMs === null);
  if (open.lastError !== null) return { ...open.lastError, definite };
  if (open.sentAtMs === null) {
    const message = 'no front end could be reached; see that one runs at the address given';
    return { code: 'UNAVAILABLE', message, definite };
  }
  const message = `no answer within ${open.call.timeoutMs} ms; its outcome is unknown`;
  return { code: 'TIMEOUT', message, definite };
}

function onClosed(turn: Turn): void {
  const { state } = turn;
  const message = 'the client was closed';
  for (const { call } of state.queue.splice(0)) {
    turn.effects.push({
      kind: 'failed',
      call: call.call,
      error: { code: 'UNAVAILABLE', message, definite: true },
    });
  }
  for (const open of [...state.open.values()]) {
    failCall(turn, open, { code: 'UNAVAILABLE', message, definite: timedOut(open).definite });
  }
}

function wakeBy(turn: Turn, atMs: number): void {
  if (atMs >= turn.state.wakeAtMs) return;
  turn.state.wakeAtMs = atMs;
  turn.effects.push({ kind: 'wake', atMs });
}
