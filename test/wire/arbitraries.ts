/**
 * Messages of every kind for property tests. A kind without an arbitrary does not compile. Fields that
 * may be absent are so now and then.
 */

import fc from 'fast-check';
import type {
  Message,
  MessageKind,
  MessageOf,
  Outcome,
  TraceEvent,
} from '../../src/wire/messages.js';
import { anOrigin, aTimestamp } from '../timestamp/arbitraries.js';
import {
  aBallot,
  aConfiguration,
  aFinal,
  aForcedOutcome,
  anEntry,
  aRecord,
  aStamp,
  aStanding,
  aTip,
  code,
  digest,
  json,
  memberId,
  name,
  positive,
  session,
  someArguments,
  text,
  timeoutMs,
  whole,
} from './field-arbitraries.js';
import { addresses, boot, hello } from './hello-arbitraries.js';

const requestId = whole;

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
const entries = fc.array(anEntry, { maxLength: 8 });
const counted = fc.boolean();

/** A field that may be absent. */
const maybe = <Value>(present: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(present, { nil: undefined });

function of<Kind extends MessageKind>(
  kind: Kind,
  fields: {
    readonly [Key in keyof Omit<MessageOf<Kind>, 'kind'>]-?: fc.Arbitrary<
      MessageOf<Kind>[Key] | undefined
    >;
  },
): fc.Arbitrary<MessageOf<Kind>> {
  const all = fc.record({ ...fields, kind: fc.constant(kind) }).map((message) => {
    const present = Object.entries(message).filter(([, value]) => value !== undefined);
    return Object.fromEntries(present);
  });
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
    alternative: maybe(aTimestamp),
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
    alternative: maybe(aTimestamp),
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
    alternative: maybe(aTimestamp),
    latest: aStamp,
    result: json,
    repeated: maybe(fc.boolean()),
  }),
  answered: of('answered', {
    requestId,
    guarantee: fc.constantFrom('causal', 'fresh'),
    timestamp: aTimestamp,
    latest: aStamp,
    value: json,
  }),
  failed: of('failed', {
    requestId,
    code,
    message: text,
    definite: fc.boolean(),
    timestamp: maybe(aTimestamp),
  }),
  'client-lookup': of('client-lookup', {
    requestId,
    operation: text,
    args: someArguments,
    user: text,
    timeoutMs,
  }),
  'looked-up': of('looked-up', { requestId, args: someArguments }),
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
    alternative: maybe(aTimestamp),
    operation: text,
    args: someArguments,
    user: text,
    timeoutMs,
    holders: fc.array(name, { maxLength: 3 }),
  }),
  acknowledged: of('acknowledged', {
    requestId,
    timestamp: aTimestamp,
    epoch: whole,
    latest: aStamp,
  }),
  query: of('query', {
    requestId,
    prev: aTimestamp,
    alternative: maybe(aTimestamp),
    collect: fc.boolean(),
    tip: maybe(aTip),
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
    epoch: whole,
    tip: aTip,
    executedView: aBallot,
    latest: aStamp,
    outcome: anOutcome,
  }),
  collected: of('collected', {
    requestId,
    replicaTimestamp: aTimestamp,
    counted,
    epoch: whole,
    tip: aTip,
  }),
  declined: of('declined', { requestId, code, message: text }),
  cancel: of('cancel', { requestIds: fc.array(requestId, { maxLength: 20 }) }),
  'forced-answered': of('forced-answered', {
    requestId,
    outcome: aForcedOutcome,
    timestamp: aTimestamp,
    copies: whole,
    latest: aStamp,
  }),
  heartbeat: of('heartbeat', {
    status: fc.record({
      value: fc.constantFrom('ACTIVE', 'OVERLOADED', 'OFFLINE'),
      source: fc.constantFrom('auto', 'hand', 'random'),
    }),
    counted,
    replicaTimestamp: aTimestamp,
    standing: aStanding,
    epoch: whole,
    wallMs: whole,
    floorMs: whole,
    promises: whole,
  }),
  gossip: of('gossip', { serial: whole, replicaTimestamp: aTimestamp, epoch: whole, records }),
  'gossip-acknowledged': of('gossip-acknowledged', { serial: whole, replicaTimestamp: aTimestamp }),
  fetch: of('fetch', { serial: whole, ranges: fc.array(aRange, { maxLength: 5 }) }),
  fetched: of('fetched', {
    serial: whole,
    replicaTimestamp: aTimestamp,
    epoch: whole,
    records,
    entries,
  }),

  forward: of('forward', {
    session,
    n: positive,
    answered: whole,
    stamp: aStamp,
    prev: aTimestamp,
    alternative: maybe(aTimestamp),
    operation: text,
    args: someArguments,
    user: text,
    timeoutMs,
    wallMs: whole,
    hops: fc.integer({ min: 1, max: 2 }),
  }),
  forwarded: of('forwarded', {
    session,
    n: positive,
    digest,
    outcome: fc.oneof(
      fc.record({ of: aForcedOutcome, timestamp: aTimestamp, copies: whole, latest: aStamp }),
      fc.record({ code, message: text }),
    ),
  }),
  'pre-vote': of('pre-vote', { round: whole, lnv: aBallot, op: whole }),
  vote: of('vote', {
    round: whole,
    view: aBallot,
    lnv: aBallot,
    op: whole,
    handover: fc.boolean(),
  }),
  'vote-answered': of('vote-answered', {
    to: fc.constantFrom('pre-vote', 'vote'),
    round: whole,
    granted: fc.boolean(),
    isBehind: fc.boolean(),
    view: aBallot,
  }),
  prepare: of('prepare', { view: aBallot, after: whole, entries, op: whole, commit: whole }),
  'prepare-ok': of('prepare-ok', { view: aBallot, op: fc.option(whole) }),
  nack: of('nack', { view: aBallot }),
  'get-state': of('get-state', { after: whole, takeOver: fc.boolean() }),
  state: of('state', {
    after: whole,
    takeOver: fc.boolean(),
    isPrimary: fc.boolean(),
    lnv: aBallot,
    op: whole,
    commit: whole,
    entries,
  }),
  handover: of('handover', { view: aBallot }),

  configuration: of('configuration', {
    configuration: aConfiguration,
    cut: fc.option(aTimestamp),
    frontends: addresses,
  }),
  frozen: of('frozen', { epoch: positive, replicaTimestamp: aTimestamp }),
  'claim-granted': of('claim-granted', { boot }),
  'claim-refused': of('claim-refused', {
    reason: fc.constantFrom('rolled-back', 'duplicate', 'superseded'),
    detail: text,
  }),
  retired: of('retired', {
    id: memberId,
    epoch: positive,
    isSettled: fc.boolean(),
    finals: fc.array(aFinal, { maxLength: 4 }),
  }),
  recover: of('recover', {
    requestId,
    plan: text,
    survivors: fc.array(name, { maxLength: 3 }),
    lost: fc.array(name, { maxLength: 3 }),
    abort: fc.boolean(),
  }),
  'recover-halt': of('recover-halt', { plan: text }),
  'recover-halted': of('recover-halted', {
    plan: text,
    replicaTimestamp: aTimestamp,
    lnv: aBallot,
    op: whole,
    commit: whole,
  }),
  'recover-release': of('recover-release', { plan: text }),
  'get-snapshot': of('get-snapshot', {
    resume: fc.option(fc.record({ hash: digest, offset: whole })),
  }),
  'snapshot-part': of('snapshot-part', {
    hash: digest,
    size: whole,
    offset: whole,
    bytes: fc.uint8Array({ maxLength: 300 }),
  }),
  'change-members': of('change-members', {
    requestId,
    action: fc.constant('retire'),
    name,
    force: fc.boolean(),
  }),
  'members-changed': of('members-changed', { requestId, epoch: positive, message: text }),
  frontends: of('frontends', { frontends: addresses }),
};

export const KINDS = Object.keys(MESSAGES) as MessageKind[];

export const aMessage: fc.Arbitrary<Message> = fc.oneof(
  ...(Object.values(MESSAGES) as fc.Arbitrary<Message>[]),
);
