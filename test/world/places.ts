/** A small service whose updates are completed from outside the cluster: where somebody lives. */

import { z } from 'zod';
import { HearsayError } from '../../src/base/errors.js';
import type { Database } from '../../src/ports/database.js';
import { defineUpdate, type Outside } from '../../src/service/contract.js';
import { defineService } from '../../src/service/define.js';

const CODE = z.object({ code: z.string() });
const TOWN = z.object({ town: z.string() });

/** Asks `<setting atlas>/CODE`: the body of a 200 is the town, a 404 says that there is none. */
const lookup = {
  found: TOWN,
  async look({ code }: z.output<typeof CODE>, outside: Outside) {
    const { status, body } = await outside.get(`${outside.settings['atlas']}/${code}`, 1000);
    if (status !== 200) throw new HearsayError('INVALID', `there is no town ${code}`);
    return { town: body };
  },
};

/** The greatest stamp stays. */
function settle(db: Database, user: string, town: string, stamp: string): void {
  db.run(
    `INSERT INTO places (user, town, stamp) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET town = excluded.town, stamp = excluded.stamp
     WHERE excluded.stamp > stamp`,
    [user, town, stamp],
  );
}

export const PLACES = defineService({
  name: 'places',
  version: 1,
  schema: {
    causal:
      'CREATE TABLE places (user TEXT PRIMARY KEY, town TEXT, stamp TEXT) STRICT, WITHOUT ROWID',
  },
  visibleState: ['SELECT user, town FROM places ORDER BY user'],
  settings: { atlas: { default: 'http://atlas.example', about: 'where towns are looked up' } },
  queries: {
    place: {
      about: 'The town of a user',
      args: z.object({}),
      run: (db, _, { user }) => {
        const found = db.get<{ town: string }>('SELECT town FROM places WHERE user = ?', [user]);
        return found?.town ?? null;
      },
    },
  },
  updates: {
    move: defineUpdate({
      about: 'Moves to the town with this code',
      ordering: 'causal',
      args: CODE,
      lookup,
      apply: (db, { town }, { user, stamp }) => settle(db, user, town, stamp),
    }),
    rename: {
      about: 'Moves to the town with this name',
      ordering: 'causal',
      administrator: true,
      args: TOWN,
      apply: (db, { town }, { user, stamp }) => settle(db, user, town, stamp),
    },
    evict: defineUpdate({
      about: 'Moves somebody to the town with this code',
      ordering: 'causal',
      administrator: true,
      args: CODE,
      lookup,
      apply: (db, { town }, { stamp }) => settle(db, 'somebody', town, stamp),
    }),
  },
});
