import { expect } from 'chai';
import fc from 'fast-check';
import {
  decodeGroup,
  encodeGroup,
  groupKey,
  groupNumber,
  groupRange,
} from '../../src/storage/group-format.js';

const numbers = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

describe('the form of groups', () => {
  it('gives back what was put in, under its own number only', () => {
    fc.assert(
      fc.property(numbers, numbers, fc.uint8Array(), (number, other, bytes) => {
        const value = encodeGroup(number, bytes);
        expect(Uint8Array.from(decodeGroup(number, value) ?? [])).to.deep.equal(bytes);
        if (other !== number) expect(decodeGroup(other, value)).to.equal(null);
      }),
    );
  });

  it('notices any flipped bit and any cut', () => {
    const value = encodeGroup(7, Buffer.from('a group'));
    for (let bit = 0; bit < value.length * 8; bit++) {
      const wrong = Buffer.from(value);
      wrong.writeUInt8((wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
      expect(decodeGroup(7, wrong), `bit ${bit}`).to.equal(null);
    }
    for (let length = 0; length < value.length; length++) {
      expect(decodeGroup(7, value.subarray(0, length)), `${length} bytes`).to.equal(null);
    }
  });

  it('orders keys by number, each kind in its own range', () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const [first, second] = [groupKey('group', a), groupKey('group', b)];
        expect(Math.sign(Buffer.compare(first, second))).to.equal(Math.sign(a - b));
        expect(groupNumber(first)).to.equal(a);
        const { gte, lt } = groupRange('group');
        expect(Buffer.compare(gte, first)).to.equal(-1);
        expect(Buffer.compare(first, lt)).to.equal(-1);
        expect(Buffer.compare(lt, groupKey('later', b))).to.equal(-1);
      }),
    );
  });
});
