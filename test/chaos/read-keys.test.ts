import { expect } from 'chai';
import fc from 'fast-check';
import { readsOf } from '../../chaos/read-keys.js';

describe('reading every key', () => {
  it('takes one scan where all fit into it, and none where there is nothing', () => {
    expect(readsOf(['a', 'b'], 2)).to.deep.equal({ scans: [''], gets: [] });
    expect(readsOf([], 2)).to.deep.equal({ scans: [], gets: [] });
  });

  it('divides by the next character', () => {
    const keys = ['once/1-1', 'once/1-10', 'once/1-11', 'once/2-1', 'hot/1'];
    expect(readsOf(keys, 2)).to.deep.equal({
      scans: ['once/1-10', 'once/1-11', 'once/2', 'h'],
      gets: ['once/1-1'],
    });
  });

  it('covers every key once, and no scan is cut short', () => {
    const someKeys = fc.uniqueArray(
      fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 6 }),
    );
    fc.assert(
      fc.property(someKeys, fc.integer({ min: 1, max: 5 }), (keys, most) => {
        const { scans, gets } = readsOf(keys, most);
        const shown = scans.map((prefix) => keys.filter((key) => key.startsWith(prefix)));
        for (const each of shown) expect(each.length).to.be.within(1, most);
        expect([...shown.flat(), ...gets].sort()).to.deep.equal([...keys].sort());
      }),
    );
  });
});
