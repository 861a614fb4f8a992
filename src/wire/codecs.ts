/**
 * Each kind of message on the wire: its number, then its fields in this order. Numbers are never used
 * for anything else again. docs/protocol.md lists the same.
 */

import { z } from 'zod';
import { LIMITS } from '../base/limits.js';
import type { MissingRange } from '../timestamp/vector-timestamp.js';
import type { Codec } from './codec-form.js';
import { entry } from './entries.js';
import {
  anything,
  ballot,
  type Field,
  fields,
  flag,
  grown,
  list,
  map,
  name,
  nullable,
  oneOf,
  optional,
  session,
  stamp,
  text,
  timestamp,
  whole,
} from './fields.js';
import { code, FORCED_CODECS, forcedOutcome, standing, tip } from './forced-codecs.js';
import { hello } from './hello.js';
import type { MessageKind, Outcome, TraceEvent } from './messages.js';
import { message, outcomeField } from './outcome.js';
import { MEMBERSHIP_CODECS } from './membership-codecs.js';
import { originField } from './origin-field.js';
import { record } from './records.js';

const requestId = whole();
const args = map;
const timeoutMs = whole(1, LIMITS.timeoutMs);
const statusValue = oneOf(['ACTIVE', 'OVERLOADED', 'OFFLINE']);
const records = list(record, LIMITS.gossipRecords);
const entries = list(entry, LIMITS.gossipRecords);

const queryOutcome: Field<Outcome> = outcomeField(['holds', 'executed']);

const range: Field<MissingRange> = fields<MissingRange>({
  origin: originField,
  from: whole(1),
  to: whole(1),
});

const word = z.string().optional();
const counts = z.record(z.string(), z.number()).optional();
const event = grown(
  z.looseObject({
    at: z.number(),
    host: z.string(),
    event: z.string(),
    id: word,
    from: word,
    to: word,
    before: counts,
    after: counts,
    detail: word,
  }),
) as Field<TraceEvent>;

/** Every kind has its codec: a missing one, or a missing field, does not compile. */
export const CODECS: { readonly [Kind in MessageKind]: Codec<Kind> } = {
  hello: { number: 0, body: hello },
  rejected: { number: 1, body: fields({ code, message }) },

  'client-update': {
    number: 10,
    body: fields({
      requestId,
      session,
      n: whole(1),
      answered: whole(),
      attempt: whole(1),
      stamp,
      prev: timestamp,
      alternative: optional(timestamp),
      operation: text(),
      args,
      user: text(),
      minCopies: whole(0, 2),
      timeoutMs,
    }),
  },
  'client-query': {
    number: 11,
    body: fields({
      requestId,
      session,
      prev: timestamp,
      alternative: optional(timestamp),
      consistency: oneOf(['causal', 'fresh', 'auto']),
      operation: text(),
      args,
      user: text(),
      timeoutMs,
    }),
  },
  updated: {
    number: 12,
    body: fields({
      requestId,
      copies: whole(),
      timestamp,
      alternative: optional(timestamp),
      latest: stamp,
      result: anything,
      repeated: optional(flag),
    }),
  },
  answered: {
    number: 13,
    body: fields({
      requestId,
      guarantee: oneOf(['causal', 'fresh']),
      timestamp,
      latest: stamp,
      value: anything,
    }),
  },
  failed: {
    number: 14,
    body: fields({ requestId, code, message, definite: flag, timestamp: optional(timestamp) }),
  },
  'client-lookup': {
    number: 15,
    body: fields({ requestId, operation: text(), args, user: text(), timeoutMs }),
  },
  'looked-up': { number: 16, body: fields({ requestId, args }) },

  'status-request': { number: 20, body: fields({ requestId, hash: flag }) },
  'status-report': { number: 21, body: fields({ requestId, report: anything }) },
  'set-status': {
    number: 22,
    body: fields({
      requestId,
      name,
      value: oneOf(['ACTIVE', 'OVERLOADED', 'OFFLINE', 'random', 'auto']),
    }),
  },
  watch: { number: 23, body: fields({ on: flag }) },
  events: { number: 24, body: fields({ events: list(event, LIMITS.frameMessages) }) },

  update: {
    number: 30,
    body: fields({
      requestId,
      session,
      n: whole(1),
      answered: whole(),
      stamp,
      prev: timestamp,
      alternative: optional(timestamp),
      operation: text(),
      args,
      user: text(),
      timeoutMs,
      holders: list(name, 64),
    }),
  },
  acknowledged: {
    number: 31,
    body: fields({ requestId, timestamp, latest: stamp, epoch: whole() }),
  },
  query: {
    number: 32,
    body: fields({
      requestId,
      prev: timestamp,
      alternative: optional(timestamp),
      collect: flag,
      tip: optional(tip),
      precondition: nullable(fields({ session, n: whole(1) })),
      operation: text(),
      args,
      user: text(),
      timeoutMs,
    }),
  },
  answer: {
    number: 33,
    body: fields({
      requestId,
      valueTimestamp: timestamp,
      replicaTimestamp: timestamp,
      counted: flag,
      epoch: whole(),
      tip,
      executedView: ballot,
      latest: stamp,
      outcome: queryOutcome,
    }),
  },
  collected: {
    number: 34,
    body: fields({
      requestId,
      replicaTimestamp: timestamp,
      counted: flag,
      epoch: whole(),
      tip,
    }),
  },
  declined: { number: 35, body: fields({ requestId, code, message }) },
  cancel: { number: 36, body: fields({ requestIds: list(requestId, LIMITS.frontendRequests) }) },
  'forced-answered': {
    number: 37,
    body: fields({
      requestId,
      outcome: forcedOutcome,
      timestamp,
      copies: whole(),
      latest: stamp,
    }),
  },

  heartbeat: {
    number: 40,
    body: fields({
      status: fields({ value: statusValue, source: oneOf(['auto', 'hand', 'random']) }),
      counted: flag,
      replicaTimestamp: timestamp,
      standing,
      epoch: whole(),
      wallMs: whole(),
      floorMs: whole(),
      promises: whole(),
    }),
  },
  gossip: {
    number: 41,
    body: fields({ serial: whole(), replicaTimestamp: timestamp, epoch: whole(), records }),
  },
  'gossip-acknowledged': {
    number: 42,
    body: fields({ serial: whole(), replicaTimestamp: timestamp }),
  },
  fetch: {
    number: 43,
    body: fields({ serial: whole(), ranges: list(range, 4 * LIMITS.timestampEntries) }),
  },
  fetched: {
    number: 44,
    body: fields({
      serial: whole(),
      replicaTimestamp: timestamp,
      epoch: whole(),
      records,
      entries,
    }),
  },

  ...FORCED_CODECS,
  ...MEMBERSHIP_CODECS,
};
