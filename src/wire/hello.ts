/** The handshake on the wire: one map, so that later versions can add to it and old ones can read it. */

import { z } from 'zod';
import {
  isMemberId,
  isName,
  isOrigin,
  type MemberId,
  type Name,
  type Origin,
} from '../base/ids.js';
import { LIMITS } from '../base/limits.js';
import type { Field } from './fields.js';
import { grown } from './fields.js';
import type { Hello } from './hello-messages.js';

const text = z.string().max(LIMITS.stringLength);
const positive = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const versions = z.tuple([positive, positive]);
const name = z.custom<Name>((raw) => typeof raw === 'string' && isName(raw), 'no name');
const memberId = z.custom<MemberId>(
  (raw) => typeof raw === 'string' && isMemberId(raw),
  'no member id',
);
const origin = z.custom<Origin>((raw) => typeof raw === 'string' && isOrigin(raw), 'no origin');

const cluster = z.object({
  clusterId: text,
  generation: z.number().int().min(0),
  epoch: z.number().int().min(0),
  service: text,
  serviceVersion: versions,
  schemaHash: text,
});

const operation = z.object({
  name: text,
  kind: z.enum(['query', 'update']),
  about: text,
  arguments: z
    .array(
      z.object({
        name: text,
        reads: z.enum(['string', 'json', 'text-or-json']),
        type: text,
        required: z.boolean(),
        default: z.unknown().optional(),
        about: text,
      }),
    )
    .max(64),
  anonymous: z.boolean(),
  hasCheck: z.boolean(),
  ordering: z.enum(['causal', 'forced']).nullable(),
  hasLookup: z.boolean(),
  administrator: z.boolean(),
});

const schema = z.discriminatedUnion('role', [
  z.object({ role: z.literal('client'), protocol: versions, service: text }),
  z.object({
    role: z.literal('frontend'),
    protocol: versions,
    name,
    address: text,
    cluster,
    operations: z.array(operation).max(256),
  }),
  z.object({
    role: z.literal('replica'),
    protocol: versions,
    name,
    memberId,
    origin,
    address: text,
    cluster,
    initialHash: text,
    members: z.array(z.object({ name, address: text })).max(64),
    plan: text,
    boot: z.object({ number: z.number().int().min(0), nonce: text }),
    promises: z.number().int().min(0),
    versions,
    joins: z.enum(['add', 'replace']).nullable(),
    replicaTimestamp: z.number().int().min(0),
  }),
  z.object({
    role: z.literal('joiner'),
    protocol: versions,
    name,
    service: text,
    serviceVersion: versions,
    schemaHash: text,
    initialHash: text.nullable(),
    replaces: z.boolean(),
    clusterId: text.nullable(),
  }),
]);

const map = grown(schema);

/** A hello without its `kind`; the timestamp of a replica's is an index into the frame's table. */
type HelloFields = Hello extends infer Each
  ? Each extends Hello
    ? Omit<Each, 'kind'>
    : never
  : never;

export const hello: Field<HelloFields> = {
  schema,
  write: (value, writer) => {
    const { kind: _, ...fields } = value as Hello;
    if (fields.role !== 'replica') return fields;
    return { ...fields, replicaTimestamp: writer.timestamp(fields.replicaTimestamp) };
  },
  read: (raw, reader) => {
    const fields = map.read(raw, reader);
    if (fields.role !== 'replica') return fields;
    return { ...fields, replicaTimestamp: reader.timestamp(fields.replicaTimestamp) };
  },
};
