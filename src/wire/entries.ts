/**
 * Entries of the forced log and its transitions as bytes, in messages and in the journal alike. An
 * update is a list of eleven fields, a no-op one of four. The digest is computed here, never taken over.
 */

import { z } from 'zod';
import type { ForcedEntry, ForcedTransition, MemberNote } from '../log/forced-log.js';
import { bodyDigest } from './digest.js';
import {
  ballot,
  type Field,
  fields,
  flag,
  list,
  map,
  memberId,
  optional,
  session,
  stamp,
  text,
  timestamp,
  whole,
} from './fields.js';
import { listOf } from './frame.js';
import { boot, membershipChange } from './membership-codecs.js';
import { malformed } from './unpack.js';

const seq = whole(1);
const count = whole();
const words = text();

/** Seq, born, committed, prev: how every entry begins. */
const place = [seq.schema, ballot.schema, count.schema, timestamp.schema];
const body = [
  ...[session.schema, seq.schema, count.schema, stamp.schema],
  ...[words.schema, map.schema, words.schema],
];

const NO_OP_FIELDS = place.length;
const CHANGE_FIELDS = place.length + 1;
const UPDATE_FIELDS = place.length + body.length;

export const entry: Field<ForcedEntry> = {
  schema: z.union([
    z.tuple(place as [z.ZodType]),
    z.tuple([...place, membershipChange.schema] as [z.ZodType]),
    z.tuple([...place, ...body] as [z.ZodType]),
  ]),
  write: (value, writer) => {
    const begin = [
      value.seq,
      ballot.write(value.born, writer),
      value.committed,
      writer.timestamp(value.prev),
    ];
    if (value.kind === 'no-op') return begin;
    if (value.kind === 'change') return [...begin, membershipChange.write(value.change, writer)];
    const { session: by, n, stamp: at, operation, args, user } = value.body;
    return [...begin, by, n, value.answered, stamp.write(at, writer), operation, args, user];
  },
  read: (raw, reader) => {
    const parts = listOf(raw, 'an entry');
    if (![NO_OP_FIELDS, CHANGE_FIELDS, UPDATE_FIELDS].includes(parts.length)) {
      throw malformed(
        `an entry is a list of ${UPDATE_FIELDS} fields, ${CHANGE_FIELDS} or ${NO_OP_FIELDS}`,
      );
    }
    const begin = {
      seq: seq.read(parts[0], reader),
      born: ballot.read(parts[1], reader),
      committed: count.read(parts[2], reader),
      prev: timestamp.read(parts[3], reader),
    };
    if (parts.length === NO_OP_FIELDS) return { kind: 'no-op', ...begin };
    if (parts.length === CHANGE_FIELDS) {
      return { kind: 'change', ...begin, change: membershipChange.read(parts[4], reader) };
    }
    const by = session.read(parts[4], reader);
    const n = seq.read(parts[5], reader);
    const answered = count.read(parts[6], reader);
    const at = stamp.read(parts[7], reader);
    const operation = words.read(parts[8], reader);
    const args = map.read(parts[9], reader);
    const user = words.read(parts[10], reader);
    const digest = bodyDigest(operation, args, user, at, by);
    const content = { session: by, n, stamp: at, operation, args, user, digest };
    return { kind: 'update', ...begin, body: content, answered };
  },
};

export const memberNote: Field<MemberNote> = fields<MemberNote>({
  member: memberId,
  boot,
  promises: count,
});

/** A transition in the journal; what is left out is nil. */
export const transition: Field<ForcedTransition> = fields<ForcedTransition>({
  view: optional(ballot),
  lnv: optional(ballot),
  keep: optional(count),
  entries: optional(list(entry, Number.MAX_SAFE_INTEGER)),
  commit: optional(count),
  mayVote: optional(flag),
  note: optional(memberNote),
  floorMs: optional(count),
  halted: optional(words),
});
