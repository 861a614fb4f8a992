/**
 * Records of the update log as bytes, in gossip and in the journal alike: a record with its body is a
 * list of nine fields, an alias a list of six. The digest of a body is computed here, never taken over.
 * Written out by hand, not with `fields`: this is most of what replicas write and read.
 */

import { z } from 'zod';
import { isAlias, type TravellingRecord } from '../log/record.js';
import { bodyDigest } from './digest.js';
import { type Field, map, session, stamp, text, timestamp, whole } from './fields.js';
import { listOf } from './frame.js';
import { originField } from './origin-field.js';
import { malformed } from './unpack.js';

const count = whole(1);
const words = text();
const DIGEST = /^[0-9a-f]{32}$/;

export const digest: Field<string> = {
  schema: z.string().regex(DIGEST),
  write: (value) => value,
  read: (raw) => {
    if (typeof raw !== 'string' || !DIGEST.test(raw)) throw malformed('a digest is wanted');
    return raw;
  },
};

/** Origin, seq, prev, session, n: how every record begins. */
const place = [originField.schema, count.schema, timestamp.schema, session.schema, count.schema];
const body = [stamp.schema, words.schema, map.schema, words.schema];

const ALIAS_FIELDS = place.length + 1;
const RECORD_FIELDS = place.length + body.length;

export const record: Field<TravellingRecord> = {
  schema: z.union([
    z.tuple([...place, digest.schema] as [z.ZodType]),
    z.tuple([...place, ...body] as [z.ZodType]),
  ]),
  write: (value, writer) => {
    const origin = writer.origin(value.origin);
    const prev = writer.timestamp(value.prev);
    if (isAlias(value)) {
      const { session: by, n, digest: names } = value.id;
      return [origin, value.seq, prev, by, n, names];
    }
    const { session: by, n, stamp: at, operation, args, user } = value.body;
    return [origin, value.seq, prev, by, n, stamp.write(at, writer), operation, args, user];
  },
  read: (raw, reader) => {
    const list = listOf(raw, 'a record');
    if (list.length !== ALIAS_FIELDS && list.length !== RECORD_FIELDS) {
      throw malformed(`a record is a list of ${RECORD_FIELDS} fields, or ${ALIAS_FIELDS}`);
    }
    const origin = originField.read(list[0], reader);
    const seq = count.read(list[1], reader);
    const prev = timestamp.read(list[2], reader);
    const by = session.read(list[3], reader);
    const n = count.read(list[4], reader);
    if (list.length === ALIAS_FIELDS) {
      return { origin, seq, prev, id: { session: by, n, digest: digest.read(list[5], reader) } };
    }
    const at = stamp.read(list[5], reader);
    const operation = words.read(list[6], reader);
    const args = map.read(list[7], reader);
    const user = words.read(list[8], reader);
    const computed = bodyDigest(operation, args, user, at, by);
    const content = { session: by, n, stamp: at, operation, args, user, digest: computed };
    return { origin, seq, prev, body: content };
  },
};
