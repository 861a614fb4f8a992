import { expect } from 'chai';
import { playHistory } from './history.js';

describe('histories under faults', function () {
  this.timeout(120_000);
  const from = Number(process.env['SEED'] ?? 1);
  const count = Number(process.env['SEEDS'] ?? 10);
  for (let seed = from; seed < from + count; seed++) {
    it(`seed ${seed}: nothing lost, nothing twice, nothing stale`, async () => {
      const replicas = 1 + (seed % 5);
      const report = await playHistory({
        seed,
        replicas,
        frontends: 1 + (seed % 3),
        clients: 4,
        loadMs: 6000,
        faults: true,
      });
      expect(report.violations).to.deep.equal([]);
      if (process.env['SHOW']) console.log(JSON.stringify(report));
      expect(report.acknowledged).to.be.greaterThan(20);
    });
  }
});
