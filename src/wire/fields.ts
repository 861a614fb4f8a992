/**
 * The kinds of fields that messages are made of. Each has a schema, which says what may come, and a
 * reader by hand, which is what runs: messages are read by the hundred thousand a second. A property
 * test holds every reader against its schema.
 */

import { z } from 'zod';
import { assert } from '../base/assert.js';
import {
  isMemberId,
  isName,
  isSessionId,
  type MemberId,
  type Name,
  type SessionId,
} from '../base/ids.js';
import { LIMITS } from '../base/limits.js';
import { type Ballot, ZERO_BALLOT } from '../timestamp/ballot.js';
import { PHYSICAL_MAX_MS, type Stamp } from '../timestamp/stamp.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import { checkArguments } from './arguments.js';
import { type FrameReader, type FrameWriter, shown } from './frame.js';
import type { Arguments } from './messages.js';
import { malformed } from './unpack.js';

export interface Field<Value> {
  readonly schema: z.ZodType;
  write(value: Value, writer: FrameWriter): unknown;
  /** Throws HearsayError INVALID unless the schema holds. */
  read(raw: unknown, reader: FrameReader): Value;
}

const asItIs = <Value>(value: Value): Value => value;

function wrong(wanted: string, raw: unknown): never {
  throw malformed(`${wanted} is wanted, not ${shown(raw)}`);
}

/** A whole number between two bounds, both included. */
export function whole(least = 0, most: number = Number.MAX_SAFE_INTEGER): Field<number> {
  return {
    schema: z.number().int().min(least).max(most),
    write: asItIs,
    read: (raw) =>
      Number.isSafeInteger(raw) && (raw as number) >= least && (raw as number) <= most
        ? (raw as number)
        : wrong(`a whole number from ${least} to ${most}`, raw),
  };
}

/** A text of at most `most` UTF-16 units. */
export function text(most: number = LIMITS.stringLength): Field<string> {
  return {
    // Not `max`, which counts code points.
    schema: z.string().refine((raw) => raw.length <= most),
    write: asItIs,
    read: (raw) =>
      typeof raw === 'string' && raw.length <= most
        ? raw
        : wrong(`a text of at most ${most} characters`, raw),
  };
}

function formed<Value extends string>(
  what: string,
  is: (raw: string) => raw is Value,
): Field<Value> {
  return {
    schema: z.string().refine(is),
    write: asItIs,
    read: (raw) => (typeof raw === 'string' && is(raw) ? raw : wrong(what, raw)),
  };
}

export const name: Field<Name> = formed('a name', isName);
export const memberId: Field<MemberId> = formed('a member id', isMemberId);
export const session: Field<SessionId> = formed('a session id', isSessionId);

export function oneOf<const Values extends readonly [string, ...string[]]>(
  values: Values,
): Field<Values[number]> {
  const known: ReadonlySet<unknown> = new Set(values);
  return {
    schema: z.enum(values),
    write: asItIs,
    read: (raw) =>
      known.has(raw) ? (raw as Values[number]) : wrong(`one of ${values.join(', ')}`, raw),
  };
}

export const flag: Field<boolean> = {
  schema: z.boolean(),
  write: asItIs,
  read: (raw) => (typeof raw === 'boolean' ? raw : wrong('true or false', raw)),
};

/** Anything that msgpack can say; whoever uses it checks it. */
export const anything: Field<unknown> = { schema: z.unknown(), write: asItIs, read: asItIs };

/** A map with text keys: the arguments of an operation, checked further by its service later. */
export const map: Field<Arguments> = {
  schema: z.record(z.string(), z.json()),
  write: asItIs,
  read: (raw) => {
    checkArguments(raw);
    return raw;
  },
};

export function list<Value>(item: Field<Value>, most: number): Field<readonly Value[]> {
  return {
    schema: z.array(item.schema).max(most),
    write: (values, writer) => {
      // Whoever reads it would refuse the frame: what outsiders can make longer is cut before it comes here.
      assert(values.length <= most, `a list of ${values.length} where ${most} may be sent`);
      return values.map((value) => item.write(value, writer));
    },
    read: (raw, reader) =>
      Array.isArray(raw) && raw.length <= most
        ? raw.map((value) => item.read(value, reader))
        : wrong(`a list of at most ${most}`, raw),
  };
}

export function nullable<Value>(inner: Field<Value>): Field<Value | null> {
  return {
    schema: inner.schema.nullable(),
    write: (value, writer) => (value === null ? null : inner.write(value, writer)),
    read: (raw, reader) => (raw === null ? null : inner.read(raw, reader)),
  };
}

/** A field of `fields` that may be absent: nil on the wire. */
export function optional<Value>(inner: Field<Value>): Field<Value> {
  const present = nullable(inner);
  return {
    schema: present.schema,
    write: (value: Value | undefined, writer) => present.write(value ?? null, writer),
    read: (raw, reader) => (present.read(raw, reader) ?? undefined) as Value,
  };
}

/** `[physical ms, logical]` */
export const stamp: Field<Stamp> = {
  schema: z.tuple([
    z.number().int().min(0).max(PHYSICAL_MAX_MS),
    z
      .number()
      .int()
      .min(0)
      .max(2 ** 32 - 1),
  ]),
  write: ({ physicalMs, logical }) => [physicalMs, logical],
  read: (raw, reader) => {
    if (!Array.isArray(raw) || raw.length !== 2) return wrong('a stamp', raw);
    return {
      physicalMs: PHYSICAL.read(raw[0], reader),
      logical: LOGICAL.read(raw[1], reader),
    };
  },
};

const PHYSICAL = whole(0, PHYSICAL_MAX_MS);
const LOGICAL = whole(0, 2 ** 32 - 1);

/** `[n, owner]`; `[0, nil]` is the ballot before all views, and the only one without owner. */
export const ballot: Field<Ballot> = {
  schema: z.union([
    z.tuple([z.literal(0), z.null()]),
    z.tuple([z.number().int().min(1).max(Number.MAX_SAFE_INTEGER), memberId.schema]),
  ]),
  write: ({ n, owner }) => [n, owner],
  read: (raw, reader) => {
    if (!Array.isArray(raw) || raw.length !== 2) return wrong('a ballot', raw);
    if (raw[0] === 0 && raw[1] === null) return ZERO_BALLOT;
    return { n: BALLOT_NUMBER.read(raw[0], reader), owner: memberId.read(raw[1], reader) };
  },
};

const BALLOT_NUMBER = whole(1);

/** The index of a timestamp in the frame's table. */
export const timestamp: Field<VectorTimestamp> = {
  schema: z.number().int().min(0),
  write: (value, writer) => writer.timestamp(value),
  read: (raw, reader) => reader.timestamp(INDEX.read(raw, reader)),
};

const INDEX = whole();

/** Several fields in a fixed order, as a list; what most messages are. */
export function fields<Shape extends object>(
  shape: {
    readonly [Key in keyof Shape]-?: Field<Exclude<Shape[Key], undefined>>;
  },
): Field<Shape> {
  const entries = Object.entries(shape) as unknown as [keyof Shape, Field<Shape[keyof Shape]>][];
  const schemas = entries.map(([, field]) => field.schema) as [z.ZodType, ...z.ZodType[]];
  return {
    schema: z.tuple(schemas),
    write: (value, writer) => entries.map(([key, field]) => field.write(value[key], writer)),
    read: (raw, reader) => {
      if (!Array.isArray(raw) || raw.length !== entries.length) {
        return wrong(`a list of ${entries.length} fields`, raw);
      }
      const value: Partial<Shape> = {};
      let at = 0;
      for (const [key, field] of entries) {
        const read = field.read(raw[at++], reader);
        if (read !== undefined) value[key] = read;
      }
      return value as Shape;
    },
  };
}

/** A map that may grow: unknown keys are ignored. For rare messages; checked by the schema itself. */
export function grown<Schema extends z.ZodType>(schema: Schema): Field<z.output<Schema>> {
  return {
    schema,
    write: asItIs,
    read: (raw) => {
      const parsed = schema.safeParse(raw);
      if (parsed.success) return parsed.data;
      const issue = parsed.error.issues[0];
      throw malformed(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong'}`);
    },
  };
}
