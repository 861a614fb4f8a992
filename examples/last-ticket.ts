/**
 * A service with forced updates: tickets that are sold once. All replicas execute `open` and `buy` in one
 * order, each with the same result, so the last ticket has one buyer though two ask for it at the same
 * moment, at two front ends. Applause is causal: it may be counted in any order, and always goes on.
 *
 *     node dist/examples/last-ticket.js
 */

import { connect, defineService, HearsayError, refuse, startCluster } from 'hearsay';
import { z } from 'zod';
import { SeededRandom } from '../src/base/random.js';
import { convergenceProperty } from '../src/service/convergence.js';
import { openSqlDatabase } from '../src/storage/sql-database.js';

const SHOW = z.string().min(1).max(80).describe('1 to 80 characters');

interface Tickets {
  readonly tickets: number;
  readonly sold: number;
}

const tickets = defineService({
  name: 'tickets',
  version: 1,
  schema: {
    causal: `CREATE TABLE applause (
      show TEXT PRIMARY KEY,
      hands INTEGER NOT NULL
    ) WITHOUT ROWID`,
    forced: `CREATE TABLE shows (
      show TEXT PRIMARY KEY,
      tickets INTEGER NOT NULL,
      sold INTEGER NOT NULL
    ) WITHOUT ROWID`,
  },
  visibleState: [
    'SELECT show, hands FROM applause ORDER BY show',
    'SELECT show, tickets, sold FROM shows ORDER BY show',
  ],
  queries: {
    left: {
      about: 'How many tickets are left, and how much applause there was',
      anonymous: true,
      args: z.object({ show: SHOW }),
      // A query may read both kinds of tables.
      run(db, { show }) {
        const found = db.get<Tickets>('SELECT tickets, sold FROM shows WHERE show = ?', [show]);
        if (found === undefined) return refuse(`there is no show ${show}`);
        const sql = 'SELECT hands FROM applause WHERE show = ?';
        const hands = db.get<{ hands: number }>(sql, [show])?.hands ?? 0;
        return { left: found.tickets - found.sold, hands };
      },
    },
  },
  updates: {
    open: {
      about: 'Sell tickets for a show',
      anonymous: true,
      ordering: 'forced',
      args: z.object({ show: SHOW, tickets: z.int().min(1).max(1000) }),
      apply(db, { show, tickets }) {
        const isOpen = db.get('SELECT 1 FROM shows WHERE show = ?', [show]) !== undefined;
        if (isOpen) return refuse(`tickets for ${show} are sold already`);
        db.run('INSERT INTO shows (show, tickets, sold) VALUES (?, ?, 0)', [show, tickets]);
        return null;
      },
    },
    buy: {
      about: 'Buy the next ticket; gives its number',
      anonymous: true,
      ordering: 'forced',
      args: z.object({ show: SHOW }),
      // Refuses before it writes anything: a refusal, too, is a result that all replicas agree on.
      apply(db, { show }) {
        const found = db.get<Tickets>('SELECT tickets, sold FROM shows WHERE show = ?', [show]);
        if (found === undefined) return refuse(`there is no show ${show}`);
        if (found.sold === found.tickets) return refuse(`${show} is sold out`);
        db.run('UPDATE shows SET sold = sold + 1 WHERE show = ?', [show]);
        return { ticket: found.sold + 1 };
      },
    },
    clap: {
      about: 'Applaud',
      anonymous: true,
      ordering: 'causal',
      args: z.object({ show: SHOW }),
      apply(db, { show }) {
        db.run(
          `INSERT INTO applause (show, hands) VALUES (?, 1)
           ON CONFLICT DO UPDATE SET hands = hands + 1`,
          [show],
        );
      },
    },
  },
});

// The kit keeps the one order of forced updates, and moves causal ones around them.
const database = await openSqlDatabase();
const tried = convergenceProperty(tickets, {
  database,
  random: new SeededRandom(1),
  makeUpdate(random) {
    const operation = random.pick(['open', 'buy', 'buy', 'clap']);
    const show = random.pick(['Hamlet', 'Lear']);
    return { operation, args: operation === 'open' ? { show, tickets: 2 } : { show }, user: '' };
  },
});
database.close();
console.log(`${tried.updates} updates, ${tried.forced} of them forced: always the same results`);

const cluster = await startCluster({ replicas: 3, frontends: 2, service: tickets });
const [first = '', second = ''] = cluster.frontends;
const ann = await connect([first]);
const bob = await connect([second]);
await ann.update('open', { show: 'Hamlet', tickets: 1 });

const buyers = [ann, bob].map((client) => client.update('buy', { show: 'Hamlet' }));
const told: string[] = [];
for (const outcome of await Promise.allSettled(buyers)) {
  if (outcome.status === 'fulfilled') told.push(`bought ${JSON.stringify(outcome.value.result)}`);
  else if (outcome.reason instanceof HearsayError) told.push(outcome.reason.message);
}
console.log(told.sort().join('; '));

// The primary dies. Applause does not notice; `open` waits for the next primary, which knows all.
const { view } = await ann.status();
await cluster.kill(view?.owner.split('.')[0] ?? 'rm-1');
await bob.update('clap', { show: 'Hamlet' });
await ann.update('open', { show: 'Lear', tickets: 1 });
const { value } = await bob.query('left', { show: 'Hamlet' }, { consistency: 'fresh' });
console.log(`after an election: ${JSON.stringify(value)}`);

await ann.close();
await bob.close();
await cluster.close();
