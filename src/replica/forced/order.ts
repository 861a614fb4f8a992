/**
 * The primary gives requests their place in the order (PROTOCOL B, normal case 1 to 3). Whatever has to
 * be waited for is waited for before that, so that no request ever blocks the log (I19).
 */

import { LIMITS } from '../../base/limits.js';
import { weightOf } from '../../log/update-log.js';
import type { VectorTimestamp } from '../../timestamp/vector-timestamp.js';
import { fetchMissing } from '../fetch.js';
import { trace, type Turn } from '../turn.js';
import { coveredPast } from '../waiting.js';
import { change, idOf } from './change.js';
import { answerWith, declineAll } from './requests.js';
import type { PendingForced } from './state.js';

export function order(turn: Turn, pending: PendingForced): void {
  const { state } = turn;
  const { forced, latest } = state;
  const { stamp } = pending.body;
  // The log of the view is this log only once its first entry is committed and executed here.
  if (forced.executed < forced.noOpSeq) return;
  if (forced.unexecuted.has(idOf(pending.body))) return;
  if (forced.results.isExpired(stamp)) {
    const outcome = { kind: 'expired' } as const;
    return answerWith(turn, pending, { outcome, timestamp: pending.prev, copies: 0, latest });
  }
  const past = coveredPast(turn, pending);
  if (past === null) return park(turn, pending);
  if (
    stamp.physicalMs > pending.wallMs + LIMITS.stampAheadMs &&
    stamp.physicalMs > latest.physicalMs
  ) {
    const ahead = Math.round((stamp.physicalMs - pending.wallMs) / 1000);
    const message = `the update's stamp is ${ahead} s ahead of ${state.self.name}'s clock; set the client's clock right`;
    return declineAll(turn, pending, 'INVALID', message);
  }
  if (isFull(turn)) forced.blocked.add(pending);
  else append(turn, pending, past);
}

/** Waits until the state covers its past, and fetches what is missing. Nothing was logged. */
function park(turn: Turn, pending: PendingForced): void {
  const { forced, self, value, received } = turn.state;
  const missing = pending.prev.firstMissingFrom(value);
  if (missing === null) return;
  if (forced.parked.size >= LIMITS.parkedForced) {
    const message = `${self.name} has ${LIMITS.parkedForced} forced updates waiting for what they depend on; try again later`;
    return declineAll(turn, pending, 'OVERLOADED', message);
  }
  forced.parked.park(pending, missing[0], missing[1]);
  fetchMissing(turn, pending.prev.missingFrom(received), pending.deadlineMs);
}

function append(turn: Turn, pending: PendingForced, prev: VectorTimestamp): void {
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
  uncommitted.push({ seq, bytes: weightOf(body) });
  const place = { seq, born: view, committed: commit, prev };
  change(turn, { entries: [{ kind: 'update', ...place, body, answered }] });
}

/** The part of the log that is not committed must fit into one message: the state of a next primary. */
function isFull({ state }: Turn): boolean {
  const { log, uncommitted } = state.forced;
  while ((uncommitted[0]?.seq ?? Number.POSITIVE_INFINITY) <= log.commit) uncommitted.shift();
  if (uncommitted.length >= LIMITS.uncommittedEntries) return true;
  return uncommitted.reduce((sum, { bytes }) => sum + bytes, 0) >= LIMITS.uncommittedBytes;
}
