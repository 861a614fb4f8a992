import { expect } from 'chai';
import fc from 'fast-check';
import { pounds, readPounds } from '../../../../src/client/ui/shop/money.js';

describe('money', () => {
  it('is shown in pounds', () => {
    expect([0, 5, 50, 1250, 100_000, -5].map(pounds)).to.deep.equal([
      '£0.00',
      '£0.05',
      '£0.50',
      '£12.50',
      '£1000.00',
      '-£0.05',
    ]);
  });

  it('is read in pounds', () => {
    const read = ['', ' ', '2', '2.', '2.5', '2.05', '.5', '£3', ' £3.10 '].map(readPounds);
    expect(read).to.deep.equal([0, 0, 200, 200, 250, 205, 50, 300, 310]);
  });

  it('is nothing else', () => {
    for (const text of ['x', '-1', '1.234', '1,50', '.', '£', '1 2', '1e3', '9999999']) {
      expect(readPounds(text), text).to.equal(null);
    }
  });

  it('is read as it is shown', () => {
    fc.assert(
      fc.property(fc.nat({ max: 99_999_999 }), (pence) => {
        expect(readPounds(pounds(pence))).to.equal(pence);
      }),
    );
  });
});
