/** What is run, and how requests are dealt out. */

import { expect } from 'chai';
import fc from 'fast-check';
import { planRuns, share } from '../../bench/plan.js';

describe('bench plan', () => {
  it('measures updates in both shapes and queries with one session a request', () => {
    const runs = planRuns({ workloads: ['updates', 'fresh'], inFlight: [1, 64], shape: null });
    expect(runs.map(({ workload, shape, inFlight }) => `${workload} ${shape} ${inFlight}`)).to.eql([
      'updates single 1',
      'updates single 64',
      'updates pipelined 1',
      'updates pipelined 64',
      'fresh single 1',
      'fresh single 64',
    ]);
  });

  it('measures everything in the shape that is asked for', () => {
    const runs = planRuns({ workloads: ['updates', 'mix'], inFlight: [16], shape: 'pipelined' });
    expect(runs.map(({ workload, shape }) => `${workload} ${shape}`)).to.eql([
      'updates pipelined',
      'mix pipelined',
    ]);
  });

  it('deals out all, as evenly as can be', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 8 }), (total, parts) => {
        const shares = share(total, parts);
        expect(shares).to.have.length(parts);
        expect(shares.reduce((sum, each) => sum + each, 0)).to.equal(total);
        expect(Math.max(...shares) - Math.min(...shares)).to.be.at.most(1);
      }),
    );
  });
});
