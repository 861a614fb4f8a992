/** Messages of every kind for property tests. A kind without an arbitrary does not compile. */

import fc from 'fast-check';
import { ERROR_CODES, type ErrorCode } from '../../src/base/errors.js';
import type { MemberId, Name, SessionId } from '../../src/base/ids.js';
import type { TravellingRecord } from '../../src/log/record.js';
import { PHYSICAL_MAX_MS, type Stamp } from '../../src/timestamp/stamp.js';
import { bodyDigest } from '../../src/wire/digest.js';
import type {
  Arguments,
  ClusterIdentity,
  Hello,
  Message,
  MessageKind,
  MessageOf,
  OperationDescription,
  Outcome,
  TraceEvent,
} from '../../src/wire/messages.js';
import { anOrigin, aTimestamp } from '../timestamp/arbitraries.js';

const whole = fc.oneof(fc.nat({ max: 300 }), fc.maxSafeNat());
const positive = fc.oneof(
  fc.integer({ min: 1, max: 300 }),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
);
/** Any text that is made of whole characters, as bytes can say no other. */
const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.constantFrom('\uFEFF'.repeat(3), `\uFEFF\uFEFF${'x'.repeat(80)}`, 'ß'.repeat(200)),
);
const name = fc.constantFrom('rm-1', 'fe-1', 'z') as fc.Arbitrary<Name>;
const memberId = fc.constantFrom('rm-1.x7', 'rm-2.k2m9') as fc.Arbitrary<MemberId>;
const session = fc
  .string({ unit: fc.constantFrom(...'azAZ09_-'.split('')), minLength: 8, maxLength: 32 })
  .map((id) => id as SessionId);
const code = fc.constantFrom(...(Object.keys(ERROR_CODES) as ErrorCode[]));
const requestId = whole;
const timeoutMs = fc.integer({ min: 1, max: 60_000 });

export const aStamp: fc.Arbitrary<Stamp> = fc.record({
  physicalMs: fc.integer({ min: 0, max: PHYSICAL_MAX_MS }),
  logical: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});

const key = fc
  .oneof(text, fc.constantFrom('constructor', 'toJSON', '__proto_', 'length', '10', '9', ''))
  .filter((each) => each !== '__proto__');

/** JSON, without -0, which travels as 0. */
export const json: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    text,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;

export const someArguments: fc.Arbitrary<Arguments> = fc.dictionary(key, json, {
  maxKeys: 5,
  noNullPrototype: true,
});

const aBody = fc
  .record({ session, n: positive, stamp: aStamp, operation: text, args: someArguments, user: text })
  .map((body) => {
    const { operation, args, user, stamp, session: by } = body;
    return { ...body, digest: bodyDigest(operation, args, user, stamp, by) };
  });

const digest = fc.string({
  unit: fc.constantFrom(...'0123456789abcdef'.split('')),
  minLength: 32,
  maxLength: 32,
});
const place = { origin: anOrigin, seq: positive, prev: aTimestamp };

export const aRecord: fc.Arbitrary<TravellingRecord> = fc.oneof(
  fc.record({ ...place, body: aBody }),
  fc.record({ ...place, id: fc.record({ session, n: positive, digest }) }),
);

const version = fc.tuple(positive, positive);

const cluster: fc.Arbitrary<ClusterIdentity> = fc.record({
  clusterId: text,
  generation: whole,
  epoch: positive,
  service: text,
  serviceVersion: version,
  schemaHash: text,
});

const anOperation: fc.Arbitrary<OperationDescription> = fc.record({
  name: text,
  kind: fc.constantFrom('query', 'update'),
  about: text,
  arguments: fc.array(
    fc.record(
      {
        name: text,
        reads: fc.constantFrom('string', 'json', 'text-or-json'),
        type: text,
        required: fc.boolean(),
        default: json,
        about: text,
      },
      { requiredKeys: ['name', 'reads', 'type', 'required', 'about'], noNullPrototype: true },
    ),
    { maxLength: 3 },
  ),
  anonymous: fc.boolean(),
  hasCheck: fc.boolean(),
});

const hello: fc.Arbitrary<Hello> = fc.oneof(
  fc.record({
    kind: fc.constant('hello' as const),
    role: fc.constant('client' as const),
    protocol: version,
    service: text,
  }),
  fc.record({
    kind: fc.constant('hello' as const),
    role: fc.constant('frontend' as const),
    protocol: version,
    name,
    cluster,
    operations: fc.array(anOperation, { maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('hello' as const),
    role: fc.constant('replica' as const),
    protocol: version,
    name,
    memberId,
    origin: anOrigin,
    address: text,
    cluster,
    initialHash: text,
    members: fc.array(fc.record({ name, address: text }), { maxLength: 3 }),
    replicaTimestamp: aTimestamp,
  }),
);

const anOutcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({ kind: fc.constant('value' as const), value: json }),
  fc.record({ kind: fc.constantFrom('holds' as const, 'executed' as const) }),
  fc.record({ kind: fc.constant('refused' as const), message: text }),
);

const counts = fc.dictionary(anOrigin, whole, { noNullPrototype: true });

const anEvent = fc.record(
  {
    at: whole,
    host: text,
    event: text,
    id: text,
    from: text,
    to: text,
    before: counts,
    after: counts,
    detail: text,
  },
  { requiredKeys: ['at', 'host', 'event'], noNullPrototype: true },
) as fc.Arbitrary<TraceEvent>;

const aRange = fc.record({ origin: anOrigin, from: positive, to: positive });
const records = fc.array(aRecord, { maxLength: 8 });
const counted = fc.boolean();

function of<Kind extends MessageKind>(
  kind: Kind,
  fields: {
    readonly [Key in keyof Omit<MessageOf<Kind>, 'kind'>]: fc.Arbitrary<MessageOf<Kind>[Key]>;
  },
): fc.Arbitrary<MessageOf<Kind>> {
  const all = fc.record({ ...fields, kind: fc.constant(kind) });
  return all as unknown as fc.Arbitrary<MessageOf<Kind>>;
}

export const MESSAGES: { readonly [Kind in MessageKind]: fc.Arbitrary<MessageOf<Kind>> } = {
  hello,
  rejected: of('rejected', { code, message: text }),
  'client-update': of('client-update', {
    requestId,
    session,
    n: positive,
    answered: whole,
    attempt: positive,
    stamp: aStamp,
    prev: aTimestamp,
    alternative: aTimestamp,
    operation: text,
    args: someArguments,
    user: text,
    minCopies: fc.nat({ max: 2 }),
    timeoutMs,
  }),
  'client-query': of('client-query', {
    requestId,
    session,
    prev: aTimestamp,
    alternative: aTimestamp,
    consistency: fc.constantFrom('causal', 'fresh', 'auto'),
    operation: text,
    args: someArguments,
    user: text,
    timeoutMs,
  }),
  updated: of('updated', {
    requestId,
    copies: whole,
    timestamp: aTimestamp,
    alternative: aTimestamp,
    latest: aStamp,
    result: json,
  }),
  answered: of('answered', {
    requestId,
    guarantee: fc.constantFrom('causal', 'fresh'),
    timestamp: aTimestamp,
    latest: aStamp,
    value: json,
  }),
  failed: of('failed', { requestId, code, message: text, definite: fc.boolean() }),
  'status-request': of('status-request', { requestId, hash: fc.boolean() }),
  'status-report': of('status-report', { requestId, report: json }),
  'set-status': of('set-status', {
    requestId,
    name,
    value: fc.constantFrom('ACTIVE', 'OVERLOADED', 'OFFLINE', 'random', 'auto'),
  }),
  watch: of('watch', { on: fc.boolean() }),
  events: of('events', { events: fc.array(anEvent, { maxLength: 4 }) }),
  update: of('update', {
    requestId,
    session,
    n: positive,
    answered: whole,
    stamp: aStamp,
    prev: aTimestamp,
    alternative: aTimestamp,
    operation: text,
    args: someArguments,
    user: text,
    timeoutMs,
    holders: fc.array(name, { maxLength: 3 }),
  }),
  acknowledged: of('acknowledged', { requestId, timestamp: aTimestamp, latest: aStamp }),
  query: of('query', {
    requestId,
    prev: aTimestamp,
    alternative: aTimestamp,
    collect: fc.boolean(),
    precondition: fc.option(fc.record({ session, n: positive })),
    operation: text,
    args: someArguments,
    user: text,
    timeoutMs,
  }),
  answer: of('answer', {
    requestId,
    valueTimestamp: aTimestamp,
    replicaTimestamp: aTimestamp,
    counted,
    latest: aStamp,
    outcome: anOutcome,
  }),
  collected: of('collected', { requestId, replicaTimestamp: aTimestamp, counted }),
  declined: of('declined', { requestId, code, message: text }),
  cancel: of('cancel', { requestIds: fc.array(requestId, { maxLength: 20 }) }),
  heartbeat: of('heartbeat', {
    status: fc.record({
      value: fc.constantFrom('ACTIVE', 'OVERLOADED', 'OFFLINE'),
      source: fc.constantFrom('auto', 'hand', 'random'),
    }),
    counted,
    replicaTimestamp: aTimestamp,
  }),
  gossip: of('gossip', { serial: whole, replicaTimestamp: aTimestamp, records }),
  'gossip-acknowledged': of('gossip-acknowledged', { serial: whole, replicaTimestamp: aTimestamp }),
  fetch: of('fetch', { serial: whole, ranges: fc.array(aRange, { maxLength: 5 }) }),
  fetched: of('fetched', { serial: whole, replicaTimestamp: aTimestamp, records }),
};

export const KINDS = Object.keys(MESSAGES) as MessageKind[];

export const aMessage: fc.Arbitrary<Message> = fc.oneof(
  ...(Object.values(MESSAGES) as fc.Arbitrary<Message>[]),
);
