/**
 * Taking an update (PROTOCOL A2): known ids are answered, what is missing is fetched, then the record
 * is made and appended. It is acknowledged when it is durable and executed, in `on-durable.ts`.
 */

import type { ErrorCode } from '../base/errors.js';
import type { HeldUpdate } from '../log/update-log.js';
import { type LogRecord, type UpdateBody, timestampOf } from '../log/record.js';
import type { Update } from '../wire/messages.js';
import type { LinkId } from './events.js';
import { refusalOf } from './load.js';
import { isMember, toldEpoch } from './membership/label.js';
import { tooLong } from './collect.js';
import { sentBefore, stampAhead, stampTooOld } from './refusals.js';
import { appendOwn } from './store.js';
import { type Turn, send, trace } from './turn.js';
import { coveredPast, waitFor } from './waiting.js';

export interface UpdateRequest {
  readonly link: LinkId;
  readonly request: Update;
  readonly body: UpdateBody;
  readonly wallMs: number;
  readonly deadlineMs: number;
}

/** An update as it arrives. One that was taken before and waited goes on whatever the status is by now. */
export function onUpdateArrival(turn: Turn, update: UpdateRequest): void {
  const refusal = refusalOf(turn.state, 'update');
  if (refusal !== null) return decline(turn, update, refusal.code, refusal.message);
  onUpdate(turn, update);
}

export function onUpdate(turn: Turn, update: UpdateRequest): void {
  const { state } = turn;
  const { link, request, body } = update;
  const known = state.log.withNumber(body.session, body.n);
  const same = known.find((held) => held.body.digest === body.digest);
  if (same !== undefined) return answerKnown(turn, update, same);
  if (known.length > 0) {
    return decline(turn, update, 'INVALID', sentBefore(body));
  }
  if (state.executed.has(body.session, body.n)) return answerExecuted(turn, update);
  if (!isMember(state)) {
    const message = `${state.self.name} is a member no more: it makes no records`;
    return decline(turn, update, 'UNAVAILABLE', message);
  }
  const prev = coveredPast(turn, request);
  if (prev === null) return waitFor(turn, { kind: 'update', ...update });
  const ahead = stampAhead(turn, body, update.wallMs);
  if (ahead !== null) return decline(turn, update, 'INVALID', ahead);
  const old = stampTooOld(turn, body);
  if (old !== null) return decline(turn, update, 'EXPIRED', old);
  const full = tooLong(state);
  if (full !== null) return decline(turn, update, 'OVERLOADED', full);
  const record: LogRecord = {
    origin: state.self.origin,
    seq: state.received.get(state.self.origin) + 1,
    prev,
    body,
  };
  const position = appendOwn(turn, record);
  if (request.holders.length > 1 && state.tuning.gossip === 'on') {
    state.holders.set(position, request.holders);
  }
  trace(turn, () => ({
    event: `accepted ${body.operation}`,
    id: `${body.session}:${body.n}`,
    from: state.frontends.get(link)?.name ?? '?',
    before: record.prev,
    after: timestampOf(record),
  }));
  acknowledgeWhenDurable(turn, position, link, request.requestId);
}

/** A retry, or a second copy: it counts as a copy as soon as one of its records is durable here. */
function answerKnown(turn: Turn, update: UpdateRequest, held: HeldUpdate): void {
  const { state } = turn;
  // The first record of an update is durable before any other one is.
  const [position] = held.positions;
  if (position === undefined) answerExecuted(turn, update);
  else if (position < state.durableLength) {
    acknowledge(turn, position, update.link, update.request.requestId);
  } else acknowledgeWhenDurable(turn, position, update.link, update.request.requestId);
}

/**
 * Its records were collected: all members have them. Which of them came first nobody knows any more, but
 * what this replica holds is later than any.
 */
function answerExecuted(turn: Turn, { link, request }: UpdateRequest): void {
  const { state } = turn;
  const { requestId } = request;
  const timestamp = state.durable.value();
  const epoch = toldEpoch(state);
  send(turn, link, { kind: 'acknowledged', requestId, timestamp, latest: state.latest, epoch });
}

function acknowledgeWhenDurable(
  turn: Turn,
  position: number,
  link: LinkId,
  requestId: number,
): void {
  const { unacknowledged } = turn.state;
  const asker = { link, requestId };
  const askers = unacknowledged.get(position);
  if (askers === undefined) unacknowledged.set(position, [asker]);
  else askers.push(asker);
}

/** Tells a front end that the update of the record at `position` is durable and executed here. */
export function acknowledge(turn: Turn, position: number, link: LinkId, requestId: number): void {
  const { state } = turn;
  send(turn, link, {
    kind: 'acknowledged',
    requestId,
    timestamp: timestampOf(state.log.at(position)),
    latest: state.latest,
    epoch: toldEpoch(state),
  });
}

function decline(turn: Turn, update: UpdateRequest, code: ErrorCode, message: string): void {
  send(turn, update.link, {
    kind: 'declined',
    requestId: update.request.requestId,
    code,
    message,
  });
}
