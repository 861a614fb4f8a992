import { expect } from 'chai';
import fc from 'fast-check';
import { InvariantError } from '../../src/base/assert.js';
import { HearsayError } from '../../src/base/errors.js';
import { CODECS } from '../../src/wire/codecs.js';
import { entry, transition } from '../../src/wire/entries.js';
import {
  anything,
  ballot,
  type Field,
  fields,
  flag,
  grown,
  list,
  map,
  memberId,
  name,
  nullable,
  oneOf,
  optional,
  session,
  stamp,
  text,
  timestamp,
  whole,
} from '../../src/wire/fields.js';
import { forcedOutcome, tip } from '../../src/wire/forced-codecs.js';
import { FrameReader, FrameWriter } from '../../src/wire/frame.js';
import { originField } from '../../src/wire/origin-field.js';
import { record } from '../../src/wire/records.js';
import { z } from 'zod';
import { KINDS, MESSAGES } from './arbitraries.js';
import { aForcedOutcome, anEntry, aRecord, aTransition, json } from './field-arbitraries.js';

/** Values as unpackStrictly gives them, right and wrong ones, often at the edge of a rule. */
const atom: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -0, 1, -1, 0.5, Number.NaN, '', '0'),
  fc.constantFrom(
    2 ** 32 - 1,
    2 ** 32,
    2 ** 53 - 1,
    2 ** 53,
    -(2 ** 53),
    1e300,
    36 ** 9 - 1,
    36 ** 9,
  ),
  fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MIN_VALUE),
  fc.constantFrom(
    'rm-1',
    'RM-1',
    'rm-1.x7',
    'rm-1.x7~3',
    '!0',
    'session-1',
    'short',
    'a',
    'b',
    'ACTIVE',
  ),
  fc.constantFrom(
    'f'.repeat(32),
    'F'.repeat(32),
    'x'.repeat(1024),
    'x'.repeat(1025),
    'value',
    'holds',
  ),
  fc.constantFrom<unknown>([], {}, [1, 0], [1, 0, 0]),
  fc.integer(),
  fc.double(),
  fc.string({ maxLength: 40 }),
  json,
);

const raw: fc.Arbitrary<unknown> = fc.oneof(
  atom,
  fc.array(atom, { maxLength: 5 }),
  fc.dictionary(fc.string({ maxLength: 3 }), atom, { maxKeys: 3, noNullPrototype: true }),
);

const readerOf = (): FrameReader =>
  new FrameReader(
    ['rm-1.x7~1', 'rm-2.x7~1'],
    [
      [0, 5],
      [1, 2],
    ],
  );

/** Whether the reader took it. Refusing has one form, whatever came. */
function isRead(field: Field<unknown>, value: unknown): boolean {
  try {
    field.read(value, readerOf());
    return true;
  } catch (error) {
    expect(error).to.be.instanceOf(HearsayError);
    expect((error as HearsayError).message.length).to.be.below(300);
    return false;
  }
}

const isAllowed = (field: Field<unknown>, value: unknown): boolean =>
  field.schema.safeParse(value).success;

/** Each field with a value that it takes. */
const FIELDS: Record<string, readonly [Field<unknown>, unknown]> = {
  'whole()': [whole(), 0],
  'whole(1, 10)': [whole(1, 10), 10],
  'text()': [text(), 'x'.repeat(1024)],
  'text(3)': [text(3), 'abc'],
  name: [name, 'rm-1'],
  memberId: [memberId, 'rm-1.x7'],
  session: [session, 'session-1'],
  'oneOf(a, b)': [oneOf(['a', 'b']), 'b'],
  flag: [flag, false],
  anything: [anything, null],
  map: [map, { a: [1] }],
  'list(whole, 2)': [list(whole(), 2), [1, 2]],
  'list(list(flag))': [list(list(flag, 2), 2), [[], [true]]],
  'nullable(flag)': [nullable(flag), null],
  'optional(flag)': [optional(flag), null],
  stamp: [stamp, [36 ** 9 - 1, 2 ** 32 - 1]],
  ballot: [ballot, [1, 'rm-1.x7']],
  'ballot before all views': [ballot, [0, null]],
  tip: [tip, [[0, null], 0]],
  forcedOutcome: [forcedOutcome, ['repeated', null]],
  'fields(a, b)': [fields({ a: whole(), b: nullable(text(3)) }), [1, null]],
  'fields with anything last': [fields({ a: whole(), b: anything }), [1, null]],
  grown: [grown(z.looseObject({ a: z.number() })), { a: 1, b: 2 }],
};

/** Rows of names and numbers where all is right: what random values would hit too rarely. */
const right: fc.Arbitrary<unknown> = fc.oneof(
  fc.tuple(fc.nat(), fc.nat()),
  fc.tuple(fc.nat(), fc.option(fc.string({ maxLength: 4 }))),
  fc.array(fc.array(fc.boolean(), { maxLength: 3 }), { maxLength: 3 }),
  fc.array(fc.nat(), { maxLength: 3 }),
  fc.tuple(fc.nat({ max: 2 }), fc.constantFrom(null, 'rm-1.x7', 'rm-1')),
  fc.tuple(fc.constantFrom('value', 'refused', 'repeated', 'holds'), fc.constantFrom('no', null)),
  fc.record({ a: fc.double() }, { noNullPrototype: true }),
  fc.constantFrom('rm-1.x7', 'rm-1', 'session-1', 'a', 'b'),
);

describe('a list', () => {
  it('that no reader would take stops its sender', () => {
    const two = list(whole(), 2);
    expect(two.write([1, 2], new FrameWriter())).to.deep.equal([1, 2]);
    expect(() => two.write([1, 2, 3], new FrameWriter())).to.throw(InvariantError, 'a list of 3');
  });
});

describe('the reader of each field accepts what its schema accepts', () => {
  for (const [what, [field, taken]] of Object.entries(FIELDS)) {
    it(what, () => {
      expect([isRead(field, taken), isAllowed(field, taken)]).to.deep.equal([true, true]);
      fc.assert(
        fc.property(fc.oneof(raw, right), (value) => {
          expect(isRead(field, value)).to.equal(isAllowed(field, value));
        }),
        { numRuns: 1000 },
      );
    });
  }

  for (const [what, field] of Object.entries({ timestamp, originField } as Record<
    string,
    Field<unknown>
  >)) {
    it(`${what}, for the two that the frame has`, () => {
      fc.assert(
        fc.property(raw, (value) => {
          const expected = isAllowed(field, value) && (value as number) < 2;
          expect(isRead(field, value)).to.equal(expected);
        }),
      );
    });
  }
});

/** Puts `value` in place of one part of a raw message, or takes the part away, or puts it twice. */
function mutated(message: unknown, path: readonly number[], value: unknown, how: number): unknown {
  const [first, ...rest] = path;
  if (first === undefined || typeof message !== 'object' || message === null) return value;
  if (!Array.isArray(message)) {
    const entries: [string, unknown][] = Object.entries(message);
    const [key, inner] = entries[first % Math.max(entries.length, 1)] ?? ['new', null];
    if (how === 1) return Object.fromEntries(entries.filter(([each]) => each !== key));
    return { ...message, [key]: mutated(inner, rest, value, how) };
  }
  const at = first % Math.max(message.length, 1);
  if (rest.length > 0 && message.length > 0)
    return message.with(at, mutated(message[at], rest, value, how));
  if (how === 0) return message.length === 0 ? [value] : message.with(at, value);
  return how === 1 ? message.toSpliced(at, 1) : message.toSpliced(at, 0, value);
}

/** Timestamps and origins are named by index: one that the frame lacks is beyond what a schema knows. */
const isUnknownIndex = (error: unknown): boolean =>
  error instanceof HearsayError && /there is no (origin|timestamp) /.test(error.message);

/** Each kind of message, and what journals are made of, with values of it. */
const WHOLES: Record<string, readonly [Field<unknown>, fc.Arbitrary<unknown>]> = {
  ...Object.fromEntries(
    KINDS.map((kind) => [kind, [CODECS[kind].body as Field<unknown>, MESSAGES[kind]]]),
  ),
  record: [record, aRecord],
  entry: [entry, anEntry],
  transition: [transition, aTransition],
  'forced outcome': [forcedOutcome, aForcedOutcome],
};

describe('the reader of each message agrees with its schema on mutated messages', () => {
  for (const [what, [body, values]] of Object.entries(WHOLES)) {
    it(what, () => {
      const seen = { read: 0, refused: 0 };
      fc.assert(
        fc.property(
          values,
          fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 3 }),
          atom,
          fc.nat({ max: 3 }),
          (message, path, value, how) => {
            const writer = new FrameWriter();
            const whole = body.write(message, writer);
            const changed = how === 3 ? whole : mutated(whole, path, value, how);
            const expected = isAllowed(body, changed);
            const reader = new FrameReader(writer.origins, writer.timestamps);
            let isTaken = true;
            try {
              body.read(changed, reader);
            } catch (error) {
              expect(error).to.be.instanceOf(HearsayError);
              if (isUnknownIndex(error)) return;
              isTaken = false;
            }
            expect(isTaken).to.equal(expected);
            seen[isTaken ? 'read' : 'refused']++;
          },
        ),
        { numRuns: 400 },
      );
      expect(Math.min(seen.read, seen.refused)).to.be.above(0);
    });
  }

  const LENGTHS: readonly (readonly [string, Field<unknown>, readonly number[]])[] = [
    ['record', record, [0, 1, 5, 7, 8, 10]],
    ['entry', entry, [0, 1, 3, 5, 10, 12]],
    ['transition', transition, [0, 5, 7]],
  ];
  for (const [what, body, lengths] of LENGTHS) {
    it(`${what}: of its own lengths only`, () => {
      const wrongLengths = lengths.map((length) => new Array<unknown>(length).fill(1));
      for (const value of [...wrongLengths, null, {}, what]) {
        expect(isRead(body, value)).to.equal(false);
        expect(isAllowed(body, value)).to.equal(false);
      }
    });
  }
});
