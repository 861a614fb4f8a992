import { expect } from 'chai';
import fc from 'fast-check';
import { HearsayError } from '../../src/base/errors.js';
import { LIMITS } from '../../src/base/limits.js';
import { pack, unpack } from '../../src/wire/msgpack.js';
import { unpackStrictly } from '../../src/wire/unpack.js';
import { json } from './field-arbitraries.js';

const read = (...bytes: number[]): unknown => unpackStrictly(Uint8Array.from(bytes), 1000);

function refusal(bytes: Uint8Array): HearsayError {
  try {
    unpackStrictly(bytes, LIMITS.messageBytes);
  } catch (error) {
    if (error instanceof HearsayError) return error;
    throw error;
  }
  throw new Error(`read: ${Buffer.from(bytes.subarray(0, 40)).toString('hex')}`);
}

const textBytes = (text: string): number[] => [0xd9, Buffer.byteLength(text), ...Buffer.from(text)];

describe('unpackStrictly', () => {
  it('reads what msgpackr writes', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(unpackStrictly(pack(value), 10_000)).to.deep.equal(value);
      }),
    );
  });

  it('reads what msgpackr reads, of what it reads at all', () => {
    // A text that is no UTF-8 is the one thing in which msgpackr disagrees with itself.
    const ascii = fc.integer({ min: 0, max: 0x7f });
    const aByte = fc.oneof({ weight: 3, arbitrary: ascii }, fc.integer({ min: 0x80, max: 0xff }));
    let readable = 0;
    fc.assert(
      fc.property(fc.array(aByte, { minLength: 1, maxLength: 12 }), (list) => {
        const bytes = Uint8Array.from(list);
        let value: unknown;
        try {
          value = unpackStrictly(bytes, 1000);
        } catch (error) {
          expect(error).to.be.instanceOf(HearsayError);
          return;
        }
        readable++;
        if (JSON.stringify(value).includes('\uFFFD')) return;
        const known = unpack(bytes);
        if (typeof known === 'bigint') expect(value).to.equal(Number(known));
        else expect(value).to.deep.equal(known);
      }),
      { numRuns: 5000 },
    );
    expect(readable).to.be.above(100);
  });

  it('reads every form of a number', () => {
    const forms: [number, number[]][] = [
      [127, [0x7f]],
      [-32, [0xe0]],
      [-1, [0xff]],
      [5, [0xcc, 5]],
      [0xfffe, [0xcd, 0xff, 0xfe]],
      [0xfffffffe, [0xce, 0xff, 0xff, 0xff, 0xfe]],
      [-5, [0xd0, 0xfb]],
      [-32768, [0xd1, 0x80, 0]],
      [-(2 ** 31), [0xd2, 0x80, 0, 0, 0]],
      [2 ** 53 - 1, [0xcf, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
      [1 - 2 ** 53, [0xd3, 0xff, 0xe0, 0, 0, 0, 0, 0, 1]],
      [1.5, [0xca, 0x3f, 0xc0, 0, 0]],
      [1.5, [0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]],
    ];
    for (const [value, bytes] of forms) expect(read(...bytes), String(value)).to.equal(value);
  });

  it('refuses 64-bit numbers that are not safe', () => {
    for (const bytes of [
      [0xcf, 0, 0x20, 0, 0, 0, 0, 0, 0],
      [0xcf, 255, 255, 255, 255, 255, 255, 255, 255],
      [0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0],
    ]) {
      expect(refusal(Uint8Array.from(bytes)).code).to.equal('INVALID');
    }
  });

  it('reads texts in every length of header, as long as they are', () => {
    for (const length of [0, 1, 31, 32, 63, 64, 65, 255, 256, 65_535, 65_536]) {
      for (const letter of ['x', 'ß', '世']) {
        const text = letter.repeat(length);
        expect(unpackStrictly(pack(text), 1)).to.equal(text);
      }
    }
  });

  it('keeps a byte order mark, wherever and however often', () => {
    for (const text of ['\uFEFF', '\uFEFF\uFEFFa', `\uFEFF\uFEFF${'x'.repeat(100)}`]) {
      expect(unpackStrictly(pack(text), 1)).to.equal(text);
    }
  });

  it('makes U+FFFD of what is no UTF-8, the same at each replica on the way', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const once = unpackStrictly(Uint8Array.from([0xd9, bytes.length, ...bytes]), 1);
        expect(once).to.equal(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
        expect(unpackStrictly(pack(once), 1)).to.equal(once);
      }),
    );
    const half = unpackStrictly(pack('a\ud800b'), 1);
    expect(half).to.equal('a\uFFFD\uFFFD\uFFFDb');
    expect(unpackStrictly(pack(half), 1)).to.equal(half);
  });

  it('tells texts apart that have the same length and ends', () => {
    // Short texts are remembered; two that share a place must not be taken for each other.
    const texts = Array.from({ length: 500 }, (_, i) => `a${String(i).padStart(5, '0')}z`);
    for (let round = 0; round < 2; round++) {
      expect(unpackStrictly(pack(texts), 1000)).to.deep.equal(texts);
    }
  });

  it('reads bytes, as a copy', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const packed = Uint8Array.from(pack([bytes]));
        const [read] = unpackStrictly(packed, 10) as [Uint8Array];
        packed.fill(0);
        expect([...read]).to.deep.equal([...bytes]);
      }),
    );
    expect(refusal(Uint8Array.from([0xc4, 2, 1])).code).to.equal('INVALID');
    expect(refusal(Uint8Array.from([0xc6, 0xff, 0xff, 0xff, 0xff, 1])).code).to.equal('INVALID');
  });

  it('refuses extensions and what msgpack never uses', () => {
    const types = [0xc1, 0xc7, 0xc8, 0xc9, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8];
    for (const type of types) {
      const bytes = Uint8Array.from([type, 1, 0x72, 0x40, 0x91, 0xa1, 0x61, 1, 1, 1, 1, 1, 1, 1]);
      expect(refusal(bytes), type.toString(16)).to.include({ code: 'INVALID' });
      expect(refusal(Uint8Array.from([0x91, ...bytes]))).to.include({ code: 'INVALID' });
    }
    for (const value of [new Date(), 2n ** 60n]) {
      expect(refusal(pack([value])).code, String(value)).to.equal('INVALID');
    }
  });

  it('refuses maps with other keys than texts, and the key __proto__', () => {
    for (const key of [[1], [0xc0], [0xc3], [0x90], [0x80], [0xcb, 0, 0, 0, 0, 0, 0, 0, 0]]) {
      expect(refusal(Uint8Array.from([0x81, ...key, 1])).code).to.equal('INVALID');
    }
    expect(refusal(Uint8Array.from([0x81, ...textBytes('__proto__'), 0x80])).code).to.equal(
      'INVALID',
    );
    const near = ['__proto_', '__proto___', 'constructor', 'toString', 'hasOwnProperty'];
    for (const key of near) {
      expect(read(0x81, ...textBytes(key), 1)).to.deep.equal({ [key]: 1 });
    }
    expect(Object.keys(Object.prototype)).to.deep.equal([]);
  });

  it('takes the last of two equal keys', () => {
    expect(read(0x82, 0xa1, 0x61, 1, 0xa1, 0x61, 2)).to.deep.equal({ a: 2 });
  });

  it('refuses a value that ends early, and bytes after it', () => {
    fc.assert(
      fc.property(
        json,
        fc.nat(),
        fc.uint8Array({ minLength: 1, maxLength: 3 }),
        (value, at, more) => {
          const bytes = pack(value);
          expect(refusal(bytes.slice(0, at % bytes.length)).code).to.equal('INVALID');
          expect(refusal(Uint8Array.from([...bytes, ...more])).code).to.equal('INVALID');
        },
      ),
    );
  });

  it('believes no header that promises more than there is', () => {
    const most = [0xff, 0xff, 0xff, 0xff];
    for (const type of [0xdb, 0xdd, 0xdf]) {
      expect(refusal(Uint8Array.from([type, ...most])).code).to.equal('INVALID');
      expect(refusal(Uint8Array.from([type, ...most, ...new Array<number>(1000)])).code).to.equal(
        'INVALID',
      );
    }
  });

  it('refuses what is nested too deep, however deep', () => {
    const nested = (depth: number): Uint8Array => {
      return new Uint8Array(depth + 1).fill(0x91, 0, depth);
    };
    const most = LIMITS.frameNesting;
    expect(unpackStrictly(nested(most), 1000)).to.be.an('array');
    for (const depth of [most + 1, 10_000, 100_000, LIMITS.frameBytes]) {
      expect(refusal(nested(depth)).code, String(depth)).to.equal('TOO_LARGE');
    }
    const maps = Uint8Array.from(Array.from({ length: 100_000 }, () => [0x81, 0xa0]).flat());
    expect(refusal(maps).code).to.equal('TOO_LARGE');
  });

  it('bounds the number of values', () => {
    const list = pack(Array.from({ length: 1000 }, () => ({})));
    expect(unpackStrictly(list, 1000)).to.have.length(1000);
    expect(() => unpackStrictly(list, 999))
      .to.throw(HearsayError)
      .with.property('code', 'TOO_LARGE');
  });

  it('reads bytes that stand anywhere in a larger buffer', () => {
    const value = { a: [1.5, 70_000, 'text', -40_000] };
    const bytes = pack(value);
    const larger = new Uint8Array(bytes.length + 20).fill(0xa5);
    larger.set(bytes, 7);
    expect(unpackStrictly(larger.subarray(7, 7 + bytes.length), 100)).to.deep.equal(value);
  });
});
