/**
 * What ends the requests of a session other than an answer: their deadlines, a front end that says
 * nothing, and a program that lets go of the session.
 */

import type { SessionError } from './session-events.js';
import {
  failCall,
  failUnsent,
  isLookup,
  patienceMs,
  send,
  type Turn,
  wakeBy,
} from './session-requests.js';
import type { OpenRequest } from './session-state.js';

/** The front end's own answer at the deadline says more than ours would: it gets this long to come. */
const GRACE_MS = 250;

export function onTick(turn: Turn): void {
  const { state, nowMs } = turn;
  expireQueue(turn);
  let leaveAtMs = Number.POSITIVE_INFINITY;
  for (const open of [...state.open.values()]) {
    const endMs = open.deadlineMs + (open.sentAtMs === null ? 0 : GRACE_MS);
    if (nowMs >= endMs) {
      failCall(turn, open, timedOut(open));
      continue;
    }
    wakeBy(turn, endMs);
    if (open.sentAtMs !== null) {
      const silentSinceMs = Math.max(open.sentAtMs, state.lastHeardMs);
      leaveAtMs = Math.min(leaveAtMs, silentSinceMs + patienceMs(open));
    } else if (nowMs >= open.retryAtMs) send(turn, open);
    else wakeBy(turn, open.retryAtMs);
  }
  if (!state.connected || !state.hasOthers) return;
  if (nowMs >= leaveAtMs) turn.effects.push({ kind: 'leave' });
  else wakeBy(turn, leaveAtMs);
}

/** Fails queued updates whose time is up, wherever in the queue: each has a deadline of its own. */
function expireQueue(turn: Turn): void {
  const { queue } = turn.state;
  for (const waiting of queue.splice(0)) {
    if (turn.nowMs >= waiting.deadlineMs) failUnsent(turn, waiting);
    else {
      queue.push(waiting);
      wakeBy(turn, waiting.deadlineMs);
    }
  }
}

/** What is known of a request whose time is up. */
export function timedOut(open: OpenRequest): SessionError {
  const definite = open.identity === null || (open.unknownAttempts === 0 && open.sentAtMs === null);
  if (open.lastError !== null) return { ...open.lastError, definite };
  if (open.sentAtMs === null) {
    const message = 'no front end could be reached; see that one runs at the address given';
    return { code: 'UNAVAILABLE', message, definite };
  }
  const within = `within ${open.call.timeoutMs} ms`;
  const message = isLookup(open)
    ? `the front end did not look up what ${open.call.operation} needs ${within}; it was not sent`
    : `no answer ${within}; its outcome is unknown`;
  return { code: 'TIMEOUT', message, definite };
}

export function onClosed(turn: Turn): void {
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
