/** The service's state: checking arguments, executing updates in transactions of 64, answering reads. */

import { ServiceState } from '../src/node/service-state.js';
import { kv } from '../src/service/kv/kv.js';
import { openSqlDatabase } from '../src/storage/sql-database.js';
import { queryOf, timestampAfter, updateOf } from './samples.js';
import type { MicroCase } from './stopwatch.js';

const GROUP = 64;
const KEYS = 10_000;

/** Opens a database, which goes away with the process. */
export async function kvCases(): Promise<MicroCase[]> {
  const database = await openSqlDatabase();
  kv.createTables(database);
  const state = new ServiceState(kv, database);
  for (let number = 0; number < KEYS; number++) state.apply(state.bodyOf(updateOf(number)));
  state.commit();
  const updates = Array.from({ length: GROUP }, (_, number) => updateOf(number));
  // Enough for each write to be later than the one before it of its key, which it then replaces.
  let next = KEYS;
  const query = queryOf(0, timestampAfter(1));
  return [
    {
      name: 'check arguments of set, with digest',
      unit: 'update',
      round: () => {
        for (const update of updates) state.bodyOf(update);
        return GROUP;
      },
    },
    {
      name: `execute set, ${GROUP} a transaction`,
      unit: 'update',
      round: () => {
        for (const { session, n, stamp, operation, args, user } of updates) {
          const later = { physicalMs: stamp.physicalMs + next, logical: 0 };
          state.apply({ session, n, digest: '', stamp: later, operation, args, user });
        }
        next += GROUP;
        state.commit();
        return GROUP;
      },
    },
    {
      name: 'answer get',
      unit: 'query',
      round: () => {
        for (let count = 0; count < GROUP; count++) state.read(query);
        return GROUP;
      },
    },
  ];
}
