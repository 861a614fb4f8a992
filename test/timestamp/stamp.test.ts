import { expect } from 'chai';
import fc from 'fast-check';
import type { SessionId } from '../../src/base/ids.js';
import {
  compareStamps,
  laterStamp,
  nextStamp,
  PHYSICAL_MAX_MS,
  type Stamp,
  stampText,
  ZERO_STAMP,
} from '../../src/timestamp/stamp.js';

const LOGICAL_MAX = 2 ** 32 - 1;

const aStamp: fc.Arbitrary<Stamp> = fc.record({
  physicalMs: fc.oneof(fc.nat({ max: 3 }), fc.integer({ min: 0, max: PHYSICAL_MAX_MS })),
  logical: fc.oneof(fc.nat({ max: 3 }), fc.integer({ min: 0, max: LOGICAL_MAX })),
});

/** Clocks that step back, stand still, run below zero or beyond what has a text form. */
const aClock = fc.oneof(
  fc.nat({ max: 5 }),
  fc.double({ min: -10, max: 2e12, noNaN: true }),
  fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300),
);

const sessions = fc
  .string({ unit: fc.constantFrom(...'AZaz09_-'.split('')), minLength: 21, maxLength: 21 })
  .map((text) => text as SessionId);
const digests = fc.string({
  unit: fc.constantFrom(...'0af'.split('')),
  minLength: 32,
  maxLength: 32,
});

describe('stamps', () => {
  it('are totally ordered by physical, then logical part', () => {
    fc.assert(
      fc.property(aStamp, aStamp, aStamp, (a, b, c) => {
        expect(Math.sign(compareStamps(a, b))).to.equal(-Math.sign(compareStamps(b, a)) + 0);
        if (a.physicalMs !== b.physicalMs) {
          expect(compareStamps(a, b) < 0).to.equal(a.physicalMs < b.physicalMs);
        } else expect(compareStamps(a, b) < 0).to.equal(a.logical < b.logical);
        if (compareStamps(a, b) <= 0 && compareStamps(b, c) <= 0) {
          expect(compareStamps(a, c)).to.be.at.most(0);
        }
        expect(compareStamps(laterStamp(a, b), a)).to.be.at.least(0);
        expect(compareStamps(laterStamp(a, b), b)).to.be.at.least(0);
        expect(laterStamp(a, b)).to.be.oneOf([a, b]);
      }),
    );
  });

  it('rise with every step of a session, whatever its clock does', () => {
    fc.assert(
      fc.property(aStamp, fc.array(aClock), (start, clock) => {
        let last = start;
        for (const wallMs of clock) {
          const next = nextStamp(last, wallMs);
          expect(compareStamps(next, last)).to.be.above(0);
          expect(Number.isSafeInteger(next.physicalMs)).to.equal(true);
          expect(next.logical).to.be.within(0, LOGICAL_MAX);
          last = next;
        }
      }),
    );
  });

  it('follow the clock where it is ahead', () => {
    expect(nextStamp(ZERO_STAMP, 1234.9)).to.deep.equal({ physicalMs: 1234, logical: 0 });
    expect(nextStamp({ physicalMs: 1234, logical: 5 }, 1234)).to.deep.equal({
      physicalMs: 1234,
      logical: 6,
    });
    expect(nextStamp({ physicalMs: 1234, logical: 5 }, 1000)).to.deep.equal({
      physicalMs: 1234,
      logical: 6,
    });
    expect(nextStamp(ZERO_STAMP, -5)).to.deep.equal({ physicalMs: 0, logical: 1 });
  });

  it('carry a full logical part over into the physical one', () => {
    expect(nextStamp({ physicalMs: 7, logical: LOGICAL_MAX }, 7)).to.deep.equal({
      physicalMs: 8,
      logical: 0,
    });
  });

  it('take no time from a clock that is no number', () => {
    const next = nextStamp({ physicalMs: 7, logical: 0 }, Number.NaN);
    expect(next).to.deep.equal({ physicalMs: 7, logical: 1 });
  });

  it('never grow beyond what has a text form', () => {
    const last = { physicalMs: PHYSICAL_MAX_MS, logical: 0 };
    expect(nextStamp(ZERO_STAMP, 1e300)).to.deep.equal(last);
    expect(PHYSICAL_MAX_MS.toString(36)).to.equal('zzzzzzzzz');
    expect(LOGICAL_MAX.toString(36)).to.have.length(7);
  });
});

describe('stampText', () => {
  const anUpdate = fc.tuple(aStamp, sessions, digests);

  it('orders as stamp, then session, then digest do', () => {
    fc.assert(
      fc.property(anUpdate, anUpdate, ([a, session, digest], [b, otherSession, otherDigest]) => {
        const [one, other] = [
          stampText(a, session, digest),
          stampText(b, otherSession, otherDigest),
        ];
        const order = compareStamps(a, b);
        const names = [session + digest, otherSession + otherDigest] as const;
        if (order !== 0) expect(one < other).to.equal(order < 0);
        else expect(one < other).to.equal(names[0] < names[1]);
        expect(one === other).to.equal(order === 0 && names[0] === names[1]);
      }),
    );
  });

  it('orders equal stamps by session first', () => {
    const [a, b] = ['A'.repeat(21), 'B'.repeat(21)] as [SessionId, SessionId];
    const [low, high] = ['0'.repeat(32), 'f'.repeat(32)];
    expect(stampText(ZERO_STAMP, a, high) < stampText(ZERO_STAMP, b, low)).to.equal(true);
    expect(stampText(ZERO_STAMP, a, low) < stampText(ZERO_STAMP, a, high)).to.equal(true);
  });

  it('comes after the empty stamp of initial data', () => {
    fc.assert(
      fc.property(anUpdate, ([stamp, session, digest]) => {
        expect(stampText(stamp, session, digest) > '').to.equal(true);
      }),
    );
  });

  it('is pinned: it is stored in the state of services', () => {
    const session = 'V1StGXR8_Z5jdHi6B-myT' as SessionId;
    const text = stampText({ physicalMs: 1_800_000_000_123, logical: 7 }, session, 'ab');
    expect(text).to.equal('0mywpiwzf0000007V1StGXR8_Z5jdHi6B-myTab');
  });
});
