/**
 * A forced update goes to the primary and to one more replica, which passes it on and answers as well
 * (PROTOCOL B, "Who answers"): the first answer wins, for there is only one. Until then more replicas
 * are asked, and each new primary.
 */

import { isLater } from '../timestamp/ballot.js';
import type { ForcedAnswered } from '../wire/forced-messages.js';
import type { ClientUpdate, Declined } from '../wire/messages.js';
import { ASK_AGAIN_MS, awaited, candidates, forgiveDeclined, isSilent } from './routing.js';
import { sendUpdate } from './send-update.js';
import {
  type FrontendState,
  isMember,
  type LinkId,
  majorityWords,
  type PendingForced,
  type Replica,
} from './state.js';
import {
  begin,
  describeReach,
  fail,
  nextRequestId,
  noteDeclined,
  refuseIfAllDid,
  retire,
  trace,
  type Turn,
} from './turn.js';

const ASKED_AT_ONCE = 2;

export function startForced(
  turn: Turn,
  client: LinkId,
  request: ClientUpdate,
  startedAtMs: number,
): void {
  const pending: PendingForced = {
    kind: 'forced',
    ...begin(turn, client, request, startedAtMs),
    request,
    wasSent: false,
    unknown: false,
    doubtful: false,
  };
  nextRequestId(turn, pending);
  advanceForced(turn, pending);
}

/** Sees to it that the primary is asked, and one more. */
export function advanceForced(turn: Turn, pending: PendingForced): void {
  const { state, nowMs } = turn;
  const primary = primaryOf(state, nowMs);
  const isAsked = primary === null || pending.tried.has(primary.name);
  const missing = ASKED_AT_ONCE - awaited(state, pending, nowMs);
  if (missing > 0) askMore(turn, pending, missing);
  else if (!isAsked) askMore(turn, pending, 1);
  if (awaited(state, pending, nowMs) === 0) refuseIfAllDid(turn, pending);
}

/** Asks `count` more replicas, the primary first, as far as there are any. */
function askMore(turn: Turn, pending: PendingForced, count: number): void {
  const { state, nowMs } = turn;
  const primary = primaryOf(state, nowMs);
  const asked = candidates(state, pending, pending.request.session, nowMs)
    .sort((one, other) => Number(other === primary) - Number(one === primary))
    .slice(0, count);
  const hint = primary === null ? 'no primary known' : `primary ${primary.name}`;
  sendUpdate(turn, pending, asked, `forced, ${hint}`);
}

/** The primary of the latest view that a replica says it hears, if it can be asked. */
export function primaryOf(state: FrontendState, nowMs: number): Replica | null {
  let latest: Replica['primary'] = null;
  for (const { link, primary, lastHeardMs } of state.replicas.values()) {
    if (link === null || primary === null || nowMs - lastHeardMs > HINT_MS) continue;
    if (latest === null || isLater(primary.view, latest.view)) latest = primary;
  }
  const replica = latest === null ? undefined : state.replicas.get(latest.name);
  if (replica === undefined || replica.link === null || isSilent(replica, nowMs)) return null;
  if (!isMember(state, replica)) return null;
  return replica.status.value === 'OFFLINE' ? null : replica;
}

/** What a replica said of the primary is believed for so long. */
const HINT_MS = 2000;

export function onForcedAnswered(
  turn: Turn,
  pending: PendingForced,
  replica: Replica,
  message: ForcedAnswered,
): void {
  const { request, client, clientRequestId: requestId } = pending;
  const { outcome, timestamp, latest, copies } = message;
  if (outcome.kind === 'expired') {
    return fail(
      turn,
      pending,
      'EXPIRED',
      'the update is too old to know whether it was executed; look, and send a new one',
    );
  }
  if (outcome.kind === 'refused') {
    return fail(turn, pending, 'REFUSED', outcome.message, true, timestamp);
  }
  retire(turn, pending);
  trace(turn, () => ({
    event: `update ${request.operation} done`,
    id: `${request.session}:${request.n}`,
    from: replica.name,
    before: request.prev,
    after: timestamp,
  }));
  const result = outcome.kind === 'value' ? outcome.value : null;
  const repeated = outcome.kind === 'repeated' ? { repeated: true } : {};
  turn.effects.push({
    kind: 'reply',
    client,
    message: { kind: 'updated', requestId, copies, timestamp, latest, result, ...repeated },
  });
}

export function onForcedDeclined(
  turn: Turn,
  pending: PendingForced,
  replica: Replica,
  message: Declined,
): void {
  noteDeclined(pending, replica.name, message);
  advanceForced(turn, pending);
}

/** Time goes by: more replicas are asked. */
export function tickForced(turn: Turn, pending: PendingForced): void {
  const { state, nowMs } = turn;
  if (nowMs >= pending.deadlineMs) return expire(turn, pending);
  forgiveDeclined(pending, nowMs);
  if (nowMs >= pending.hedgeAtMs) {
    pending.hedgeAtMs = nowMs + Math.max(state.hedgeAfterMs, ASK_AGAIN_MS);
    askMore(turn, pending, 1);
  }
  advanceForced(turn, pending);
}

function expire(turn: Turn, pending: PendingForced): void {
  const { state } = turn;
  const told = [...pending.declined.values()].find(({ code }) => code !== 'UNAVAILABLE');
  if (told !== undefined) return fail(turn, pending, told.code, told.message, false);
  const message =
    `a forced operation needs ${majorityWords(state)} that reach each other; ` +
    describeReach(turn);
  const neverSent = !pending.wasSent && !pending.unknown && pending.request.attempt === 1;
  fail(turn, pending, 'UNAVAILABLE', message, neverSent);
}
