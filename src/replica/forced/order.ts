/**
 * The primary gives requests their place in the order (PROTOCOL B, normal case 1 to 3). Whatever has to
 * be waited for is waited for before that, so that no request ever blocks the log (I19).
 */

import { LIMITS } from '../../base/limits.js';
import { weightOf, weightOfPast } from '../../log/update-log.js';
import type { VectorTimestamp } from '../../timestamp/vector-timestamp.js';
import { fetchMissing } from '../fetch.js';
import { stampAhead } from '../refusals.js';
import { trace, type Turn, wakeBy } from '../turn.js';
import { coveredPast, formsOf } from '../waiting.js';
import { change, idOf } from './change.js';
import { answerWith, declineAll } from './pending.js';
import { unpark } from './ready.js';
import type { PendingForced } from './state.js';
import { SECOND_OPINION_MS } from './timing.js';

export function order(turn: Turn, pending: PendingForced): void {
  const { state } = turn;
  const { forced, latest } = state;
  // The log of the view is this log only once its first entry is committed and executed here.
  if (forced.executed < forced.noOpSeq) return;
  // Another member is to lead: it orders what comes now.
  if (forced.handover !== null) return;
  if (forced.unexecuted.has(idOf(pending.body))) return;
  if (forced.results.isExpired(pending.body.stamp)) {
    const outcome = { kind: 'expired' } as const;
    return answerWith(turn, pending, { outcome, timestamp: pending.prev, copies: 0, latest });
  }
  const past = coveredPast(turn, pending);
  if (past === null) return park(turn, pending);
  const ahead = stampAhead(turn, pending.body, pending.wallMs);
  if (ahead !== null) return refuseStamp(turn, pending, ahead);
  const bytes = weightOf(pending.body) + weightOfPast(past);
  if (isFull(turn, bytes)) forced.blocked.add(pending);
  else append(turn, pending, past, bytes);
}

/**
 * A stamp that is ahead of this clock may be right, and this clock behind: the replica that was asked
 * besides, and forwards it, has a say too. A stamp that is ahead of both would expire all results.
 */
function refuseStamp(turn: Turn, pending: PendingForced, ahead: string): void {
  const dueMs = pending.arrivedAtMs + SECOND_OPINION_MS;
  if (turn.nowMs < dueMs && turn.state.peers.size > 0) return wakeBy(turn, dueMs);
  declineAll(turn, pending, 'INVALID', ahead);
}

/** Waits until the state covers its past, in either form, and fetches what is missing. Nothing was logged. */
function park(turn: Turn, pending: PendingForced): void {
  const { forced, self, value, received } = turn.state;
  unpark(turn, pending);
  if (forced.parkedRequests.size >= LIMITS.parkedForced) {
    const message = `${self.name} has ${LIMITS.parkedForced} forced updates waiting for what they depend on; try again later`;
    return declineAll(turn, pending, 'OVERLOADED', message);
  }
  forced.parkedRequests.add(pending);
  for (const past of new Set(formsOf(turn, pending))) {
    const missing = past.firstMissingFrom(value);
    if (missing === null) continue;
    const ticket = { pending };
    pending.tickets.push(ticket);
    forced.parked.park(ticket, missing[0], missing[1]);
    fetchMissing(turn, past.missingFrom(received), pending.deadlineMs);
  }
}

function append(turn: Turn, pending: PendingForced, prev: VectorTimestamp, bytes: number): void {
  const { log, uncommitted } = turn.state.forced;
  const { body, answered } = pending;
  const seq = log.op + 1;
  const { view, commit } = log;
  trace(turn, () => ({
    event: `ordered ${body.operation}`,
    id: idOf(body),
    before: prev,
    detail: `entry ${seq}, view ${view.n}`,
  }));
  uncommitted.push({ seq, bytes });
  const place = { seq, born: view, committed: commit, prev };
  change(turn, { entries: [{ kind: 'update', ...place, body, answered }] });
}

/** The part of the log that is not committed must fit into one message: the state of a next primary. */
function isFull({ state }: Turn, more: number): boolean {
  const { log, uncommitted } = state.forced;
  while ((uncommitted[0]?.seq ?? Number.POSITIVE_INFINITY) <= log.commit) uncommitted.shift();
  if (uncommitted.length === 0) return false;
  if (uncommitted.length >= LIMITS.uncommittedEntries) return true;
  return uncommitted.reduce((sum, { bytes }) => sum + bytes, more) > LIMITS.uncommittedBytes;
}
