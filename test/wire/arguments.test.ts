import { expect } from 'chai';
import fc from 'fast-check';
import { HearsayError } from '../../src/base/errors.js';
import { LIMITS } from '../../src/base/limits.js';
import { checkArguments } from '../../src/wire/arguments.js';
import { someArguments } from './field-arbitraries.js';

function codeFor(args: unknown): string | null {
  try {
    checkArguments(args);
    return null;
  } catch (error) {
    if (!(error instanceof HearsayError)) throw error;
    return error.code;
  }
}

/** A list in a list in a list …: `levels` lists around 1. */
function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
}

class Price {
  readonly pence = 5;
}

describe('checkArguments', () => {
  it('takes all JSON', () => {
    fc.assert(
      fc.property(someArguments, (args) => {
        expect(codeFor(args)).to.equal(null);
      }),
    );
  });

  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const wrong: Record<string, unknown> = {
    undefined: undefined,
    NaN: Number.NaN,
    Infinity: Number.NEGATIVE_INFINITY,
    'a bigint': 5n,
    'a date': new Date(0),
    bytes: new Uint8Array(2),
    'a map': new Map([['a', 1]]),
    'a set': new Set([1]),
    'an instance': new Price(),
    'an object without prototype': Object.create(null) as unknown,
    'a function': () => 1,
    'a symbol': Symbol('s'),
    'a hole': new Array(2),
    'half a character': 'a\ud83d',
    'a key __proto__': JSON.parse('{"__proto__":1}') as unknown,
  };
  for (const [what, value] of Object.entries(wrong)) {
    it(`refuses ${what}, wherever it stands`, () => {
      const places = [{ a: value }, { a: [1, value] }, { a: { b: { c: value } } }];
      for (const args of places) expect(codeFor(args)).to.equal('INVALID');
    });
  }

  it('refuses a key __proto__ of its own, and arguments that are no map', () => {
    expect(codeFor(JSON.parse('{"__proto__":1}'))).to.equal('INVALID');
    for (const args of [null, undefined, 1, 'a', [], new Map(), new Date()]) {
      expect(codeFor(args)).to.equal('INVALID');
    }
  });

  it('names the argument that is wrong', () => {
    expect(() => checkArguments({ fine: 1, price: { amount: Number.NaN } })).to.throw(
      'argument price has NaN, which is no JSON',
    );
  });

  it('bounds the depth, of cycles too', () => {
    expect(codeFor({ a: nested(LIMITS.nesting - 1) })).to.equal(null);
    expect(codeFor({ a: nested(LIMITS.nesting) })).to.equal('TOO_LARGE');
    expect(codeFor({ a: nested(100_000) })).to.equal('TOO_LARGE');
    expect(codeFor(cycle)).to.equal('TOO_LARGE');
  });

  it('bounds the size, and takes all whose JSON is within the bound', () => {
    const room = LIMITS.argumentBytes - '{"a":""}'.length;
    expect(codeFor({ a: 'x'.repeat(room) })).to.equal(null);
    expect(codeFor({ a: 'x'.repeat(LIMITS.argumentBytes) })).to.equal('TOO_LARGE');
    const most = Math.floor((LIMITS.argumentBytes - '{"a":[]}'.length) / 2);
    expect(codeFor({ a: new Array(most).fill(7) })).to.equal(null);
    expect(codeFor({ a: new Array(2 * LIMITS.argumentBytes).fill(7) })).to.equal('TOO_LARGE');
    expect(codeFor({ ['k'.repeat(LIMITS.argumentBytes + 1)]: 1 })).to.equal('TOO_LARGE');
    expect(codeFor({ a: Array.from({ length: LIMITS.argumentBytes }, () => ({})) })).to.equal(
      'TOO_LARGE',
    );
  });
});
