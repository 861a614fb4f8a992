/** Updates, records and messages as they are under load, for the parts of the program by themselves. */

import type { Name, Origin, SessionId } from '../src/base/ids.js';
import type { AliasRecord, LogRecord } from '../src/log/record.js';
import { ZERO_BALLOT } from '../src/timestamp/ballot.js';
import { VectorTimestamp } from '../src/timestamp/vector-timestamp.js';
import { bodyDigest } from '../src/wire/digest.js';
import type { Message, MessageOf, Query, Update } from '../src/wire/messages.js';

export const ORIGINS = ['rm-1.x7k2m9qp~3fa8b1', 'rm-2.p0d8s2la~9gh3k4', 'rm-3.q5n1c7we~0zt6y2'].map(
  (origin) => origin as Origin,
);

/** Sessions that take turns: each waits for the answer to its last update, which comes a round later. */
const SESSIONS = 64;

const NOW_MS = 1_700_000_000_000;

/** A timestamp as a client has it: about `updates` of every origin. */
export function timestampAfter(updates: number): VectorTimestamp {
  return VectorTimestamp.of(ORIGINS.map((origin, index) => [origin, updates + index]));
}

/** The `number`th update of the load, from 0, as a front end sends it. */
export function updateOf(number: number, prev = VectorTimestamp.zero): Update {
  return {
    kind: 'update',
    requestId: number,
    session: sessionOf(number),
    n: Math.floor(number / SESSIONS) + 1,
    answered: Math.floor(number / SESSIONS),
    stamp: { physicalMs: NOW_MS + number, logical: 0 },
    prev,
    operation: 'set',
    args: argumentsOf(number),
    user: 'bench',
    timeoutMs: 10_000,
    holders: ['rm-1' as Name, 'rm-2' as Name],
  };
}

export function recordOf(number: number, prev: VectorTimestamp): LogRecord {
  const { session, n, stamp, operation, args, user } = updateOf(number);
  const digest = bodyDigest(operation, args, user, stamp, session);
  const body = { session, n, digest, stamp, operation, args, user };
  return { origin: ORIGINS[0] as Origin, seq: number + 1, prev, body };
}

export function aliasOf(number: number, prev: VectorTimestamp): AliasRecord {
  const { origin, seq, body } = recordOf(number, prev);
  return { origin, seq, prev, id: { session: body.session, n: body.n, digest: body.digest } };
}

export function queryOf(number: number, prev: VectorTimestamp): Query {
  return {
    kind: 'query',
    requestId: number,
    prev,
    collect: true,
    precondition: null,
    operation: 'get',
    args: { key: keyOf(number) },
    user: 'bench',
    timeoutMs: 10_000,
  };
}

/** Messages of every kind that a request or a round of gossip costs, by what they are called here. */
export const MESSAGES: Readonly<Record<string, (number: number) => Message>> = {
  'client-update': (number) => {
    const { holders: _, ...update } = updateOf(number, timestampAfter(number + 5));
    return { ...update, kind: 'client-update', attempt: 1, minCopies: 2 };
  },
  update: (number) => updateOf(number, timestampAfter(number + 5)),
  acknowledged: (number) => ({
    kind: 'acknowledged',
    requestId: number,
    timestamp: timestampAfter(number + 9),
    latest: { physicalMs: NOW_MS + number, logical: 0 },
    epoch: 1,
  }),
  updated: (number) => ({
    kind: 'updated',
    requestId: number,
    copies: 2,
    timestamp: timestampAfter(number + 9),
    latest: { physicalMs: NOW_MS + number, logical: 0 },
    result: null,
  }),
  'client-query': (number) => {
    const { kind: _, collect: __, precondition: ___, ...query } = queryOf(number, CALM);
    return { ...query, kind: 'client-query', session: sessionOf(number), consistency: 'auto' };
  },
  query: (number) => queryOf(number, CALM),
  answer: (number) => ({
    kind: 'answer',
    requestId: number,
    valueTimestamp: CALM,
    replicaTimestamp: CALM,
    counted: true,
    epoch: 1,
    tip: { view: ZERO_BALLOT, seq: 0 },
    executedView: ZERO_BALLOT,
    latest: { physicalMs: NOW_MS, logical: 0 },
    outcome: { kind: 'value', value: 'some twenty bytes of text' },
  }),
  answered: (number) => ({
    kind: 'answered',
    requestId: number,
    guarantee: 'fresh',
    timestamp: CALM,
    latest: { physicalMs: NOW_MS, logical: 0 },
    value: 'some twenty bytes of text',
  }),
  cancel: (number) => ({ kind: 'cancel', requestIds: [number] }),
  'gossip, 64 records': (number) => gossipOf(number, recordOf),
  'gossip, 64 aliases': (number) => gossipOf(number, aliasOf),
  'gossip-acknowledged': (number) => ({
    kind: 'gossip-acknowledged',
    serial: number,
    replicaTimestamp: timestampAfter(number + 9),
  }),
};

/** Where nobody writes, queries and answers name one timestamp. */
const CALM = timestampAfter(100_000);

function gossipOf(
  serial: number,
  make: (number: number, prev: VectorTimestamp) => LogRecord | AliasRecord,
): MessageOf<'gossip'> {
  const records = Array.from({ length: 64 }, (_, index) => {
    const number = serial * 64 + index;
    return make(number, timestampAfter(number + 5));
  });
  return {
    kind: 'gossip',
    serial,
    replicaTimestamp: timestampAfter(serial * 64 + 99),
    epoch: 1,
    records,
  };
}

const sessionOf = (number: number): SessionId =>
  `V1StGXR8_Z5jdHi6B${String(number % SESSIONS).padStart(4, '0')}` as SessionId;

const keyOf = (number: number): string => `key-${String(number % 10_000).padStart(8, '0')}`;

const argumentsOf = (number: number): Update['args'] => ({
  key: keyOf(number),
  value: 'some twenty bytes of text',
});
