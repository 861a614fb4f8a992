/**
 * An update goes to two replicas at once and is answered when w members hold it durably (DESIGN
 * section 2). One that does not answer is replaced by another; when only one is left, the answer says
 * `copies: 1`, unless the client asked for two.
 *
 * Copies are acknowledgements of distinct members of the present epoch, all with its label (PROTOCOL C).
 * A member that acknowledged under another label holds the update all the same: it is asked again until
 * its label is the present one, and while its word is missing the update's outcome is unknown.
 */

import { laterStamp } from '../timestamp/stamp.js';
import type { Acknowledged, ClientUpdate, Declined } from '../wire/messages.js';
import type { Name } from '../base/ids.js';
import { ASK_AGAIN_MS, awaited, candidates, forgiveDeclined, isSilent } from './routing.js';
import { sendUpdate } from './send-update.js';
import {
  copiesWanted,
  isMember,
  isOfEpoch,
  type LinkId,
  type PendingUpdate,
  type Replica,
} from './state.js';
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

/** A member whose label was another one is asked again after this long, at first … */
const RECOUNT_MS = 50;

/** … and hoped for until now: taking up a configuration takes as long as a write or two. */
const RECOUNT_PATIENCE_MS = 2000;

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
    recountAtMs: 0,
    recountUntilMs: turn.nowMs + RECOUNT_PATIENCE_MS,
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
  const copies = copiesOf(turn, pending).length;
  if (copies >= wanted) return succeed(turn, pending);
  const hopedFor = nowMs < pending.recountUntilMs ? uncounted(turn, pending).length : 0;
  const expected = copies + hopedFor + awaited(state, pending, nowMs);
  if (expected < wanted) askMore(turn, pending, wanted - expected);
  if (hopedFor + awaited(state, pending, nowMs) > 0) return;
  // Nobody is left to be asked.
  if (holders(turn, pending).length >= Math.max(1, pending.request.minCopies))
    succeed(turn, pending);
  else if (pending.acknowledged.size === 0) refuseIfAllDid(turn, pending);
}

/** Acknowledgements that count, with the names of who gave them. */
function copiesOf(
  { state }: Turn,
  { acknowledged }: PendingUpdate,
): (readonly [Name, Acknowledged])[] {
  return [...acknowledged].filter(([name, message]) => {
    const replica = state.replicas.get(name);
    return replica !== undefined && isOfEpoch(state, replica, message);
  });
}

/**
 * Who holds the update durably, for an answer with fewer copies than wanted: where nobody's word counts,
 * that of one does. It is durable there, though its start is not claimed, or its label another one.
 */
function holders(turn: Turn, pending: PendingUpdate): (readonly [Name, Acknowledged])[] {
  const copies = copiesOf(turn, pending);
  return copies.length > 0 ? copies : [...pending.acknowledged].slice(0, 1);
}

/** Members that acknowledged under another label and can be asked again now. */
function uncounted(
  { state, nowMs }: Turn,
  { acknowledged, outstanding }: PendingUpdate,
): Replica[] {
  const found: Replica[] = [];
  for (const [name, message] of acknowledged) {
    const replica = state.replicas.get(name);
    if (replica === undefined || replica.link === null || outstanding.has(name)) continue;
    if (!isMember(state, replica) || isOfEpoch(state, replica, message)) continue;
    if (replica.status.value !== 'OFFLINE' && !isSilent(replica, nowMs)) found.push(replica);
  }
  return found;
}

/** The epoch is another one: what was acknowledged before counts when it is said again. */
export function recount(turn: Turn, pending: PendingUpdate): void {
  pending.recountAtMs = turn.nowMs + RECOUNT_MS;
  pending.recountUntilMs = turn.nowMs + RECOUNT_PATIENCE_MS;
  advanceUpdate(turn, pending);
}

/** Time goes by: more replicas are asked, and again those whose word did not count. */
export function tickUpdate(turn: Turn, pending: PendingUpdate): void {
  const { state, nowMs } = turn;
  if (nowMs >= pending.deadlineMs) return expire(turn, pending);
  forgiveDeclined(pending, nowMs);
  if (nowMs >= pending.recountAtMs) {
    const isHoped = nowMs < pending.recountUntilMs;
    pending.recountAtMs = nowMs + (isHoped ? RECOUNT_MS : ASK_AGAIN_MS);
    sendUpdate(turn, pending, uncounted(turn, pending), 'its label was of another epoch');
  }
  if (nowMs >= pending.hedgeAtMs) {
    pending.hedgeAtMs = nowMs + state.hedgeAfterMs;
    askMore(turn, pending, 1);
  }
  advanceUpdate(turn, pending);
}

/** Asks `count` more replicas, as far as there are any. */
function askMore(turn: Turn, pending: PendingUpdate, count: number): void {
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
  const copies = holders(turn, pending);
  // One form of a session's past names the records of one replica of its pair, the other form those of
  // the other: so each is whole where that replica is, whichever of the two is gone (A7).
  const [first, ...others] = copies
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, message]) => message);
  if (first === undefined) return;
  retire(turn, pending);
  const { timestamp } = first;
  const alternative = others.find((other) => !other.timestamp.equals(timestamp))?.timestamp;
  trace(turn, () => ({
    event: `update ${pending.request.operation} done`,
    id: `${pending.request.session}:${pending.request.n}`,
    from: copies.map(([name]) => name).join(' '),
    before: pending.request.prev,
    after: timestamp,
  }));
  turn.effects.push({
    kind: 'reply',
    client: pending.client,
    message: {
      kind: 'updated',
      requestId: pending.clientRequestId,
      copies: copies.length,
      timestamp,
      ...(alternative === undefined ? {} : { alternative }),
      latest: others.reduce((latest, other) => laterStamp(latest, other.latest), first.latest),
      result: null,
    },
  });
}

/** The time is up: one durable copy is an answer, none is an error that says what is known. */
function expire(turn: Turn, pending: PendingUpdate): void {
  const { minCopies } = pending.request;
  const copies = holders(turn, pending).length;
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
