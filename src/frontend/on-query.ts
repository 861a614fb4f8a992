/**
 * A query goes to two replicas at once (DESIGN section 2, PROTOCOL A10). `causal` takes the first answer.
 * `fresh` merges the `replicaTS` of R members of the present epoch as of after the query's arrival with
 * what was acknowledged before that epoch (PROTOCOL C, `cut`), and takes an answer that covers the merge;
 * when none does, it asks again with the merge as `prev`. `auto` is `fresh` while R members answer, else
 * `causal`.
 */

import { ERROR_CODES } from '../base/errors.js';
import type { Name } from '../base/ids.js';
import { LIMITS } from '../base/limits.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type {
  Answer,
  ClientQuery,
  ClientUpdate,
  Collected,
  Declined,
  Query,
} from '../wire/messages.js';
import { startForced } from './on-forced.js';
import { startUpdate } from './on-update.js';
import { awaited, candidates, forgiveDeclined, isSilent } from './routing.js';
import { pastOf, replicaTimeoutMs } from './send-update.js';
import { closedSince, mergeOf, NO_TIP, reflects } from './target.js';
import {
  collectionSize,
  isOfEpoch,
  type LinkId,
  type PendingQuery,
  type Replica,
} from './state.js';
import {
  begin,
  type Turn,
  describeReach,
  fail,
  nextRequestId,
  noteAnswer,
  retire,
  trace,
} from './turn.js';

/** After this long `auto` is content with a causal answer; never more than half of its time. */
const AUTO_PATIENCE_MS = 1000;

/** A collection that found too few counted members begins anew after this long. */
const COLLECT_AGAIN_MS = 300;

/** Two are asked even where one would do: the faster one answers. */
const ASKED_AT_ONCE = 2;

export function startQuery(turn: Turn, client: LinkId, request: ClientQuery): void {
  start(turn, client, request, request.consistency, null, 'causal');
}

/** The precondition of an update, as a query at level `auto` (PROTOCOL A9); the update follows. */
export function startPrecondition(
  turn: Turn,
  client: LinkId,
  update: ClientUpdate,
  ordering: 'causal' | 'forced',
): void {
  start(turn, client, update, 'auto', update, ordering);
}

function start(
  turn: Turn,
  client: LinkId,
  request: ClientQuery | ClientUpdate,
  level: ClientQuery['consistency'],
  update: ClientUpdate | null,
  ordering: 'causal' | 'forced',
): void {
  const { nowMs } = turn;
  const pending: PendingQuery = {
    kind: 'query',
    ...begin(turn, client, request, nowMs),
    startedAtMs: nowMs,
    session: request.session,
    level,
    query: request,
    update,
    ordering,
    answers: new Map(),
    collected: new Map(),
    target: null,
    round: 1,
    roundStartedAtMs: nowMs,
  };
  nextRequestId(turn, pending);
  advanceQuery(turn, pending);
}

/** Answers the client if an answer is good enough; else sees to it that enough replicas are asked. */
export function advanceQuery(turn: Turn, pending: PendingQuery): void {
  const { state, nowMs } = turn;
  if (pending.level === 'causal') {
    const answer = firstOf(pending.answers);
    if (answer !== undefined) return finish(turn, pending, answer, 'causal');
  } else {
    const { target } = pending;
    if (target !== null) {
      for (const found of pending.answers) {
        const [, answer] = found;
        // Whoever was asked for the target has it, though closed origins have left its timestamp.
        if (isOfSecondRound(pending, answer)) learnClosed(turn, answer);
        else if (!reflects(answer, target)) continue;
        return finish(turn, pending, found, 'fresh');
      }
      if (pending.round === 1) return secondRound(turn, pending);
    }
  }
  const missing = stillWanted(turn, pending) - awaited(state, pending, nowMs);
  if (missing > 0) askMore(turn, pending, missing);
  if (awaited(state, pending, nowMs) > 0) return;
  // Nobody is left to be asked: `auto` takes what there is.
  const answer = firstOf(pending.answers);
  if (pending.level === 'auto' && answer !== undefined) finish(turn, pending, answer, 'causal');
}

const isOfSecondRound = ({ round, requestIds }: PendingQuery, { requestId }: Answer): boolean =>
  round === 2 && requestId === requestIds.at(-1);

/** An answer covers the cut, which was part of its `prev`: what it shows less of is closed (PROTOCOL D). */
function learnClosed({ state: { known } }: Turn, { valueTimestamp }: Answer): void {
  if (known !== null && known.cut !== null) known.cut = closedSince(known.cut, valueTimestamp);
}

/** Answers that this round still needs. */
function stillWanted(turn: Turn, pending: PendingQuery): number {
  if (pending.level === 'causal') return pending.answers.size > 0 ? 0 : ASKED_AT_ONCE;
  if (pending.round === 2) return 1;
  const uncollected = collectionSize(turn.state) - pending.collected.size;
  return pending.tried.size === 0 ? Math.max(uncollected, ASKED_AT_ONCE) : uncollected;
}

/** Asks `count` more replicas, as far as there are any. */
export function askMore(turn: Turn, pending: PendingQuery, count: number): void {
  const { state, nowMs } = turn;
  const asked = candidates(state, pending, pending.session, nowMs).slice(0, count);
  if (asked.length === 0) return;
  const message = messageOf(turn, pending);
  for (const replica of asked) {
    if (replica.link === null) continue;
    pending.tried.add(replica.name);
    pending.outstanding.set(replica.name, { link: replica.link, atMs: nowMs });
    turn.effects.push({ kind: 'send', link: replica.link, message });
  }
  trace(turn, () => ({
    event: nameOfRequest(pending),
    id: String(message.requestId),
    to: asked.map(({ name }) => name).join(' '),
    before: message.prev,
    detail: pending.level,
  }));
}

/** What the gossip log calls it: `query average`, `check create`. */
const nameOfRequest = ({ update, query }: PendingQuery): string =>
  `${update === null ? 'query' : 'check'} ${query.operation}`;

function messageOf(turn: Turn, pending: PendingQuery): Query {
  const { query, update } = pending;
  const target = pending.round === 2 ? pending.target : null;
  const merged = (past: VectorTimestamp): VectorTimestamp =>
    target === null ? past : past.merge(target.timestamp);
  return {
    kind: 'query',
    requestId: pending.requestIds.at(-1) as number,
    ...pastOf(
      merged(query.prev),
      query.alternative === undefined ? undefined : merged(query.alternative),
    ),
    collect: pending.level !== 'causal' && pending.round === 1,
    ...(target === null ? {} : { tip: target.tip }),
    precondition: update === null ? null : { session: update.session, n: update.n },
    operation: query.operation,
    args: query.args,
    user: query.user,
    timeoutMs: replicaTimeoutMs(pending.deadlineMs, turn.nowMs),
  };
}

/** No answer covers what was collected: both replicas are asked to wait until theirs does. */
function secondRound(turn: Turn, pending: PendingQuery): void {
  beginRound(turn, pending, 2);
  const { prev, alternative = prev } = messageOf(turn, pending);
  if (Math.max(prev.size, alternative.size) > LIMITS.timestampEntries) {
    const message =
      `what the request depends on and what the replicas hold have more than ` +
      `${LIMITS.timestampEntries} entries together; begin a new session`;
    return fail(turn, pending, 'TOO_LARGE', message, true);
  }
  askMore(turn, pending, ASKED_AT_ONCE);
}

/** What members of another epoch told says nothing of this one: the collection begins anew. */
export function onNewEpoch(turn: Turn, pending: PendingQuery): void {
  if (pending.level === 'causal') advanceQuery(turn, pending);
  else collectAnew(turn, pending);
}

/** The cut is known: a collection that waited for it is complete. */
export function onActivated(turn: Turn, pending: PendingQuery): void {
  setTarget(turn, pending);
  advanceQuery(turn, pending);
}

/** Collects anew: a member whose word was taken has gone away, or too few were counted. */
export function collectAnew(turn: Turn, pending: PendingQuery): void {
  pending.collected.clear();
  pending.target = null;
  beginRound(turn, pending, 1);
  advanceQuery(turn, pending);
}

function beginRound(turn: Turn, pending: PendingQuery, round: 1 | 2): void {
  noteCancelled(turn, pending);
  pending.round = round;
  pending.roundStartedAtMs = turn.nowMs;
  pending.hedgeAtMs = turn.nowMs + turn.state.hedgeAfterMs;
  pending.outstanding.clear();
  pending.tried.clear();
  nextRequestId(turn, pending);
}

export function onAnswer(
  turn: Turn,
  pending: PendingQuery,
  replica: Replica,
  message: Answer,
): void {
  if (message.requestId === pending.requestIds.at(-1)) noteAnswer(turn, pending, replica.name);
  pending.answers.set(replica.name, message);
  collect(turn, pending, replica, message);
  advanceQuery(turn, pending);
}

export function onCollected(
  turn: Turn,
  pending: PendingQuery,
  replica: Replica,
  message: Collected,
): void {
  collect(turn, pending, replica, message);
  advanceQuery(turn, pending);
}

/** Takes a member's word into the collection, if it counts and belongs to the present round. */
function collect(
  turn: Turn,
  pending: PendingQuery,
  replica: Replica,
  message: Answer | Collected,
): void {
  if (pending.level === 'causal' || pending.target !== null || !message.counted) return;
  if (replica.memberId === null || message.requestId !== pending.requestIds.at(-1)) return;
  if (!isOfEpoch(turn.state, replica, message)) return;
  const { replicaTimestamp: timestamp, tip } = message;
  pending.collected.set(replica.memberId, { timestamp, tip });
  setTarget(turn, pending);
}

/** Where R members of an epoch in force have told: what they hold, and what was held before it. */
function setTarget({ state }: Turn, pending: PendingQuery): void {
  const cut = state.known?.cut ?? null;
  if (cut === null || pending.collected.size < collectionSize(state)) return;
  pending.target ??= mergeOf([...pending.collected.values(), { timestamp: cut, tip: NO_TIP }]);
}

export function onQueryDeclined(
  turn: Turn,
  pending: PendingQuery,
  replica: Replica,
  message: Declined,
): void {
  if (message.requestId === pending.requestIds.at(-1)) pending.outstanding.delete(replica.name);
  pending.declined.set(replica.name, message);
  // What one replica cannot take as it stands, no other one can.
  if (!ERROR_CODES[message.code].retriable) {
    return fail(turn, pending, message.code, message.message, true);
  }
  advanceQuery(turn, pending);
}

function finish(
  turn: Turn,
  pending: PendingQuery,
  found: readonly [Name, Answer],
  guarantee: 'causal' | 'fresh',
): void {
  const [from, answer] = found;
  const { outcome } = answer;
  noteCancelled(turn, pending);
  if (outcome.kind === 'refused') {
    return fail(turn, pending, 'REFUSED', outcome.message, true);
  }
  retire(turn, pending);
  trace(turn, () => ({
    event: `${nameOfRequest(pending)} done`,
    id: String(answer.requestId),
    from,
    before: pending.query.prev,
    after: answer.valueTimestamp,
    detail: guarantee,
  }));
  if (pending.update !== null) {
    const begin = pending.ordering === 'causal' ? startUpdate : startForced;
    return begin(turn, pending.client, pending.update, pending.startedAtMs);
  }
  turn.effects.push({
    kind: 'reply',
    client: pending.client,
    message: {
      kind: 'answered',
      requestId: pending.clientRequestId,
      guarantee,
      timestamp: answer.valueTimestamp,
      latest: answer.latest,
      value: outcome.kind === 'value' ? outcome.value : null,
    },
  });
}

/** The slower replicas need not answer any more; told at the next flush, unless they have by then. */
export function noteCancelled(turn: Turn, pending: PendingQuery): void {
  if (pending.outstanding.size === 0) return;
  const requestId = pending.requestIds.at(-1) as number;
  const links = [...pending.outstanding.values()].map(({ link }) => link);
  turn.state.toCancel.set(requestId, new Set(links));
}

/** Time goes by: more replicas are asked, collections begin anew, `auto` lowers its sights. */
export function tickQuery(turn: Turn, pending: PendingQuery): void {
  const { nowMs } = turn;
  if (nowMs >= pending.deadlineMs) return expireQuery(turn, pending);
  const answer = firstOf(pending.answers);
  if (pending.level === 'auto' && answer !== undefined) {
    const patienceMs = Math.min(AUTO_PATIENCE_MS, (pending.deadlineMs - pending.startedAtMs) / 2);
    if (nowMs - pending.startedAtMs >= patienceMs) return finish(turn, pending, answer, 'causal');
  }
  if (nowMs - pending.roundStartedAtMs >= COLLECT_AGAIN_MS && isStuck(turn, pending)) {
    return collectAnew(turn, pending);
  }
  forgiveDeclined(pending, nowMs);
  if (nowMs >= pending.hedgeAtMs) {
    pending.hedgeAtMs = nowMs + turn.state.hedgeAfterMs;
    askMore(turn, pending, 1);
  }
  advanceQuery(turn, pending);
}

/** A collection found too few counted members, or waits for what only a silent member holds. */
function isStuck(turn: Turn, pending: PendingQuery): boolean {
  if (pending.level === 'causal') return false;
  if (pending.target === null) return awaited(turn.state, pending, turn.nowMs) === 0;
  for (const replica of turn.state.replicas.values()) {
    if (replica.memberId !== null && pending.collected.has(replica.memberId)) {
      if (replica.link === null || isSilent(replica, turn.nowMs)) return true;
    }
  }
  return false;
}

function expireQuery(turn: Turn, pending: PendingQuery): void {
  const answer = firstOf(pending.answers);
  if (pending.level === 'auto' && answer !== undefined) {
    return finish(turn, pending, answer, 'causal');
  }
  noteCancelled(turn, pending);
  const told = [...pending.declined.values()].find(
    ({ code }) => code === 'TIMEOUT' || code === 'OVERLOADED',
  );
  if (told !== undefined) return fail(turn, pending, told.code, told.message, true);
  const reach = describeReach(turn);
  const why =
    pending.level === 'fresh' && turn.state.known !== null
      ? `a fresh answer needs ${collectionWords(turn)} that hold all that was told; `
      : 'no replica answered in time; ';
  fail(turn, pending, 'UNAVAILABLE', why + reach, true);
}

function collectionWords({ state }: Turn): string {
  const { configuration, cut } = state.known ?? { configuration: null, cut: null };
  const epoch = `epoch ${configuration?.epoch ?? 0}${cut === null ? ', which is not in force yet,' : ''}`;
  return `${collectionSize(state)} members of ${epoch}`;
}

/** The answer that came first, with the name of who gave it. */
function firstOf(answers: ReadonlyMap<Name, Answer>): readonly [Name, Answer] | undefined {
  return answers.entries().next().value;
}
