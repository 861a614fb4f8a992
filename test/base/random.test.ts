import { expect } from 'chai';
import fc from 'fast-check';
import { type Random, SeededRandom } from '../../src/base/random.js';

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

const draws = (random: Random, count: number, bound = 2 ** 32): number[] =>
  Array.from({ length: count }, () => random.below(bound));

/** xoshiro128** and splitmix32 as their papers write them, in numbers without width. */
function* reference(seed: number): Generator<number, never> {
  const word = (value: bigint): bigint => BigInt.asUintN(32, value);
  const rotate = (value: bigint, bits: bigint): bigint =>
    word((value << bits) | (value >> (32n - bits)));
  const s: bigint[] = [];
  for (let i = 1n; i <= 4n; i++) {
    let mixed = word(BigInt(seed) + i * 0x9e3779b9n);
    mixed = word((mixed ^ (mixed >> 16n)) * 0x85ebca6bn);
    mixed = word((mixed ^ (mixed >> 13n)) * 0xc2b2ae35n);
    s.push(mixed ^ (mixed >> 16n));
  }
  let [a, b, c, d] = s as [bigint, bigint, bigint, bigint];
  for (;;) {
    yield Number(word(rotate(word(b * 5n), 7n) * 9n));
    const shifted = word(b << 9n);
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11n);
  }
}

/** Pearson's statistic of counts that should all be equal. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

function tally(values: readonly number[], cells: number): number[] {
  const counts = new Array<number>(cells).fill(0);
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

/** Where the statistic of a fair source lies in all but 1 of 10,000 cases (Wilson and Hilferty). */
function chiSquareBound(cells: number): number {
  const freedom = cells - 1;
  const spread = 2 / (9 * freedom);
  return freedom * (1 - spread + 3.719 * Math.sqrt(spread)) ** 3;
}

describe('SeededRandom', () => {
  it('draws what it always drew: pinned seeds replay old runs', () => {
    const first = [0, 42, 2 ** 32 - 1].map((seed) => draws(new SeededRandom(seed), 3));
    expect(first).to.deep.equal([
      [3809008728, 1133695204, 53579671],
      [2837322924, 544945897, 479756282],
      [835879718, 1921286648, 2356205009],
    ]);
    expect(draws(new SeededRandom(42).child('network'), 2)).to.deep.equal([1478880094, 58966147]);
    expect(new SeededRandom(42).nonce(12)).to.equal('ybosys82sov8');
  });

  it('is xoshiro128** seeded by splitmix32', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const expected = reference(seed);
        for (const draw of draws(new SeededRandom(seed), 100)) {
          expect(draw).to.equal(expected.next().value);
        }
      }),
      { numRuns: 20 },
    );
  });

  for (const bound of [2, 6, 100, 1000]) {
    it(`draws each number below ${bound} equally often`, () => {
      for (const seed of [1, 2, 3]) {
        const counts = tally(draws(new SeededRandom(seed), 100 * bound, bound), bound);
        expect(counts).to.have.length(bound);
        expect(chiSquare(counts)).to.be.below(chiSquareBound(bound));
      }
    });
  }

  it('favours no remainder of a bound that does not divide 2^32', () => {
    // Below 3/4 of 2^32, a plain remainder would draw the first third twice as often.
    const bound = 3 * 2 ** 30;
    const thirds = draws(new SeededRandom(7), 30_000, bound).map((draw) =>
      Math.floor(draw / 2 ** 30),
    );
    expect(chiSquare(tally(thirds, 3))).to.be.below(chiSquareBound(3));
  });

  it('takes no bound but a whole number from 1 to 2^32', () => {
    const random = new SeededRandom(1);
    for (const bound of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => random.below(bound), String(bound)).to.throw(RangeError);
    }
    expect(random.below(1)).to.equal(0);
    expect(() => random.pick([])).to.throw(RangeError);
  });

  it('gives chances as ratios', () => {
    const random = new SeededRandom(5);
    let hits = 0;
    for (let i = 0; i < 40_000; i++) if (random.chance(1, 4)) hits++;
    expect(hits).to.be.closeTo(10_000, 350); // four standard deviations
    expect(random.chance(0, 5)).to.equal(false);
    expect(random.chance(5, 5)).to.equal(true);
  });

  it('makes nonces of letters and digits', () => {
    expect(new SeededRandom(9).nonce(200)).to.match(/^[a-z0-9]{200}$/);
    expect(new SeededRandom(9).nonce(0)).to.equal('');
  });

  describe('child', () => {
    it('does not depend on what its parent drew, nor the parent on its children', () => {
      fc.assert(
        fc.property(seeds, fc.string(), fc.nat({ max: 20 }), (seed, label, count) => {
          const parent = new SeededRandom(seed);
          const early = draws(parent.child(label), 5);
          draws(parent, count);
          expect(draws(parent.child(label), 5)).to.deep.equal(early);
          const rest = draws(parent, 5);
          const childless = new SeededRandom(seed);
          draws(childless, count);
          expect(draws(childless, 5)).to.deep.equal(rest);
        }),
      );
    });

    it('differs by label, by order of labels, and from its parent', () => {
      const root = new SeededRandom(11);
      const streams = [
        root,
        root.child(''),
        root.child('a'),
        root.child('b'),
        root.child('ab'),
        root.child('a').child('a'),
        root.child('a').child('b'),
        root.child('b').child('a'),
      ].map((random) => draws(random, 3).join());
      expect(new Set(streams).size).to.equal(streams.length);
    });

    it('is independent of its parent and of its sibling', () => {
      const side = 8;
      for (const seed of [1, 2, 3]) {
        const root = new SeededRandom(seed);
        const [one, other] = [root.child('disk'), root.child('network')];
        for (const [x, y] of [
          [root, one],
          [one, other],
        ] as const) {
          const pairs = Array.from({ length: 200 * side * side }, () => {
            return x.below(side) * side + y.below(side);
          });
          const cells = side * side;
          expect(chiSquare(tally(pairs, cells))).to.be.below(chiSquareBound(cells));
        }
      }
    });
  });
});
