/** What the simulator is given from outside: SQLite, and a turn of the event loop. */

import type { Source } from '../ports/source.js';
import type { Service } from '../service/define.js';
import { hungry } from '../service/hungry/hungry.js';
import { kv } from '../service/kv/kv.js';
import { movies } from '../service/movies/movies.js';
import { openSqlDatabase } from '../storage/sql-database.js';
import type { PlayComponents, SimulatedService } from './play.js';
import { hungryOutside, hungrySource } from './workloads/hungry.js';
import { movieSource } from './workloads/movies.js';

export async function makeComponents(): Promise<PlayComponents> {
  return {
    openDatabase: openSqlDatabase,
    settled: () => new Promise((resolve) => setImmediate(resolve)),
    services: {
      kv: await simulated(kv, NO_SOURCE),
      movies: await simulated(movies, movieSource),
      hungry: { ...(await simulated(hungry, hungrySource)), outside: hungryOutside },
    },
  };
}

/** Nothing to begin with. */
const NO_SOURCE: Source = { label: 'nothing', rows: () => [] };

async function simulated(service: Service, source: Source): Promise<SimulatedService> {
  const database = await openSqlDatabase();
  service.createTables(database);
  service.seed(database, source, () => {});
  const initialState = database.export();
  database.close();
  return { service, initialState };
}
