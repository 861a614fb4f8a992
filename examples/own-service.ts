/**
 * A service of one's own: a guest list. Names are added and struck out; of two writes of one name the
 * one with the greater stamp stays, so that all replicas agree whatever order they came in. The
 * convergence kit tries to prove us wrong before the service is run.
 *
 *     node dist/examples/own-service.js
 */

import { connect, defineService, startCluster } from 'hearsay';
import { z } from 'zod';
import { SeededRandom } from '../src/base/random.js';
import { convergenceProperty } from '../src/service/convergence.js';
import { openSqlDatabase } from '../src/storage/sql-database.js';

const GUEST = z.string().min(1).max(80).describe('1 to 80 characters');

/** A name that was struck out stays as a tombstone (`comes` = 0): an older write must not get past it. */
const WRITE = `
  INSERT INTO guests (guest, comes, stamp) VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET comes = excluded.comes, stamp = excluded.stamp
  WHERE excluded.stamp > stamp`;

const guests = defineService({
  name: 'guests',
  version: 1,
  schema: {
    causal: `CREATE TABLE guests (
      guest TEXT PRIMARY KEY,
      comes INTEGER NOT NULL,
      stamp TEXT NOT NULL
    ) WITHOUT ROWID`,
  },
  visibleState: ['SELECT guest FROM guests WHERE comes ORDER BY guest'],
  queries: {
    list: {
      about: 'Who comes',
      anonymous: true,
      args: z.object({}),
      run: (db) =>
        db
          .all<{ guest: string }>('SELECT guest FROM guests WHERE comes ORDER BY guest')
          .map(({ guest }) => guest),
    },
  },
  updates: {
    invite: {
      about: 'Put a name on the list',
      anonymous: true,
      ordering: 'causal',
      args: z.object({ guest: GUEST }),
      apply: (db, { guest }, { stamp }) => void db.run(WRITE, [guest, 1, stamp]),
    },
    strike: {
      about: 'Strike a name out',
      anonymous: true,
      ordering: 'causal',
      args: z.object({ guest: GUEST }),
      apply: (db, { guest }, { stamp }) => void db.run(WRITE, [guest, 0, stamp]),
    },
  },
});

// Random histories, each executed in several causal orders: throws a counterexample in words.
const database = await openSqlDatabase();
const tried = convergenceProperty(guests, {
  database,
  random: new SeededRandom(1),
  makeUpdate: (random) => ({
    operation: random.pick(['invite', 'strike']),
    args: { guest: random.pick(['Ann', 'Bob']) },
    user: '',
  }),
});
database.close();
console.log(`${tried.updates} updates in ${tried.reorderings} other orders: always the same state`);

const cluster = await startCluster({ replicas: 3, service: guests });
const client = await connect(cluster.frontends);
await client.update('invite', { guest: 'Ann' });
await client.update('invite', { guest: 'Bob' });
await client.update('strike', { guest: 'Bob' });
console.log((await client.query('list')).value);
await client.close();
await cluster.close();
