/**
 * Taking an update (PROTOCOL A2): known ids are answered, what is missing is fetched, then the record
 * is made and appended. It is acknowledged when it is durable and executed, in `on-durable.ts`.
 */

import type { ErrorCode } from '../base/errors.js';
import type { HeldUpdate } from '../log/update-log.js';
import { type LogRecord, type UpdateBody, timestampOf } from '../log/record.js';
import type { Update } from '../wire/messages.js';
import type { LinkId } from './events.js';
import { sentBefore, stampAhead } from './refusals.js';
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

export function onUpdate(turn: Turn, update: UpdateRequest): void {
  const { state } = turn;
  const { link, request, body } = update;
  if (state.status.value === 'OFFLINE') {
    return decline(turn, update, 'UNAVAILABLE', `${state.self.name} is OFFLINE`);
  }
  const known = state.log.withNumber(body.session, body.n);
  const same = known.find((held) => held.body.digest === body.digest);
  if (same !== undefined) return answerKnown(turn, update, same);
  if (known.length > 0) {
    return decline(turn, update, 'INVALID', sentBefore(body));
  }
  const prev = coveredPast(turn, request);
  if (prev === null) return waitFor(turn, { kind: 'update', ...update });
  const ahead = stampAhead(turn, body, update.wallMs);
  if (ahead !== null) return decline(turn, update, 'INVALID', ahead);
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
    from: state.frontends.get(link) ?? '?',
    before: record.prev,
    after: timestampOf(record),
  }));
  acknowledgeWhenDurable(turn, position, link, request.requestId);
}

/** A retry, or a second copy: it counts as a copy as soon as one of its records is durable here. */
function answerKnown(turn: Turn, update: UpdateRequest, held: HeldUpdate): void {
  const { state } = turn;
  // The first record of an update is durable before any other one is.
  const position = held.positions[0] as number;
  if (position < state.durableLength) {
    acknowledge(turn, position, update.link, update.request.requestId);
  } else acknowledgeWhenDurable(turn, position, update.link, update.request.requestId);
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
