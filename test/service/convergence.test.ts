import { expect } from 'chai';
import { z } from 'zod';
import { SeededRandom } from '../../src/base/random.js';
import { ConvergenceError, convergenceProperty } from '../../src/service/convergence.js';
import { defineService, type Service } from '../../src/service/define.js';
import { kv } from '../../src/service/kv/kv.js';
import { movies } from '../../src/service/movies/movies.js';
import { openSqlDatabase } from '../../src/storage/sql-database.js';
import { randomKvUpdate, randomMoviesUpdate } from './random-updates.js';
import { smallSource } from './movies/small-data.js';

const SEEDS = [1, 2, 3, 4, 5];

describe('convergence kit', () => {
  for (const seed of SEEDS) {
    it(`movies converge, seed ${seed}`, async () => {
      const database = await openSqlDatabase();
      const summary = convergenceProperty(movies, {
        database,
        random: new SeededRandom(seed),
        makeUpdate: randomMoviesUpdate,
        source: smallSource(),
      });
      database.close();
      expect(summary.updates).to.equal(1200);
      expect(summary.reorderings).to.be.greaterThan(150);
    });

    it(`kv converges, seed ${seed}`, async () => {
      const database = await openSqlDatabase();
      const summary = convergenceProperty(kv, {
        database,
        random: new SeededRandom(seed),
        makeUpdate: randomKvUpdate,
      });
      database.close();
      expect(summary.reorderings).to.be.greaterThan(150);
    });
  }

  /** Services with one mistake each, and what the message must say of it. */
  const broken: [mistake: string, service: Service, counterexample: RegExp][] = [
    [
      'last writer by arrival',
      register((db, { value }) => {
        db.run('DELETE FROM register');
        db.run('INSERT INTO register VALUES (0, ?, 0)', [value]);
      }),
      /does not converge.*(?:\n {2}#\d+ set .*){2}\nexecuted as (#\d+) (#\d+).*\n.*\nexecuted as \2 \1/,
    ],
    [
      'adding only over a smaller stamp',
      register((db, { value }, stamp) => {
        db.run(
          `INSERT INTO register VALUES (0, ?, ?)
           ON CONFLICT DO UPDATE SET value = value + excluded.value, stamp = excluded.stamp
           WHERE excluded.stamp > stamp`,
          [value, stamp],
        );
      }),
      /does not converge/,
    ],
    [
      'delete without tombstone',
      register((db, { value }, stamp) => {
        if (value === 1) db.run('DELETE FROM register WHERE stamp < ?', [stamp]);
        else {
          db.run(
            `INSERT INTO register VALUES (0, ?, ?)
             ON CONFLICT DO UPDATE SET value = excluded.value, stamp = excluded.stamp
             WHERE excluded.stamp > stamp`,
            [value, stamp],
          );
        }
      }),
      /only there:\n {2}none(?:$|\nexecuted)/,
    ],
    [
      'a mean kept in floating point',
      register((db, { value }) => {
        db.run(
          `INSERT INTO register VALUES (0, ? / 10.0, 1)
           ON CONFLICT DO UPDATE SET
             value = value + (excluded.value - value) / (stamp + 1), stamp = stamp + 1`,
          [value],
        );
      }),
      /does not converge/,
    ],
    [
      'throwing on a state that was not expected',
      register((db) => {
        const before = db.get<{ value: number }>('SELECT value FROM register');
        if (before !== undefined) throw new Error('exists already');
        db.run('INSERT INTO register VALUES (0, 0, 0)');
      }),
      /apply of #\d+ throws, .*: Error: exists already(?:\n {2}#\d+ .*){2}\nexecuted as #\d+ #\d+$/,
    ],
    [
      'depending on more than the state',
      register(
        (
          (calls) => (db) =>
            db.run('INSERT INTO register VALUES (0, ?, 0) ON CONFLICT DO NOTHING', [calls++])
        )(0),
      ),
      /is not deterministic.*\n {2}#\d+ set [^\n]*\nexecuted as/,
    ],
  ];
  for (const [mistake, service, counterexample] of broken) {
    for (const seed of SEEDS) {
      it(`catches ${mistake}, seed ${seed}`, async () => {
        const database = await openSqlDatabase();
        const run = () =>
          convergenceProperty(service, {
            database,
            random: new SeededRandom(seed),
            makeUpdate: (random) => ({
              operation: 'set',
              args: { value: random.below(10) },
              user: 'x',
            }),
          });
        expect(run).to.throw(ConvergenceError, counterexample);
        database.close();
      });
    }
  }
});

type Apply = (
  db: Parameters<Service['apply']>[0],
  args: { value: number },
  stamp: string,
) => unknown;

/** A service with one number, which `apply` writes. */
function register(apply: Apply): Service {
  return defineService({
    name: 'register',
    version: 1,
    schema: {
      causal: 'CREATE TABLE register (key INTEGER PRIMARY KEY, value, stamp) WITHOUT ROWID',
    },
    visibleState: ['SELECT value FROM register ORDER BY key'],
    queries: {},
    updates: {
      set: {
        about: 'Write the number',
        ordering: 'causal',
        args: z.object({ value: z.int() }),
        apply(db, args, { stamp }) {
          apply(db, args, stamp);
        },
      },
    },
  });
}
