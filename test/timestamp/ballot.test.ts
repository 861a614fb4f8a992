/** Ballots: the one order of views, which no two members can disagree on. */

import { expect } from 'chai';
import fc from 'fast-check';
import type { MemberId } from '../../src/base/ids.js';
import {
  type Ballot,
  compareBallots,
  isLater,
  isSameBallot,
  laterBallot,
  ZERO_BALLOT,
} from '../../src/timestamp/ballot.js';

const owner = (text: string): MemberId => text as MemberId;

/** Few numbers and owners, so that they often meet; the owners' order is that of their texts. */
const OWNERS = ['rm-1.x7', 'rm-10.a2', 'rm-2.b3'].map(owner);

const aBallot: fc.Arbitrary<Ballot> = fc.oneof(
  fc.constant(ZERO_BALLOT),
  fc.record({ n: fc.integer({ min: 1, max: 3 }), owner: fc.constantFrom(...OWNERS) }),
);

describe('ballots', () => {
  it('are ordered by number, then by the text of the owner', () => {
    const ascending: Ballot[] = [
      ZERO_BALLOT,
      { n: 1, owner: owner('rm-9.zz') },
      { n: 2, owner: owner('rm-10.a2') },
      { n: 2, owner: owner('rm-2.b3') },
      { n: 2, owner: owner('rm-2.b4') },
      { n: 10, owner: owner('rm-1.x7') },
    ];
    for (const [i, one] of ascending.entries()) {
      for (const [j, other] of ascending.entries()) {
        expect(Math.sign(compareBallots(one, other)), `${i} and ${j}`).to.equal(Math.sign(i - j));
      }
    }
  });

  it('are totally ordered: no two members can make the same one', () => {
    fc.assert(
      fc.property(aBallot, aBallot, aBallot, (a, b, c) => {
        const sign = Math.sign(compareBallots(a, b));
        expect(Math.sign(compareBallots(b, a))).to.equal(-sign + 0);
        expect(sign === 0).to.equal(a.n === b.n && a.owner === b.owner);
        expect(isSameBallot(a, b)).to.equal(sign === 0);
        expect(isLater(a, b)).to.equal(sign > 0);
        if (isLater(a, b) && isLater(b, c)) expect(isLater(a, c)).to.equal(true);
      }),
    );
  });

  it('the one before all views is later than none', () => {
    fc.assert(
      fc.property(aBallot, (ballot) => {
        expect(isLater(ZERO_BALLOT, ballot)).to.equal(false);
        expect(isLater(ballot, ZERO_BALLOT)).to.equal(ballot.n > 0);
      }),
    );
  });

  it('the later of two is one of them, and the first where they are the same', () => {
    fc.assert(
      fc.property(aBallot, aBallot, (a, b) => {
        expect(laterBallot(a, b)).to.equal(isLater(b, a) ? b : a);
        expect(isLater(a, laterBallot(a, b))).to.equal(false);
        expect(isLater(b, laterBallot(a, b))).to.equal(false);
      }),
    );
  });
});
