/**
 * Forced updates on their way to an answer (PROTOCOL B, "Who answers"): a primary orders them, any
 * other replica forwards them to it; whoever executed the update answers. An answer is always the one
 * result of the id: a refusal too is a result at its place in the order.
 */

import type { ErrorCode } from '../../base/errors.js';
import { LIMITS } from '../../base/limits.js';
import { FORCED_ORIGIN } from '../../log/forced-log.js';
import { type UpdateBody, type UpdateId, keyOf } from '../../log/record.js';
import type { ForcedAnswer } from '../../log/results-table.js';
import type { Forward, Forwarded, ForcedAnswered } from '../../wire/forced-messages.js';
import type { Update } from '../../wire/messages.js';
import type { LinkId } from '../events.js';
import { sentBefore } from '../refusals.js';
import type { Peer } from '../state.js';
import { send, trace, type Turn, wakeBy } from '../turn.js';
import { lacking, onGrid } from '../waiting.js';
import { forward } from './forward.js';
import { order } from './order.js';
import { majorityOf } from './quorum.js';
import { idOf } from './change.js';
import type { Asker, PendingForced } from './state.js';

export interface ForcedRequest {
  readonly link: LinkId;
  readonly request: Update | Forward;
  readonly body: UpdateBody;
  readonly wallMs: number;
  readonly deadlineMs: number;
}

/** A front end, or a replica that is not the primary, wants an update executed in the one order. */
export function onForcedRequest(turn: Turn, forcedRequest: ForcedRequest): void {
  const { state } = turn;
  const { link, request, body, wallMs, deadlineMs } = forcedRequest;
  const isForwarded = request.kind === 'forward';
  const from = state.frontends.get(link) ?? state.peerByLink.get(link)?.name ?? '?';
  const asker: Asker = { link, requestId: isForwarded ? null : request.requestId, from };
  if (!isForwarded && state.status.value === 'OFFLINE') {
    return decline(turn, asker, body, 'UNAVAILABLE', `${state.self.name} is OFFLINE`);
  }
  const { pending, ready } = state.forced;
  const key = keyOf(body);
  const earlier = pending.get(key);
  if (earlier !== undefined) {
    earlier.deadlineMs = Math.max(earlier.deadlineMs, deadlineMs);
    earlier.answered = Math.max(earlier.answered, request.answered);
    earlier.hops = Math.min(earlier.hops, isForwarded ? request.hops : 0);
    addAsker(earlier, asker);
    ready.add(earlier);
    return;
  }
  if (pending.size >= LIMITS.pendingForced) {
    const message = `${state.self.name} has ${LIMITS.pendingForced} forced updates under way; try again later`;
    return decline(turn, asker, body, 'OVERLOADED', message);
  }
  const { prev, alternative, answered } = request;
  const fresh: PendingForced = {
    key,
    body,
    prev,
    ...(alternative === undefined ? {} : { alternative }),
    answered,
    wallMs,
    deadlineMs,
    hops: isForwarded ? request.hops : 0,
    askers: [asker],
    forwardedAtMs: Number.NEGATIVE_INFINITY,
    forwardedTo: [],
    tickets: [],
  };
  pending.set(key, fresh);
  ready.add(fresh);
}

/** The digest of the update with this number, executed or in the log; null = freed, or not known. */
function knownDigest({ state }: Turn, id: UpdateId): string | null {
  const { results, unexecuted } = state.forced;
  return results.find(id)?.digest ?? unexecuted.get(idOf(id))?.body.digest ?? null;
}

/** The same request sent again takes the place of the earlier one. */
function addAsker({ askers }: PendingForced, asker: Asker): void {
  const isKnown = askers.some(
    ({ link, requestId }) => link === asker.link && requestId === asker.requestId,
  );
  if (!isKnown) askers.push(asker);
}

/** Looks at requests that may have become answerable, orderable or due to be forwarded. */
export function advancePending(turn: Turn): void {
  const { forced } = turn.state;
  for (const pending of forced.ready) {
    forced.ready.delete(pending);
    if (forced.pending.get(pending.key) === pending) advance(turn, pending);
  }
}

function advance(turn: Turn, pending: PendingForced): void {
  const { forced } = turn.state;
  if (isAnotherBody(turn, pending)) return refuseOtherBody(turn, pending);
  const executed = forced.results.find(pending.body);
  if (executed !== undefined) return answer(turn, pending, executed);
  if (turn.nowMs >= pending.deadlineMs) return expire(turn, pending);
  wakeBy(turn, onGrid(pending.deadlineMs));
  if (forced.role === 'primary') order(turn, pending);
  else forward(turn, pending);
}

/** An update was executed: whoever asked for it here is answered at this moment, not at a later look. */
export function answerPending(turn: Turn, id: UpdateId, executed: ForcedAnswer): void {
  const pending = turn.state.forced.pending.get(keyOf(id));
  if (pending === undefined) return;
  if (isAnotherBody(turn, pending)) refuseOtherBody(turn, pending);
  else answer(turn, pending, executed);
}

/** Another body under the same number was executed or is in the log (PROTOCOL A6). */
function isAnotherBody(turn: Turn, { body }: PendingForced): boolean {
  const known = knownDigest(turn, body);
  return known !== null && known !== body.digest;
}

const refuseOtherBody = (turn: Turn, pending: PendingForced): void =>
  declineAll(turn, pending, 'INVALID', sentBefore(pending.body));

function answer(turn: Turn, pending: PendingForced, { outcome, timestamp }: ForcedAnswer): void {
  const { latest } = turn.state;
  const copies = copiesOf(turn, timestamp.get(FORCED_ORIGIN));
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
  const { forced, self } = state;
  const majority = majorityOf(self.members);
  if (forced.role !== 'primary' || seq === 0) return majority;
  let holders = 1;
  for (const { match } of forced.peers.values()) if (match >= seq) holders++;
  return Math.max(majority, holders);
}

/** What the primary made of a request that was forwarded to it. */
export function onForwarded(turn: Turn, peer: Peer, message: Forwarded): void {
  const { session, n, digest, outcome } = message;
  const id = { session, n, digest };
  const pending = turn.state.forced.pending.get(keyOf(id));
  if (pending === undefined) return;
  if ('of' in outcome) {
    const { of, ...place } = outcome;
    return answerWith(turn, pending, { outcome: of, ...place });
  }
  // One that was asked earlier may be no primary any more; and what others that were asked will do with
  // it is not known.
  if (pending.forwardedTo.at(-1) !== peer.name) return;
  const isOnlyOne = pending.forwardedTo.every((name) => name === peer.name);
  const code = isOnlyOne ? outcome.code : 'UNAVAILABLE';
  declineAll(turn, pending, code, `${peer.name}: ${outcome.message}`);
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

function decline(
  turn: Turn,
  { link, requestId }: Asker,
  { session, n, digest }: UpdateBody,
  code: ErrorCode,
  message: string,
): void {
  if (requestId !== null) send(turn, link, { kind: 'declined', requestId, code, message });
  else send(turn, link, { kind: 'forwarded', session, n, digest, outcome: { code, message } });
}

/** What is missing is named; where it is only a primary that is missing, others may know one. */
function expire(turn: Turn, pending: PendingForced): void {
  const { state } = turn;
  if (pending.tickets.length > 0) {
    return declineAll(turn, pending, 'TIMEOUT', lacking(turn, pending.prev));
  }
  const message = `${state.self.name} heard of no result in time`;
  declineAll(turn, pending, 'UNAVAILABLE', message);
}

function forget({ state }: Pick<Turn, 'state'>, pending: PendingForced): void {
  const { forced } = state;
  forced.pending.delete(pending.key);
  forced.ready.delete(pending);
  unpark({ state }, pending);
  forced.blocked.delete(pending);
}

/** It waits for no entry of a timestamp any more. */
export function unpark({ state }: Pick<Turn, 'state'>, { tickets }: PendingForced): void {
  for (const ticket of tickets.splice(0)) state.forced.parked.remove(ticket);
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

/** Everything that waits is looked at: the view has changed, or some time has passed. */
export function readyAll({ state }: Turn): void {
  for (const pending of state.forced.pending.values()) state.forced.ready.add(pending);
}
