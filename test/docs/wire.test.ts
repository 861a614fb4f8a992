import { expect } from 'chai';
import type { z } from 'zod';
import { HearsayError } from '../../src/base/errors.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { decodeFrame, encodeFrames } from '../../src/wire/codec.js';
import { CODECS } from '../../src/wire/codecs.js';
import { bodyDigest } from '../../src/wire/digest.js';
import type { MessageKind } from '../../src/wire/messages.js';
import { FrameReader } from '../../src/wire/frame.js';
import { unpackStrictly } from '../../src/wire/unpack.js';
import { DIGESTED, EXCHANGE } from './exchange.js';
import { blocks, read } from './pages.js';
import { samplesOf } from './wire-types.js';

const PAGE = 'docs/protocol.md';

interface ToldMessage {
  readonly number: number;
  readonly kind: string;
  readonly fields: readonly (readonly [name: string, type: string])[];
}

/** The messages of the page: a line `10 kind   who → whom`, then a line `   name   type   words` a field. */
function toldMessages(): ToldMessage[] {
  return blocks(PAGE, 'wire')
    .join('\n')
    .split(/\n(?=\d)/)
    .map((block) => {
      const [head = '', ...lines] = block.trimEnd().split('\n');
      const [, number = '', kind = ''] = /^(\d+) +(\S+)/.exec(head) ?? [];
      const fields = lines
        .filter((line) => line.trim() !== '')
        .map((line) => line.trim().split(/ {2,}/))
        .map(([name = '', type = '']) => [name, type] as const);
      return { number: Number(number), kind, fields };
    });
}

/** A message of this kind, made of the first good value of each type that the page names. */
function readAsTold(kind: MessageKind, types: readonly string[]): Record<string, unknown> {
  const reader = new FrameReader(['rm-1.x7~3f'], [[]]);
  const raw = types.map((type) => samplesOf(type).good[0]);
  return { ...CODECS[kind].body.read(raw, reader) };
}

/** The bytes of a block of the page: hexadecimal, comments from `--` on. */
function bytesOf(block: string): Uint8Array {
  const digits = block.replace(/--.*$/gm, '').replace(/\s/g, '');
  expect(digits).to.match(/^(?:[0-9a-f]{2})+$/);
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

describe('docs/protocol.md', () => {
  const told = toldMessages();

  it('has every message under its number, and no other', () => {
    const real = Object.entries(CODECS).map(([kind, { number }]) => ({ number, kind }));
    real.sort((one, other) => one.number - other.number);
    expect(told.map(({ number, kind }) => ({ number, kind }))).to.deep.equal(real);
  });

  it('has the fields of every message in their order', () => {
    for (const { kind, fields } of told) {
      if (kind === 'hello') continue;
      const types = fields.map(([, type]) => type);
      const message = readAsTold(kind as MessageKind, types);
      expect(
        fields.map(([name]) => name),
        kind,
      ).to.deep.equal(Object.keys(message));
      for (const [name, type] of fields) {
        const isTimestamp = message[name] instanceof VectorTimestamp;
        expect(type.startsWith('timestamp'), `${kind}.${name} is a timestamp`).to.equal(
          isTimestamp,
        );
      }
    }
  });

  it('has the types that the code takes: the same values are taken and refused', () => {
    for (const { kind, fields } of told) {
      if (kind === 'hello') continue;
      const { items } = (CODECS[kind as MessageKind].body.schema as z.ZodTuple).def;
      expect(items.length, kind).to.equal(fields.length);
      for (const [index, [name, type]] of fields.entries()) {
        const schema = items[index] as z.ZodType;
        const { good, bad } = samplesOf(type);
        for (const [values, isTaken] of [
          [good, true],
          [bad, false],
        ] as const) {
          for (const value of values) {
            const shown = JSON.stringify(value)?.slice(0, 60);
            expect(schema.safeParse(value).success, `${kind}.${name}: ${type} ${shown}`).to.equal(
              isTaken,
            );
          }
        }
      }
    }
  });

  it('has an exchange whose bytes are those messages', () => {
    const titles = Object.keys(EXCHANGE);
    const examples = blocks(PAGE, 'hex').slice(0, titles.length).map(bytesOf);
    for (const [index, title] of titles.entries()) {
      const messages = EXCHANGE[title] ?? [];
      const bytes = examples[index] ?? new Uint8Array();
      expect(decodeFrame(bytes), title).to.deep.equal(messages);
      expect(encodeFrames(messages), title).to.deep.equal([bytes]);
    }
  });

  it('works a digest out that the code computes as well', () => {
    const { operation, args, user, stamp, session } = DIGESTED;
    const digest = bodyDigest(operation, args, user, stamp, session);
    expect(read(PAGE)).to.include(`and the digest is \`${digest}\``);
    const bytes = bytesOf(blocks(PAGE, 'hex').at(-1) ?? '');
    expect(unpackStrictly(bytes, bytes.length)).to.deep.equal([
      operation,
      args,
      user,
      [stamp.physicalMs, stamp.logical, session],
    ]);
  });

  it('is right that 64-bit integers are read where ours writes float64', () => {
    const [, , messages] = unpackStrictly(
      Uint8Array.of(0x93, 0x90, 0x90, 0xcf, 0, 0, 1, 0x8b, 0xcf, 0xe5, 0x68, 0),
      12,
    ) as unknown[];
    expect(messages).to.equal(1_700_000_000_000);
    expect(() => unpackStrictly(Uint8Array.of(0xd4, 0, 0), 3)).to.throw(HearsayError);
  });
});
