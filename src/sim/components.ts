/** What the simulator is given from outside: SQLite, and a turn of the event loop. */

import type { Service } from '../service/define.js';
import { kv } from '../service/kv/kv.js';
import { movies } from '../service/movies/movies.js';
import { openSqlDatabase } from '../storage/sql-database.js';
import type { PlayComponents, SimulatedService } from './play.js';
import { movieSource } from './workloads/movies.js';

export async function makeComponents(): Promise<PlayComponents> {
  return {
    openDatabase: openSqlDatabase,
    settled: () => new Promise((resolve) => setImmediate(resolve)),
    services: { kv: await simulated(kv), movies: await simulated(movies) },
  };
}

async function simulated(service: Service): Promise<SimulatedService> {
  const database = await openSqlDatabase();
  service.createTables(database);
  service.seed(database, movieSource, () => {});
  const initialState = database.export();
  database.close();
  return { service, initialState };
}
