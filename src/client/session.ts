/**
 * A client's session as a state machine without I/O (DESIGN sections 2 and 6): what it has seen, the
 * numbers and stamps of its updates, retries with the same id at whatever front end there is. The same
 * code runs in the library and under a simulator.
 */

import { unreachable } from '../base/assert.js';
import { ERROR_CODES } from '../base/errors.js';
import { laterStamp } from '../timestamp/stamp.js';
import type { Answered, Failed, LookedUp, Updated } from '../wire/messages.js';
import { onClosed, onTick, timedOut } from './session-deadlines.js';
import type { SessionCall, SessionEffect, SessionEvent } from './session-events.js';
import {
  begin,
  beginUpdate,
  close,
  failCall,
  isLookup,
  patienceMs,
  retryLater,
  send,
  type Turn,
  wakeBy,
} from './session-requests.js';
import { forgetClosed, learn, type OpenRequest, type SessionState } from './session-state.js';

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
    case 'frontends':
      onFrontends(turn, event.hasOthers);
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
  const timed = { call, deadlineMs: nowMs + call.timeoutMs, wallMs };
  wakeBy(turn, timed.deadlineMs);
  const hasToWait = call.kind === 'update' && state.updatesUnderWay > 0 && !state.pipeline;
  if (hasToWait) state.queue.push(timed);
  else begin(turn, timed);
}

/** Whether there is another front end decides whether a silent one is left. */
function onFrontends(turn: Turn, hasOthers: boolean): void {
  turn.state.hasOthers = hasOthers;
  if (!hasOthers) return;
  for (const open of turn.state.open.values()) wakeBy(turn, turn.nowMs + patienceMs(open));
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

function onMessage(turn: Turn, message: Updated | Answered | LookedUp | Failed): void {
  const { state } = turn;
  state.lastHeardMs = turn.nowMs;
  const open = state.open.get(message.requestId);
  if (open === undefined) return;
  const { call } = open.call;
  switch (message.kind) {
    case 'failed':
      return onFailed(turn, open, message);
    case 'looked-up':
      return onLookedUp(turn, open, message);
    case 'updated':
      // Where the result was freed long ago, so was the place in the order.
      if (message.repeated !== true) forgetClosed(state, open, message.timestamp);
      learn(state, message.timestamp, message.alternative);
      turn.effects.push({ kind: 'updated', call, message });
      break;
    case 'answered':
      forgetClosed(state, open, message.timestamp);
      learn(state, message.timestamp);
      turn.effects.push({ kind: 'answered', call, message });
      break;
    default:
      unreachable(message);
  }
  state.stamp = laterStamp(state.stamp, message.latest);
  close(turn, open, true);
}

/** The update itself takes the place of its lookup; what comes from now on is about that. */
function onLookedUp(turn: Turn, lookup: OpenRequest, { args }: LookedUp): void {
  if (!isLookup(lookup)) return;
  if (turn.nowMs >= lookup.deadlineMs) return failCall(turn, lookup, timedOut(lookup));
  turn.state.open.delete(lookup.requestId);
  beginUpdate(turn, lookup, args);
}

function onFailed(turn: Turn, open: OpenRequest, message: Failed): void {
  const { code, definite, timestamp } = message;
  if (timestamp !== undefined) learn(turn.state, timestamp);
  // "Certainly without effect" holds for this attempt only, an earlier one may have succeeded. But a
  // refusal in the order of forced operations is what came of all of them, and a lookup has no effect.
  const isDefinite =
    isLookup(open) ||
    (definite && (open.identity === null || open.unknownAttempts === 0 || timestamp !== undefined));
  const error = {
    code,
    message: message.message,
    definite: isDefinite,
    ...(timestamp === undefined ? {} : { timestamp }),
  };
  if (!definite) open.unknownAttempts++;
  if (ERROR_CODES[code].retriable && retryLater(turn, open, error)) return;
  // A lookup that had but the rest of its time was cut short: why the one before it failed says more.
  const isCutShort = isLookup(open) && code === 'TIMEOUT';
  failCall(turn, open, (isCutShort ? open.lastError : null) ?? error);
}
