import { expect } from 'chai';
import type { MemberId, Name, Origin } from '../../src/base/ids.js';
import { LIMITS } from '../../src/base/limits.js';
import { founded, Membership } from '../../src/log/membership.js';
import { retirement } from '../../src/replica/membership/retired.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { decodeFrame, encodeFrames } from '../../src/wire/codec.js';

const ID = 'rm-1.abcd' as MemberId;
const originAt = (start: number): Origin => `${ID}~${(36 ** 3 + start).toString(36)}` as Origin;

describe('an identity that is over', () => {
  /** A membership in which so many starts of `rm-1.abcd` left the timestamps, and two more are settled. */
  function membershipWith(dropped: number): Membership {
    const kept = founded([{ name: 'rm-1' as Name, id: ID, address: '' }], 1);
    const cut = VectorTimestamp.zero;
    return new Membership({
      ...kept,
      settled: [1, 2].map((i) => [originAt(dropped + i), { final: i, cut }]),
      dropped: [
        ...Array.from({ length: dropped }, (_, i) => ({ origin: originAt(i + 1), final: 3 })),
        { origin: 'rm-2.b~1' as Origin, final: 4 },
      ],
    });
  }

  it('is told the finals of all its origins where they fit into a message', () => {
    const { finals } = retirement(membershipWith(5), ID);
    expect(finals.map(({ origin }) => origin)).to.have.members([1, 2, 3, 4, 5, 6, 7].map(originAt));
  });

  it('is told those that are settled and the newest others where it was started very often', () => {
    const most = LIMITS.timestampEntries;
    const told = retirement(membershipWith(most), ID);
    expect(told.finals).to.have.length(most);
    const origins = told.finals.map(({ origin }) => origin);
    expect(origins).to.include.members([originAt(most + 1), originAt(most + 2), originAt(3)]);
    expect(origins).to.not.include(originAt(2));
    const [frame = new Uint8Array()] = encodeFrames([told]);
    expect(decodeFrame(frame)).to.deep.equal([told]);
  });
});
