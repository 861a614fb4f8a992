/** Messages between replicas about the forced log, on the wire: see codecs.ts. */

import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../base/errors.js';
import { LIMITS } from '../base/limits.js';
import type { ForcedOutcome } from '../log/results-table.js';
import type { Codec } from './codec-form.js';
import { entry } from './entries.js';
import {
  ballot,
  type Field,
  fields,
  flag,
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
import type { ForcedMessage, ForcedStanding, Forwarded, Tip } from './forced-messages.js';
import { listOf } from './frame.js';
import { message, outcomeField } from './outcome.js';
import { digest } from './records.js';

export const code = oneOf(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]);

export const tip: Field<Tip> = fields<Tip>({ view: ballot, seq: whole() });

export const standing: Field<ForcedStanding> = fields<ForcedStanding>({
  view: ballot,
  lnv: ballot,
  op: whole(),
  commit: whole(),
  mayVote: flag,
  primary: nullable(fields<NonNullable<ForcedStanding['primary']>>({ name, view: ballot })),
});

export const forcedOutcome: Field<ForcedOutcome> = outcomeField(['repeated', 'expired']);

type ResultOfForwarded = Extract<Forwarded['outcome'], { of: unknown }>;
type RefusalOfForwarded = Exclude<Forwarded['outcome'], { of: unknown }>;

const resultOfForwarded = fields<ResultOfForwarded>({
  of: forcedOutcome,
  timestamp,
  copies: whole(),
  latest: stamp,
});
const refusalOfForwarded = fields<RefusalOfForwarded>({ code, message });

/** A list of four: the result; a list of two: code and message. */
const forwardedOutcome: Field<Forwarded['outcome']> = {
  schema: z.union([resultOfForwarded.schema, refusalOfForwarded.schema]),
  write: (value, writer) =>
    'of' in value
      ? resultOfForwarded.write(value, writer)
      : refusalOfForwarded.write(value, writer),
  read: (raw, reader) =>
    listOf(raw, 'an outcome').length === 2
      ? refusalOfForwarded.read(raw, reader)
      : resultOfForwarded.read(raw, reader),
};

const entries = list(entry, LIMITS.gossipRecords);

export const FORCED_CODECS: { readonly [Kind in ForcedMessage['kind']]: Codec<Kind> } = {
  forward: {
    number: 50,
    body: fields({
      session,
      n: whole(1),
      answered: whole(),
      stamp,
      prev: timestamp,
      alternative: optional(timestamp),
      operation: text(),
      args: map,
      user: text(),
      timeoutMs: whole(1, LIMITS.timeoutMs),
      wallMs: whole(),
      hops: whole(1, 2),
    }),
  },
  forwarded: {
    number: 51,
    body: fields({ session, n: whole(1), digest, outcome: forwardedOutcome }),
  },
  'pre-vote': { number: 52, body: fields({ round: whole(), lnv: ballot, op: whole() }) },
  vote: {
    number: 53,
    body: fields({ round: whole(), view: ballot, lnv: ballot, op: whole(), handover: flag }),
  },
  'vote-answered': {
    number: 54,
    body: fields({
      to: oneOf(['pre-vote', 'vote']),
      round: whole(),
      granted: flag,
      isBehind: flag,
      view: ballot,
    }),
  },
  prepare: {
    number: 55,
    body: fields({ view: ballot, after: whole(), entries, op: whole(), commit: whole() }),
  },
  'prepare-ok': { number: 56, body: fields({ view: ballot, op: nullable(whole()) }) },
  nack: { number: 57, body: fields({ view: ballot }) },
  'get-state': { number: 58, body: fields({ after: whole(), takeOver: flag }) },
  state: {
    number: 59,
    body: fields({
      after: whole(),
      takeOver: flag,
      isPrimary: flag,
      lnv: ballot,
      op: whole(),
      commit: whole(),
      entries,
    }),
  },
};
