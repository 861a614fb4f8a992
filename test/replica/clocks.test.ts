import { expect } from 'chai';
import fc from 'fast-check';
import { aheadOfMedian, clockAheadMs } from '../../src/replica/clocks.js';
import { ForcedCluster } from './forced-cluster.js';

describe('the median of the clocks', () => {
  it('is that of the middle one, or between the middle two', () => {
    expect(aheadOfMedian([0, 0])).to.equal(0);
    expect(aheadOfMedian([-60_000, -60_000])).to.equal(60_000);
    expect(aheadOfMedian([60_000, 0])).to.equal(0);
    expect(aheadOfMedian([30_000])).to.equal(-15_000);
    expect(aheadOfMedian([1, 2, 3, 100])).to.equal(-2);
  });

  it('names who is wrong while more than half of the clocks are right', () => {
    const right = fc.integer({ min: -1000, max: 1000 });
    const wrong = fc.integer({ min: -1_000_000, max: 1_000_000 });
    fc.assert(
      fc.property(fc.array(right, { minLength: 3, maxLength: 5 }), wrong, wrong, (good, a, b) => {
        const clocks = [...good, a, b];
        for (const [at, own] of clocks.entries()) {
          const others = clocks.filter((_, index) => index !== at).map((clock) => clock - own);
          const ahead = aheadOfMedian(others);
          expect(Math.abs(own - ahead)).to.be.at.most(1001);
        }
      }),
    );
  });
});

describe('a replica whose clock is wrong', () => {
  it('knows it from the heartbeats of the others, and they know that theirs are right', () => {
    const cluster = new ForcedCluster({ members: 3 });
    const wallMs = 1_700_000_000_000;
    const clocks = { 'rm-1': 0, 'rm-2': 45_000, 'rm-3': 0 };
    for (const { state } of cluster.nodes) {
      expect(state === null ? undefined : clockAheadMs(state)).to.equal(null);
    }
    for (const [name, ahead] of Object.entries(clocks)) {
      const clock = { kind: 'clock', wallMs: wallMs + cluster.time.nowMs + ahead } as const;
      cluster.step(cluster.node(name), clock);
    }
    cluster.run(1000);
    expect(clockAheadMs(cluster.core('rm-2'))).to.be.within(44_900, 45_100);
    for (const name of ['rm-1', 'rm-3']) {
      expect(clockAheadMs(cluster.core(name)), name).to.be.within(-100, 100);
    }
  });
});
