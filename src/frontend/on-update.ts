/**
 * An update goes to two replicas at once and is answered when w members hold it durably (DESIGN
 * section 2). One that does not answer is replaced by another; when only one is left, the answer says
 * `copies: 1`, unless the client asked for two.
 */

import { laterStamp } from '../timestamp/stamp.js';
import type { Acknowledged, ClientUpdate, Declined } from '../wire/messages.js';
import { awaited, candidates } from './routing.js';
import { sendUpdate } from './send-update.js';
import { type LinkId, type PendingUpdate, type Replica, copiesWanted } from './state.js';
import {
  begin,
  type Turn,
  describeReach,
  fail,
  nextRequestId,
  noteAnswer,
  noteDeclined,
  refuseIfAllDid,
  retire,
  trace,
} from './turn.js';

export function startUpdate(
  turn: Turn,
  client: LinkId,
  request: ClientUpdate,
  startedAtMs: number,
): void {
  const pending: PendingUpdate = {
    kind: 'update',
    ...begin(turn, client, request, startedAtMs),
    request,
    acknowledged: new Map(),
    wasSent: false,
    unknown: false,
    doubtful: false,
  };
  nextRequestId(turn, pending);
  advanceUpdate(turn, pending);
}

/** Answers the client if enough is known; else sees to it that enough replicas are asked. */
export function advanceUpdate(turn: Turn, pending: PendingUpdate): void {
  const { state, nowMs } = turn;
  const wanted = copiesWanted(state);
  const copies = pending.acknowledged.size;
  if (copies >= wanted) return succeed(turn, pending);
  const expected = copies + awaited(state, pending, nowMs);
  if (expected < wanted) askMore(turn, pending, wanted - expected);
  if (awaited(state, pending, nowMs) > 0) return;
  // Nobody is left to be asked.
  if (copies >= Math.max(1, pending.request.minCopies)) succeed(turn, pending);
  else if (copies === 0) refuseIfAllDid(turn, pending);
}

/** Asks `count` more replicas, as far as there are any. */
export function askMore(turn: Turn, pending: PendingUpdate, count: number): void {
  const { state, nowMs } = turn;
  const { session } = pending.request;
  sendUpdate(turn, pending, candidates(state, pending, session, nowMs).slice(0, count));
}

export function onAcknowledged(
  turn: Turn,
  pending: PendingUpdate,
  replica: Replica,
  message: Acknowledged,
): void {
  noteAnswer(turn, pending, replica.name);
  pending.acknowledged.set(replica.name, message);
  advanceUpdate(turn, pending);
}

export function onUpdateDeclined(
  turn: Turn,
  pending: PendingUpdate,
  replica: Replica,
  message: Declined,
): void {
  noteDeclined(pending, replica.name, message);
  advanceUpdate(turn, pending);
}

function succeed(turn: Turn, pending: PendingUpdate): void {
  // One form of a session's past names the records of one replica of its pair, the other form those of
  // the other: so each is whole where that replica is, whichever of the two is gone (A7).
  const [first, ...others] = [...pending.acknowledged]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, message]) => message);
  if (first === undefined) return;
  retire(turn, pending);
  const { timestamp } = first;
  const alternative = others.find((other) => !other.timestamp.equals(timestamp))?.timestamp;
  trace(turn, () => ({
    event: `update ${pending.request.operation} done`,
    id: `${pending.request.session}:${pending.request.n}`,
    from: [...pending.acknowledged.keys()].join(' '),
    before: pending.request.prev,
    after: timestamp,
  }));
  turn.effects.push({
    kind: 'reply',
    client: pending.client,
    message: {
      kind: 'updated',
      requestId: pending.clientRequestId,
      copies: pending.acknowledged.size,
      timestamp,
      ...(alternative === undefined ? {} : { alternative }),
      latest: others.reduce((latest, other) => laterStamp(latest, other.latest), first.latest),
      result: null,
    },
  });
}

/** The time is up: one durable copy is an answer, none is an error that says what is known. */
export function expireUpdate(turn: Turn, pending: PendingUpdate): void {
  const { minCopies } = pending.request;
  const copies = pending.acknowledged.size;
  if (copies >= Math.max(1, minCopies)) return succeed(turn, pending);
  const reach = describeReach(turn);
  if (copies > 0) {
    const message = `durable at ${copies} replica, ${minCopies} were asked for; ${reach}`;
    return fail(turn, pending, 'UNAVAILABLE', message);
  }
  const told = [...pending.declined.values()].find(({ code }) => code !== 'UNAVAILABLE');
  if (told !== undefined) return fail(turn, pending, told.code, told.message, false);
  // Where it was sent, it was declined, or what became of it is not known.
  const neverSent = !pending.wasSent && !pending.unknown && pending.request.attempt === 1;
  fail(turn, pending, 'UNAVAILABLE', `no replica took the update in time; ${reach}`, neverSent);
}
