import { expect } from 'chai';
import fc from 'fast-check';
import { digestOf } from '../../src/base/digest.js';
import type { SessionId } from '../../src/base/ids.js';
import type { Stamp } from '../../src/timestamp/stamp.js';
import { bodyDigest } from '../../src/wire/digest.js';
import type { Arguments } from '../../src/wire/messages.js';
import { pack } from '../../src/wire/msgpack.js';
import { unpackStrictly } from '../../src/wire/unpack.js';
import { aStamp, json, someArguments } from './field-arbitraries.js';

const SESSION = 'V1StGXR8_Z5jdHi6B-myT' as SessionId;
const STAMP: Stamp = { physicalMs: 1_800_000_000_123, logical: 7 };

const digest = (args: unknown, operation = 'rate', user = '42', stamp = STAMP): string =>
  bodyDigest(operation, args as Arguments, user, stamp, SESSION);

/** The same value with the keys of every object in another order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, reversed(inner)] as const);
  return Object.fromEntries(entries.reverse());
}

describe('bodyDigest', () => {
  it('is SHA-256 over bytes that any language can make: an example', () => {
    const bytes = Buffer.from(
      [
        '94', // a list of four
        'a472617465', // operation: "rate"
        '82', // arguments: a map of two, keys ascending
        'a76d6f766965496401', // "movieId": 1
        'a6726174696e67cb4012000000000000', // "rating": 4.5
        'a23432', // user: "42"
        '93', // a list of three
        'cb427a3185c507b000', // physical part 1800000000123: beyond 32 bits, so a float64
        '07', // logical part 7
        'b556315374475852385f5a356a64486936422d6d7954', // session
      ].join(''),
      'hex',
    );
    expect(digestOf(bytes)).to.equal('9663dca6d457a17d3da6c73e6dee7271');
    expect(digest({ rating: 4.5, movieId: 1 })).to.equal('9663dca6d457a17d3da6c73e6dee7271');
  });

  it('orders keys by their UTF-16 units, also those that look like numbers, at every depth', () => {
    const bytes = pack([
      'rate',
      new Map<string, unknown>([
        ['', 0],
        [
          '10',
          [
            1,
            new Map([
              ['B', 1],
              ['a', 2],
              ['é', 3],
              ['世', 4],
              ['😀', 5],
              ['\uFFFD', 6],
            ]),
          ],
        ],
        ['9', null],
        ['Z', 'text'],
      ]),
      '42',
      [STAMP.physicalMs, STAMP.logical, SESSION],
    ]);
    const inner = { '\uFFFD': 6, '😀': 5, 世: 4, é: 3, a: 2, B: 1 };
    expect(digest({ Z: 'text', 9: null, 10: [1, inner], '': 0 })).to.equal(digestOf(bytes));
  });

  it('is the same for any order of keys', () => {
    fc.assert(
      fc.property(someArguments, (args) => {
        expect(digest(reversed(args))).to.equal(digest(args));
      }),
    );
  });

  it('is the same after the arguments travelled', () => {
    fc.assert(
      fc.property(someArguments, (args) => {
        expect(digest(unpackStrictly(pack(args), 10_000))).to.equal(digest(args));
      }),
    );
  });

  it('differs for arguments that differ in anything but the order of keys', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const canonical = (value: unknown): string =>
          JSON.stringify(value, (_, inner: unknown) =>
            typeof inner === 'object' && inner !== null && !Array.isArray(inner)
              ? Object.entries(inner)
                  .sort(([x], [y]) => (x < y ? -1 : 1))
                  .flat()
              : inner,
          );
        // An object becomes a list here: told apart by what surrounds it only if nothing else differs.
        if (canonical(a) === canonical(b)) return;
        expect(digest({ value: a })).not.to.equal(digest({ value: b }));
      }),
    );
    expect(digest({ a: [] })).not.to.equal(digest({ a: {} }));
    expect(digest({ a: 1 })).not.to.equal(digest({ a: '1' }));
    expect(digest({ a: null })).not.to.equal(digest({}));
    expect(digest({ a: { b: 1 } })).not.to.equal(digest({ a: [{ b: 1 }] }));
    expect(digest({ a: [1, 2] })).not.to.equal(digest({ a: [2, 1] }));
  });

  it('differs by operation, user, stamp and session', () => {
    fc.assert(
      fc.property(aStamp, fc.string(), (stamp, text) => {
        const all = [
          digest({}),
          digest({}, `rate${text}!`),
          digest({}, 'rate', `42${text}!`),
          bodyDigest('rate', {}, '42', STAMP, `${SESSION}!` as SessionId),
          bodyDigest('rate!', {}, '42', STAMP, SESSION),
          bodyDigest('rate', {}, '!42', STAMP, SESSION),
        ];
        const { physicalMs, logical } = stamp;
        if (physicalMs !== STAMP.physicalMs || logical !== STAMP.logical) {
          all.push(digest({}, 'rate', '42', stamp));
        }
        const distinct = text === '' ? all.length - 1 : all.length;
        expect(new Set(all).size).to.equal(distinct);
      }),
    );
  });

  it('changes nothing in the arguments', () => {
    fc.assert(
      fc.property(someArguments, (args) => {
        const before = JSON.stringify(args);
        digest(args);
        expect(JSON.stringify(args)).to.equal(before);
      }),
    );
  });
});
