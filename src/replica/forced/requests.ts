/**
 * Forced updates on their way to an answer (PROTOCOL B, "Who answers"): a primary orders them, any
 * other replica forwards them to it; whoever executed the update answers. An answer is always the one
 * result of the id: a refusal too is a result at its place in the order.
 */

import { LIMITS } from '../../base/limits.js';
import { type UpdateBody, keyOf } from '../../log/record.js';
import type { Forward, Forwarded } from '../../wire/forced-messages.js';
import type { Update } from '../../wire/messages.js';
import type { LinkId } from '../events.js';
import { refusalOf } from '../load.js';
import type { Peer } from '../state.js';
import { type Turn, wakeBy } from '../turn.js';
import { lacking, onGrid } from '../waiting.js';
import { forward } from './forward.js';
import { order } from './order.js';
import {
  answer,
  answerWith,
  decline,
  declineAll,
  isAnotherBody,
  refuseOtherBody,
} from './pending.js';
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
  const { link, request, body, deadlineMs } = forcedRequest;
  const isForwarded = request.kind === 'forward';
  const from = state.frontends.get(link)?.name ?? state.peerByLink.get(link)?.name ?? '?';
  const asker: Asker = { link, requestId: isForwarded ? null : request.requestId, from };
  const refusal = isForwarded ? null : refusalOf(state, 'update');
  if (refusal !== null) return decline(turn, asker, body, refusal.code, refusal.message);
  const { pending, ready } = state.forced;
  const key = keyOf(body);
  const earlier = pending.get(key);
  if (earlier !== undefined) {
    earlier.deadlineMs = Math.max(earlier.deadlineMs, deadlineMs);
    earlier.answered = Math.max(earlier.answered, request.answered);
    earlier.wallMs = Math.max(earlier.wallMs, latestWallMs(forcedRequest));
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
    arrivedAtMs: turn.nowMs,
    wallMs: latestWallMs(forcedRequest),
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

const latestWallMs = ({ request, wallMs }: ForcedRequest): number =>
  request.kind === 'forward' ? Math.max(request.wallMs, wallMs) : wallMs;

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

/** What is missing is named; where it is only a primary that is missing, others may know one. */
function expire(turn: Turn, pending: PendingForced): void {
  const { state } = turn;
  if (pending.tickets.length > 0) {
    return declineAll(turn, pending, 'TIMEOUT', lacking(turn, pending.prev));
  }
  const message = `${state.self.name} heard of no result in time`;
  declineAll(turn, pending, 'UNAVAILABLE', message);
}
