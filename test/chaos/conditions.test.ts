import { expect } from 'chai';
import { combine, OPEN } from '../../chaos/conditions.js';

describe('conditions of a link', () => {
  it('are open where nothing is in force', () => {
    expect(combine([])).to.deep.equal(OPEN);
    expect(combine([{}])).to.deep.equal(OPEN);
  });

  it('come to the worst of each', () => {
    const swallowed = { passage: 'swallowed', delayMs: 10 } as const;
    const slow = { delayMs: 30, bytesPerSecond: 100 };
    const expected = { passage: 'swallowed', delayMs: 30, bytesPerSecond: 50 };
    for (const all of [
      [swallowed, slow, { bytesPerSecond: 50 }],
      [{ bytesPerSecond: 50 }, slow, swallowed],
    ]) {
      expect(combine(all)).to.deep.equal(expected);
    }
  });

  it('hold bytes back rather than swallow them', () => {
    const [held, swallowed] = [{ passage: 'held' }, { passage: 'swallowed' }] as const;
    expect(combine([held, swallowed]).passage).to.equal('held');
    expect(combine([swallowed, held, { passage: 'open' }]).passage).to.equal('held');
  });
});
