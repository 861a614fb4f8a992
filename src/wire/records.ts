/**
 * Records of the update log as bytes, in gossip and in the journal alike: a record with its body is a
 * list of nine fields, an alias a list of six. The digest of a body is computed here, never taken over.
 */

import { z } from 'zod';
import type { Origin } from '../base/ids.js';
import type { AliasRecord, TravellingRecord, UpdateBody } from '../log/record.js';
import { isAlias } from '../log/record.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import { bodyDigest } from './digest.js';
import { type Field, fields, map, session, stamp, text, timestamp, whole } from './fields.js';
import { FrameReader, FrameWriter, listOf, malformed } from './frame.js';
import { pack, unpack } from './msgpack.js';

/** The index of an origin in the frame's table. */
export const originField: Field<Origin> = {
  schema: z.number().int().min(0),
  write: (value, writer) => writer.origin(value),
  read: (raw, reader) => reader.origin(INDEX.read(raw, reader)),
};

const INDEX = whole();
const DIGEST = /^[0-9a-f]{32}$/;

const digest: Field<string> = {
  schema: z.string().regex(DIGEST),
  write: (value) => value,
  read: (raw) => {
    if (typeof raw !== 'string' || !DIGEST.test(raw)) throw malformed('a digest is wanted');
    return raw;
  },
};

interface Place {
  readonly origin: Origin;
  readonly seq: number;
  readonly prev: VectorTimestamp;
}

const place = { origin: originField, seq: whole(1), prev: timestamp };
const id = { session, n: whole(1) };

const wholeRecord = fields<Place & Omit<UpdateBody, 'digest'>>({
  ...place,
  ...id,
  stamp,
  operation: text(),
  args: map,
  user: text(),
});

const alias = fields<Place & AliasRecord['id']>({ ...place, ...id, digest });

const ALIAS_FIELDS = 6;

export const record: Field<TravellingRecord> = {
  schema: z.union([wholeRecord.schema, alias.schema]),
  write: (value, writer) =>
    isAlias(value)
      ? alias.write({ ...value, ...value.id }, writer)
      : wholeRecord.write({ ...value, ...value.body }, writer),
  read: (raw, reader) => {
    if (Array.isArray(raw) && raw.length === ALIAS_FIELDS) {
      const { origin, seq, prev, ...names } = alias.read(raw, reader);
      return { origin, seq, prev, id: names };
    }
    const { origin, seq, prev, ...content } = wholeRecord.read(raw, reader);
    const { operation, args, user } = content;
    const computed = bodyDigest(operation, args, user, content.stamp, content.session);
    return { origin, seq, prev, body: { ...content, digest: computed } };
  },
};

/** Encodes a group of records for the journal: `[origins, timestamps, records]`. */
export function encodeRecords(records: readonly TravellingRecord[]): Uint8Array {
  const writer = new FrameWriter();
  const encoded = records.map((each) => record.write(each, writer));
  return pack([writer.origins, writer.timestamps, encoded]);
}

/** Reads what {@link encodeRecords} wrote; throws HearsayError INVALID on anything else. */
export function decodeRecords(bytes: Uint8Array): TravellingRecord[] {
  const [origins, timestamps, records] = listOf(unpack(bytes), 'group');
  const reader = new FrameReader(origins, timestamps);
  return listOf(records, 'records').map((each) => record.read(each, reader));
}
