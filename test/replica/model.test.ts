import { expect } from 'chai';
import { type ModelReport, playModel } from './model.js';

describe('replica cores under a random scheduler', function () {
  this.timeout(60_000);
  const RUNS = 2000;

  it(`${RUNS} runs: closed logs, one meaning a record, once executed, once answered, nothing lost`, () => {
    const total: Record<keyof ModelReport, number> = {
      executed: 0,
      acknowledged: 0,
      crashes: 0,
      breaks: 0,
      lostDisks: 0,
    };
    for (let seed = 1; seed <= RUNS; seed++) {
      const report = playModel(seed);
      for (const key of Object.keys(total) as (keyof ModelReport)[]) total[key] += report[key];
    }
    // Things did happen: otherwise the runs would prove nothing.
    for (const [what, count] of Object.entries(total)) {
      expect(count, what).to.be.greaterThan(RUNS / 20);
    }
  });
});
