/**
 * Forced updates that were asked for here and have no answer yet: answering whoever asked, and letting
 * them go. An answer is always the one result of the id.
 */

import type { ErrorCode } from '../../base/errors.js';
import { orderedIn } from '../../log/forced-log.js';
import { majorityIn } from '../../log/membership.js';
import { type UpdateBody, type UpdateId, keyOf } from '../../log/record.js';
import type { ForcedAnswer } from '../../log/results-table.js';
import type { ForcedAnswered } from '../../wire/forced-messages.js';
import type { LinkId } from '../events.js';
import { sentBefore } from '../refusals.js';
import { send, trace, type Turn } from '../turn.js';
import { idOf } from './change.js';
import { unpark } from './ready.js';
import type { Asker, PendingForced } from './state.js';

/** An update was executed: whoever asked for it here is answered at this moment, not at a later look. */
export function answerPending(turn: Turn, id: UpdateId, executed: ForcedAnswer): void {
  const pending = turn.state.forced.pending.get(keyOf(id));
  if (pending === undefined) return;
  if (isAnotherBody(turn, pending)) refuseOtherBody(turn, pending);
  else answer(turn, pending, executed);
}

/** The digest of the update with this number, executed or in the log; null = freed, or not known. */
function knownDigest({ state }: Turn, id: UpdateId): string | null {
  const { results, unexecuted } = state.forced;
  return results.find(id)?.digest ?? unexecuted.get(idOf(id))?.body.digest ?? null;
}

/** Another body under the same number was executed or is in the log (PROTOCOL A6). */
export function isAnotherBody(turn: Turn, { body }: PendingForced): boolean {
  const known = knownDigest(turn, body);
  return known !== null && known !== body.digest;
}

export const refuseOtherBody = (turn: Turn, pending: PendingForced): void =>
  declineAll(turn, pending, 'INVALID', sentBefore(pending.body));

export function answer(
  turn: Turn,
  pending: PendingForced,
  { outcome, timestamp }: ForcedAnswer,
): void {
  const { latest } = turn.state;
  const copies = copiesOf(turn, orderedIn(timestamp));
  answerWith(turn, pending, { outcome, timestamp, copies, latest });
}

/** Answers everybody who asked, and forgets the request. */
export function answerWith(
  turn: Turn,
  pending: PendingForced,
  answered: Omit<ForcedAnswered, 'kind' | 'requestId'>,
): void {
  const { outcome, ...place } = answered;
  const { session, n, digest } = pending.body;
  forget(turn, pending);
  for (const { link, requestId, from } of pending.askers) {
    trace(turn, () => ({
      event: `answered ${pending.body.operation}`,
      id: `${session}:${n}`,
      to: from,
      after: answered.timestamp,
    }));
    if (requestId !== null) send(turn, link, { kind: 'forced-answered', requestId, ...answered });
    else {
      send(turn, link, {
        kind: 'forwarded',
        session,
        n,
        digest,
        outcome: { of: outcome, ...place },
      });
    }
  }
}

/** Members known to hold an entry durably: what is executed is committed, so a majority does. */
function copiesOf({ state }: Turn, seq: number): number {
  const { forced, membership } = state;
  const majority = majorityIn(membership.configuration);
  if (forced.role !== 'primary' || seq === 0) return majority;
  let holders = 1;
  for (const { match } of forced.peers.values()) if (match >= seq) holders++;
  return Math.max(majority, holders);
}

/** Ends a request without an answer: nothing was logged here on its behalf, or it is not known what came of it. */
export function declineAll(
  turn: Turn,
  pending: PendingForced,
  code: ErrorCode,
  message: string,
): void {
  forget(turn, pending);
  for (const asker of pending.askers) decline(turn, asker, pending.body, code, message);
}

export function decline(
  turn: Turn,
  { link, requestId }: Asker,
  { session, n, digest }: UpdateBody,
  code: ErrorCode,
  message: string,
): void {
  if (requestId !== null) send(turn, link, { kind: 'declined', requestId, code, message });
  else send(turn, link, { kind: 'forwarded', session, n, digest, outcome: { code, message } });
}

function forget({ state }: Pick<Turn, 'state'>, pending: PendingForced): void {
  const { forced } = state;
  forced.pending.delete(pending.key);
  forced.ready.delete(pending);
  unpark({ state }, pending);
  forced.blocked.delete(pending);
}

/** A connection is gone: nobody is left to be answered there; a retry comes with a new connection. */
export function dropAskersOf({ state }: Turn, gone: LinkId): void {
  for (const pending of [...state.forced.pending.values()]) {
    const { askers } = pending;
    for (let at = askers.length - 1; at >= 0; at--) {
      if (askers[at]?.link === gone) askers.splice(at, 1);
    }
    if (askers.length === 0) forget({ state }, pending);
  }
}
