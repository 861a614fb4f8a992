/** What messages, the journal and snapshots are made of, for property tests. */

import fc from 'fast-check';
import { ERROR_CODES, type ErrorCode } from '../../src/base/errors.js';
import type { MemberId, Name, SessionId } from '../../src/base/ids.js';
import type { ForcedEntry, ForcedTransition } from '../../src/log/forced-log.js';
import type { Configuration, Final, MembershipChange } from '../../src/log/membership.js';
import type { TravellingRecord } from '../../src/log/record.js';
import type { ForcedOutcome, KeptResults, KeptSession } from '../../src/log/results-table.js';
import { type Ballot, ZERO_BALLOT } from '../../src/timestamp/ballot.js';
import { PHYSICAL_MAX_MS, type Stamp } from '../../src/timestamp/stamp.js';
import { bodyDigest } from '../../src/wire/digest.js';
import type { ForcedStanding } from '../../src/wire/forced-messages.js';
import type { Arguments } from '../../src/wire/messages.js';
import { anOrigin, aTimestamp } from '../timestamp/arbitraries.js';

export const whole = fc.oneof(fc.nat({ max: 300 }), fc.maxSafeNat());
export const positive = fc.oneof(
  fc.integer({ min: 1, max: 300 }),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
);
/** Any text that is made of whole characters, as bytes can say no other. */
export const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.constantFrom('\uFEFF'.repeat(3), `\uFEFF\uFEFF${'x'.repeat(80)}`, 'ß'.repeat(200)),
);
export const name = fc.constantFrom('rm-1', 'fe-1', 'z') as fc.Arbitrary<Name>;
export const memberId = fc.constantFrom('rm-1.x7', 'rm-2.k2m9') as fc.Arbitrary<MemberId>;
export const session = fc
  .string({ unit: fc.constantFrom(...'azAZ09_-'.split('')), minLength: 8, maxLength: 32 })
  .map((id) => id as SessionId);
export const code = fc.constantFrom(...(Object.keys(ERROR_CODES) as ErrorCode[]));
export const timeoutMs = fc.integer({ min: 1, max: 60_000 });

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

export const digest = fc.string({
  unit: fc.constantFrom(...'0123456789abcdef'.split('')),
  minLength: 32,
  maxLength: 32,
});
const place = { origin: anOrigin, seq: positive, prev: aTimestamp };

export const aRecord: fc.Arbitrary<TravellingRecord> = fc.oneof(
  fc.record({ ...place, body: aBody }),
  fc.record({ ...place, id: fc.record({ session, n: positive, digest }) }),
);

const ownedBallot = fc.record({ n: positive, owner: memberId });

export const aBallot: fc.Arbitrary<Ballot> = fc.oneof(fc.constant(ZERO_BALLOT), ownedBallot);

export const aTip = fc.record({ view: aBallot, seq: whole });

export const aStanding: fc.Arbitrary<ForcedStanding> = fc.record({
  view: aBallot,
  lnv: aBallot,
  op: whole,
  commit: whole,
  mayVote: fc.boolean(),
  primary: fc.option(fc.record({ name, view: aBallot })),
});

export const aFinal: fc.Arbitrary<Final> = fc.record({ origin: anOrigin, final: whole });

export const aConfiguration: fc.Arbitrary<Configuration> = fc.record({
  epoch: positive,
  members: fc.array(fc.record({ name, id: fc.option(memberId), address: text }), { maxLength: 4 }),
  leaving: fc.array(memberId, { maxLength: 2 }),
  closing: fc.array(anOrigin, { maxLength: 3 }),
  version: positive,
});

const aChange: fc.Arbitrary<MembershipChange> = fc.oneof(
  fc.record({ kind: fc.constant('configure' as const), configuration: aConfiguration }),
  fc.record({
    kind: fc.constant('activate' as const),
    epoch: positive,
    cut: aTimestamp,
    finals: fc.array(aFinal, { maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('recover' as const),
    generation: positive,
    plan: text,
    firstSeq: positive,
    configuration: aConfiguration,
    cut: aTimestamp,
    finals: fc.array(aFinal, { maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('drop' as const),
    origins: fc.array(anOrigin, { maxLength: 3 }),
  }),
);

const entryPlace = { seq: positive, born: aBallot, committed: whole, prev: aTimestamp };

export const anEntry: fc.Arbitrary<ForcedEntry> = fc.oneof(
  fc.record({ kind: fc.constant('update' as const), ...entryPlace, body: aBody, answered: whole }),
  fc.record({ kind: fc.constant('no-op' as const), ...entryPlace }),
  fc.record({ kind: fc.constant('change' as const), ...entryPlace, change: aChange }),
);

export const aTransition: fc.Arbitrary<ForcedTransition> = fc.record(
  {
    view: aBallot,
    lnv: aBallot,
    keep: whole,
    entries: fc.array(anEntry, { maxLength: 4 }),
    commit: whole,
    mayVote: fc.boolean(),
    note: fc.record({
      member: memberId,
      boot: fc.record({ number: whole, nonce: text }),
      promises: whole,
    }),
    floorMs: whole,
    halted: text,
  },
  { requiredKeys: [] },
);

export const aForcedOutcome: fc.Arbitrary<ForcedOutcome> = fc.oneof(
  fc.record({ kind: fc.constant('value' as const), value: json }),
  fc.record({ kind: fc.constantFrom('repeated' as const, 'expired' as const) }),
  fc.record({ kind: fc.constant('refused' as const), message: text }),
);

const aKeptSession: fc.Arbitrary<KeptSession> = fc.tuple(
  session,
  aStamp,
  fc.array(fc.tuple(positive, positive), { maxLength: 3 }),
  fc.array(fc.tuple(positive, digest, aForcedOutcome, aTimestamp), { maxLength: 3 }),
);

/** The results in a snapshot. */
export const keptResults: fc.Arbitrary<KeptResults> = fc.record({
  latest: aStamp,
  sessions: fc.array(aKeptSession, { maxLength: 5 }),
});
