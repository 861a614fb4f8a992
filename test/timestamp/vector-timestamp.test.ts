import { expect } from 'chai';
import fc from 'fast-check';
import { InvariantError } from '../../src/base/assert.js';
import { TimestampBuilder, VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { anOrigin, aTimestamp, entries, ORIGINS } from './arbitraries.js';

/** What a timestamp says, entry by entry: the oracle compares nothing but these lists. */
const counts = (timestamp: { get: VectorTimestamp['get'] }): number[] =>
  ORIGINS.map((origin) => timestamp.get(origin));

const covers = (a: readonly number[], b: readonly number[]): boolean =>
  a.every((count, i) => count >= (b[i] ?? 0));

const greatest = (a: readonly number[], b: readonly number[]): number[] =>
  a.map((count, i) => Math.max(count, b[i] ?? 0));

const aCount = fc.integer({ min: 1, max: 5 });

describe('VectorTimestamp', () => {
  it('is made of its entries above 0', () => {
    fc.assert(
      fc.property(entries, (list) => {
        const timestamp = VectorTimestamp.of(list);
        const positive = list.filter(([, count]) => count > 0);
        expect([...timestamp.entries()]).to.deep.equal(positive);
        expect(timestamp.size).to.equal(positive.length);
        expect(timestamp.toJSON()).to.deep.equal(Object.fromEntries(positive));
        for (const [origin, count] of list) expect(timestamp.get(origin)).to.equal(count);
      }),
    );
    expect(VectorTimestamp.of([['!0' as never, 0]])).to.equal(VectorTimestamp.zero);
  });

  it('takes no count that could poison a comparison', () => {
    for (const count of [Number.NaN, -1, 0.5, 2 ** 53, Number.POSITIVE_INFINITY, '3' as never]) {
      const [origin] = ORIGINS;
      if (origin === undefined) throw new Error('no origins');
      expect(() => VectorTimestamp.of([[origin, count]]), String(count)).to.throw(InvariantError);
      expect(() => VectorTimestamp.zero.with(origin, count)).to.throw(InvariantError);
    }
  });

  it('compares as the lists of counts do', () => {
    fc.assert(
      fc.property(aTimestamp, aTimestamp, (a, b) => {
        const [below, above] = [covers(counts(b), counts(a)), covers(counts(a), counts(b))];
        expect(a.leq(b)).to.equal(below);
        expect(b.leq(a)).to.equal(above);
        const expected = below ? (above ? 'equal' : 'before') : above ? 'after' : 'concurrent';
        expect(a.compare(b)).to.equal(expected);
        expect(a.equals(b)).to.equal(expected === 'equal');
        expect(a.leq(new TimestampBuilder(b))).to.equal(below);
      }),
    );
  });

  it('is partially ordered: reflexive, antisymmetric, transitive, with a least element', () => {
    fc.assert(
      fc.property(aTimestamp, aTimestamp, aTimestamp, (a, b, c) => {
        expect(a.leq(a)).to.equal(true);
        expect(VectorTimestamp.zero.leq(a)).to.equal(true);
        if (a.leq(b) && b.leq(a)) expect(a.equals(b)).to.equal(true);
        if (a.leq(b) && b.leq(c)) expect(a.leq(c)).to.equal(true);
        const lower = a.merge(b);
        const upper = lower.merge(c);
        expect(a.leq(lower) && lower.leq(upper) && a.leq(upper)).to.equal(true);
      }),
    );
  });

  it('tells {A: 1} and {A: 1, B: 1} apart: missing is 0, not unknown', () => {
    const [a, b] = ORIGINS as [(typeof ORIGINS)[number], (typeof ORIGINS)[number]];
    const one = VectorTimestamp.of([[a, 1]]);
    expect(one.compare(one.with(b, 1))).to.equal('before');
    expect(one.compare(VectorTimestamp.of([[b, 1]]))).to.equal('concurrent');
  });

  it('takes no timestamp for equal that is further in the same entries', () => {
    const [a] = ORIGINS as [(typeof ORIGINS)[number]];
    const [one, five] = [VectorTimestamp.of([[a, 1]]), VectorTimestamp.of([[a, 5]])];
    expect([one.equals(five), five.equals(one)]).to.deep.equal([false, false]);
    expect(one.equals(VectorTimestamp.of([[a, 1]]))).to.equal(true);
  });

  it('treats the entry of forced operations like any other', () => {
    const [a] = ORIGINS as [(typeof ORIGINS)[number]];
    const forced = '!0' as (typeof ORIGINS)[number];
    const mixed = VectorTimestamp.of([
      [forced, 3],
      [a, 1],
    ]);
    expect(mixed.compare(VectorTimestamp.of([[forced, 2]]))).to.equal('after');
    expect(mixed.compare(VectorTimestamp.of([[forced, 4]]))).to.equal('concurrent');
    expect(mixed.missingFrom(VectorTimestamp.of([[a, 1]]))).to.deep.equal([
      { origin: forced, from: 1, to: 3 },
    ]);
  });

  describe('merge', () => {
    it('is the least upper bound', () => {
      fc.assert(
        fc.property(aTimestamp, aTimestamp, aTimestamp, (a, b, other) => {
          const merged = a.merge(b);
          expect(counts(merged)).to.deep.equal(greatest(counts(a), counts(b)));
          expect(a.leq(merged) && b.leq(merged)).to.equal(true);
          const bound = merged.merge(other);
          expect(a.leq(bound) && b.leq(bound) && merged.leq(bound)).to.equal(true);
          if (a.leq(other) && b.leq(other)) expect(merged.leq(other)).to.equal(true);
        }),
      );
    });

    it('is commutative, associative and idempotent', () => {
      fc.assert(
        fc.property(aTimestamp, aTimestamp, aTimestamp, (a, b, c) => {
          expect(a.merge(b).equals(b.merge(a))).to.equal(true);
          expect(
            a
              .merge(b)
              .merge(c)
              .equals(a.merge(b.merge(c))),
          ).to.equal(true);
          expect(a.merge(a)).to.equal(a);
          expect(a.merge(VectorTimestamp.zero)).to.equal(a);
        }),
      );
    });

    it('answers one of the two itself where it covers the other', () => {
      fc.assert(
        fc.property(aTimestamp, aTimestamp, (a, b) => {
          const upper = a.merge(b);
          expect(upper.merge(a)).to.equal(upper);
          expect(a.merge(upper)).to.be.oneOf([a, upper]);
          if (!upper.equals(a)) expect(a.merge(upper)).to.equal(upper);
        }),
      );
    });
  });

  it('sets one entry', () => {
    fc.assert(
      fc.property(aTimestamp, anOrigin, aCount, (timestamp, origin, count) => {
        const moved = timestamp.with(origin, count);
        const expected = ORIGINS.map((each) => (each === origin ? count : timestamp.get(each)));
        expect(counts(moved)).to.deep.equal(expected);
      }),
    );
  });

  it('names what is missing: the ranges cover exactly the gap', () => {
    fc.assert(
      fc.property(aTimestamp, aTimestamp, (wanted, have) => {
        const ranges = wanted.missingFrom(have);
        expect(ranges.length === 0).to.equal(wanted.leq(have));
        for (const { origin, from, to } of ranges) {
          expect([from, to]).to.deep.equal([have.get(origin) + 1, wanted.get(origin)]);
          expect(from).to.be.at.most(to);
        }
        const short = ORIGINS.filter((origin) => wanted.get(origin) > have.get(origin));
        expect(ranges.map(({ origin }) => origin)).to.have.members(short);
        const first = wanted.firstMissingFrom(have);
        const [range] = ranges;
        expect(first).to.deep.equal(range === undefined ? null : [range.origin, range.to]);
      }),
    );
  });

  it('changes no argument and not itself', () => {
    fc.assert(
      fc.property(entries, entries, anOrigin, aCount, (one, other, origin, count) => {
        const [a, b] = [VectorTimestamp.of(one), VectorTimestamp.of(other)];
        const [listBefore, before] = [JSON.stringify(one), JSON.stringify([a, b])];
        a.merge(b);
        a.with(origin, count);
        a.missingFrom(b);
        a.compare(b);
        const builder = new TimestampBuilder(a);
        builder.mergeIn(b);
        builder.advance(origin, Number.MAX_SAFE_INTEGER);
        expect(JSON.stringify([a, b])).to.equal(before);
        expect(JSON.stringify(one)).to.equal(listBefore);
      }),
    );
  });
});

describe('TimestampBuilder', () => {
  const aMove = fc.oneof(
    fc.record({ kind: fc.constant('advance' as const), origin: anOrigin, count: aCount }),
    fc.record({ kind: fc.constant('merge' as const), timestamp: aTimestamp }),
  );

  it('moves as merging does, only forward, and never changes a value it handed out', () => {
    fc.assert(
      fc.property(aTimestamp, fc.array(aMove), (start, moves) => {
        const builder = new TimestampBuilder(start);
        let expected = start;
        for (const move of moves) {
          const before = builder.value();
          const seen = counts(before);
          if (move.kind === 'advance') {
            builder.advance(move.origin, move.count);
            expected = expected.merge(VectorTimestamp.of([[move.origin, move.count]]));
          } else {
            builder.mergeIn(move.timestamp);
            expected = expected.merge(move.timestamp);
          }
          expect(counts(builder)).to.deep.equal(counts(expected));
          expect(builder.value().equals(expected)).to.equal(true);
          expect(counts(before)).to.deep.equal(seen);
          expect(before.leq(builder.value())).to.equal(true);
        }
      }),
    );
  });

  it('hands out the same object until an entry moves', () => {
    fc.assert(
      fc.property(aTimestamp, aTimestamp, (start, other) => {
        const builder = new TimestampBuilder(start);
        expect(builder.value()).to.equal(start);
        builder.mergeIn(start);
        expect(builder.value()).to.equal(start);
        builder.mergeIn(other);
        const moved = builder.value();
        expect(moved === start).to.equal(other.leq(start));
        expect(builder.value()).to.equal(moved);
      }),
    );
    expect(new TimestampBuilder().value()).to.equal(VectorTimestamp.zero);
  });
});
