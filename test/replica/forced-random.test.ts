import { expect } from 'chai';
import { type ForcedReport, playForced } from './forced-random.js';

describe('forced logs under a random scheduler', function () {
  this.timeout(120_000);
  const RUNS = 60;

  it(`${RUNS} runs: one order, one result an id, nothing answered is lost, views come to rest`, () => {
    const total = new Map<keyof ForcedReport, number>();
    for (let seed = 1; seed <= RUNS; seed++) {
      for (const [key, count] of Object.entries(playForced(seed))) {
        const what = key as keyof ForcedReport;
        total.set(what, (total.get(what) ?? 0) + (count as number));
      }
    }
    // Things did happen: otherwise the runs would prove nothing.
    for (const [what, count] of total) {
      expect(count, what).to.be.greaterThan(what === 'lostDisks' ? 1 : RUNS / 2);
    }
  });
});
