/**
 * What snapshots keep of the members and of both logs, as bytes: `[origins, timestamps, membership,
 * forced, log]`, where members and forced log may be nil. Digests of bodies are computed here, never
 * taken over.
 */

import type { MemberId, Origin } from '../base/ids.js';
import type { KeptOrder } from '../log/forced-log.js';
import type { Configuration, Final, KeptMembership } from '../log/membership.js';
import type { UpdateBody } from '../log/record.js';
import type { KeptLog } from '../log/update-log.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import { bodyDigest } from './digest.js';
import { entry, memberNote } from './entries.js';
import {
  ballot,
  type Field,
  fields,
  flag,
  list,
  map,
  memberId,
  nullable,
  session,
  stamp,
  text,
  timestamp,
  whole,
} from './fields.js';
import { FrameReader, FrameWriter, listOf } from './frame.js';
import { configuration } from './membership-codecs.js';
import { originField } from './origin-field.js';
import { malformed } from './unpack.js';

export interface Kept {
  readonly membership: KeptMembership | null;
  readonly forced: KeptOrder | null;
  readonly log: KeptLog;
}

const ANY_NUMBER = Number.MAX_SAFE_INTEGER;

interface FlatSettlement {
  readonly origin: Origin;
  readonly final: number;
  readonly cut: VectorTimestamp;
}

interface FlatRetired {
  readonly id: MemberId;
  readonly cut: VectorTimestamp;
}

interface FlatMembership {
  readonly configuration: Configuration;
  readonly previous: Configuration | null;
  readonly isActivated: boolean;
  readonly cut: VectorTimestamp;
  readonly settled: readonly FlatSettlement[];
  readonly dropped: readonly Final[];
  readonly retired: readonly FlatRetired[];
  readonly generations: readonly number[];
  readonly plan: string;
}

const flatMembership = fields<FlatMembership>({
  configuration,
  previous: nullable(configuration),
  isActivated: flag,
  cut: timestamp,
  settled: list(
    fields<FlatSettlement>({ origin: originField, final: whole(), cut: timestamp }),
    ANY_NUMBER,
  ),
  dropped: list(fields<Final>({ origin: originField, final: whole() }), ANY_NUMBER),
  retired: list(fields<FlatRetired>({ id: memberId, cut: timestamp }), ANY_NUMBER),
  generations: list(whole(1), ANY_NUMBER),
  plan: text(),
});

const membership: Field<KeptMembership> = {
  schema: flatMembership.schema,
  write: (value, writer) => {
    const settled = value.settled.map(([origin, { final, cut }]) => ({ origin, final, cut }));
    const retired = value.retired.map(([id, cut]) => ({ id, cut }));
    return flatMembership.write({ ...value, settled, retired }, writer);
  },
  read: (raw, reader) => {
    const flat = flatMembership.read(raw, reader);
    return {
      ...flat,
      settled: flat.settled.map(({ origin, final, cut }) => [origin, { final, cut }]),
      retired: flat.retired.map(({ id, cut }) => [id, cut]),
    };
  },
};

const order: Field<KeptOrder> = fields<KeptOrder>({
  base: whole(),
  baseUpdate: whole(),
  baseBorn: ballot,
  entries: list(entry, ANY_NUMBER),
  view: ballot,
  lnv: ballot,
  commit: whole(),
  mayVote: flag,
  promises: whole(),
  notes: list(memberNote, ANY_NUMBER),
  floorMs: whole(),
  halted: text(),
  executed: whole(),
  executedView: ballot,
});

type FlatBody = Omit<UpdateBody, 'digest'>;

const flatBody = fields<FlatBody>({
  session,
  n: whole(1),
  stamp,
  operation: text(),
  args: map,
  user: text(),
});

const body: Field<UpdateBody> = {
  schema: flatBody.schema,
  write: (value, writer) => flatBody.write(value, writer),
  read: (raw, reader) => {
    const flat = flatBody.read(raw, reader);
    const { operation, args, user, stamp: at, session: by } = flat;
    return { ...flat, digest: bodyDigest(operation, args, user, at, by) };
  },
};

const log: Field<KeptLog> = fields<KeptLog>({
  base: whole(),
  collected: timestamp,
  bodies: list(body, ANY_NUMBER),
});

const kept = fields<Kept>({ membership: nullable(membership), forced: nullable(order), log });

export function encodeKept(value: Kept): unknown {
  const writer = new FrameWriter();
  const written = kept.write(value, writer) as readonly unknown[];
  return [writer.origins, writer.timestamps, ...written];
}

/** Throws HearsayError INVALID when this is not what {@link encodeKept} gave. */
export function decodeKept(raw: unknown): Kept {
  const [origins, timestamps, ...parts] = listOf(raw, 'what is kept');
  const value = kept.read(parts, new FrameReader(origins, timestamps));
  const { forced } = value;
  if (forced !== null) {
    const op = forced.base + forced.entries.length;
    const isRow = forced.entries.every(({ seq }, index) => seq === forced.base + index + 1);
    const { base, commit, executed } = forced;
    if (!isRow || base > executed || executed > commit || commit > op) {
      throw malformed(`a forced log from ${base} to ${op}, executed to ${executed} of ${commit}`);
    }
  }
  return value;
}
