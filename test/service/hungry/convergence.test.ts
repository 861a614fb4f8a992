import { expect } from 'chai';
import { SeededRandom } from '../../../src/base/random.js';
import { convergenceProperty } from '../../../src/service/convergence.js';
import { hungry } from '../../../src/service/hungry/hungry.js';
import { openSqlDatabase } from '../../../src/storage/sql-database.js';
import { randomHungryUpdate } from './random-hungry-update.js';
import { smallSource } from './small-data.js';

describe('convergence of hungry', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    it(`ends in the same state in any order, seed ${seed}`, async () => {
      const database = await openSqlDatabase();
      const summary = convergenceProperty(hungry, {
        database,
        random: new SeededRandom(seed),
        makeUpdate: randomHungryUpdate,
        source: smallSource(),
      });
      database.close();
      expect(summary.reorderings).to.be.greaterThan(150);
    });
  }
});
