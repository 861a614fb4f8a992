/** Percentiles from buckets are as those from the sorted list, within the buckets' width. */

import { expect } from 'chai';
import fc from 'fast-check';
import { Latencies } from '../../bench/latencies.js';

const latency = fc.double({ min: 0.001, max: 60_000, noNaN: true });

/** Nearest rank, the definition that the buckets follow. */
function exactPercentile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(sorted.length * fraction)) - 1] ?? 0;
}

describe('bench latencies', () => {
  it('gives percentiles within half a per cent', () => {
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1, maxLength: 300 }), (values) => {
        const latencies = new Latencies();
        for (const value of values) latencies.add(value);
        for (const fraction of [0, 0.5, 0.99, 1]) {
          const exact = exactPercentile(values, fraction);
          expect(latencies.percentile(fraction) / exact).to.be.within(0.995, 1.005);
        }
      }),
    );
  });

  it('adds up the counts of several processes', () => {
    fc.assert(
      fc.property(fc.array(latency), fc.array(latency), (some, others) => {
        const [both, merged, second] = [new Latencies(), new Latencies(), new Latencies()];
        for (const value of [...some, ...others]) both.add(value);
        for (const value of some) merged.add(value);
        for (const value of others) second.add(value);
        merged.merge(second.counts);
        expect(merged.total).to.equal(some.length + others.length);
        expect(merged.counts).to.deep.equal(both.counts);
      }),
    );
  });

  it('counts what takes no time, and has no percentiles of nothing', () => {
    const latencies = new Latencies();
    expect(latencies.percentile(0.5)).to.equal(0);
    latencies.add(0);
    expect(latencies.total).to.equal(1);
    expect(latencies.percentile(0.5)).to.equal(0.001);
  });
});
