/** Messages about the members, on the wire: see codecs.ts. */

import { z } from 'zod';
import type { Configuration, Final, Member, MembershipChange } from '../log/membership.js';
import { LIMITS } from '../base/limits.js';
import type { Codec } from './codec-form.js';
import {
  ballot,
  type Field,
  fields,
  flag,
  list,
  memberId,
  name,
  nullable,
  oneOf,
  text,
  timestamp,
  whole,
} from './fields.js';
import { listOf } from './frame.js';
import type { MemberAddress } from './hello-messages.js';
import type { Boot, GetSnapshot, MembershipMessage } from './membership-messages.js';
import { originField } from './origin-field.js';
import { message } from './outcome.js';
import { malformed } from './unpack.js';

const requestId = whole();
const word = text();

/** At most so many replicas, front ends and origins are named in one message. */
const MANY = LIMITS.timestampEntries;

const address: Field<MemberAddress> = fields<MemberAddress>({ name, address: word });
const member: Field<Member> = fields<Member>({ name, id: nullable(memberId), address: word });
const final: Field<Final> = fields<Final>({ origin: originField, final: whole() });

export const boot: Field<Boot> = fields<Boot>({ number: whole(), nonce: word });

export const configuration: Field<Configuration> = fields<Configuration>({
  epoch: whole(1),
  members: list(member, MANY),
  leaving: list(memberId, MANY),
  closing: list(originField, MANY),
  version: whole(1),
});

type ChangeOf<Kind extends MembershipChange['kind']> = Omit<
  Extract<MembershipChange, { kind: Kind }>,
  'kind'
>;

const CHANGES: {
  readonly [Kind in MembershipChange['kind']]: Field<ChangeOf<Kind>>;
} = {
  configure: fields<ChangeOf<'configure'>>({ configuration }),
  activate: fields<ChangeOf<'activate'>>({
    epoch: whole(1),
    cut: timestamp,
    finals: list(final, MANY),
  }),
  drop: fields<ChangeOf<'drop'>>({ origins: list(originField, MANY) }),
  recover: fields<ChangeOf<'recover'>>({
    generation: whole(1),
    plan: word,
    firstSeq: whole(1),
    configuration,
    cut: timestamp,
    finals: list(final, MANY),
  }),
};

const changeKind = oneOf(['configure', 'activate', 'drop', 'recover']);

/** `[kind, content]`. A kind that is not known is refused, never skipped (PROTOCOL I). */
export const membershipChange: Field<MembershipChange> = {
  schema: z.union(
    Object.entries(CHANGES).map(([kind, { schema }]) => z.tuple([z.literal(kind), schema])),
  ),
  write: (value, writer) => {
    const field = CHANGES[value.kind] as Field<unknown>;
    return [value.kind, field.write(value, writer)];
  },
  read: (raw, reader) => {
    const pair = listOf(raw, 'a change of the members');
    if (pair.length !== 2) throw malformed('a change of the members is a list of two');
    const kind = changeKind.read(pair[0], reader);
    const content = CHANGES[kind].read(pair[1], reader);
    return { kind, ...content } as MembershipChange;
  },
};

const bytes: Field<Uint8Array> = {
  schema: z.instanceof(Uint8Array),
  write: (value) => value,
  read: (raw) => {
    if (!(raw instanceof Uint8Array) || raw.length > LIMITS.snapshotPartBytes) {
      throw malformed(`at most ${LIMITS.snapshotPartBytes} bytes are wanted`);
    }
    return raw;
  },
};

const hash = text(64);

export const MEMBERSHIP_CODECS: {
  readonly [Kind in MembershipMessage['kind']]: Codec<Kind>;
} = {
  frontends: { number: 17, body: fields({ frontends: list(address, MANY) }) },
  'change-members': {
    number: 25,
    body: fields({ requestId, action: oneOf(['retire']), name, force: flag }),
  },
  'members-changed': {
    number: 26,
    body: fields({ requestId, epoch: whole(1), message }),
  },
  recover: {
    number: 27,
    body: fields({
      requestId,
      plan: word,
      survivors: list(name, MANY),
      lost: list(name, MANY),
      abort: flag,
    }),
  },
  configuration: {
    number: 38,
    body: fields({ configuration, cut: nullable(timestamp), frontends: list(address, MANY) }),
  },
  frozen: { number: 60, body: fields({ epoch: whole(1), replicaTimestamp: timestamp }) },
  'claim-granted': { number: 61, body: fields({ boot }) },
  'claim-refused': {
    number: 62,
    body: fields({ reason: oneOf(['rolled-back', 'duplicate', 'superseded']), detail: message }),
  },
  retired: {
    number: 63,
    body: fields({ id: memberId, epoch: whole(1), isSettled: flag, finals: list(final, MANY) }),
  },
  handover: { number: 64, body: fields({ view: ballot }) },
  'recover-halt': { number: 67, body: fields({ plan: word }) },
  'recover-halted': {
    number: 68,
    body: fields({
      plan: word,
      replicaTimestamp: timestamp,
      lnv: ballot,
      op: whole(),
      commit: whole(),
    }),
  },
  'recover-release': { number: 69, body: fields({ plan: word }) },
  'get-snapshot': {
    number: 65,
    body: fields({
      resume: nullable(fields<NonNullable<GetSnapshot['resume']>>({ hash, offset: whole() })),
    }),
  },
  'snapshot-part': {
    number: 66,
    body: fields({ hash, size: whole(), offset: whole(), bytes }),
  },
};
