import { expect } from 'chai';
import { z } from 'zod';
import { type Random, SeededRandom } from '../../src/base/random.js';
import { type Json, type Refusal, refuse, type UpdateContext } from '../../src/service/contract.js';
import { randomHistory, randomOrder } from '../../src/service/convergence-history.js';
import {
  ConvergenceError,
  convergenceProperty,
  type RandomUpdate,
} from '../../src/service/convergence.js';
import { defineService, type Service } from '../../src/service/define.js';
import { openSqlDatabase } from '../../src/storage/sql-database.js';

const SEEDS = [1, 2, 3, 4, 5];

type Database = Parameters<Service['apply']>[0];

interface Shop {
  /** What a causal `note` does. */
  readonly note?: (db: Database, value: number, context: UpdateContext) => void;
  /** What a forced `sell` does. */
  readonly sell: (db: Database, value: number, context: UpdateContext) => Json | Refusal;
}

const writeNote: NonNullable<Shop['note']> = (db, value, { stamp }) => {
  db.run(
    `INSERT INTO notes VALUES (0, ?, ?)
     ON CONFLICT DO UPDATE SET value = excluded.value, stamp = excluded.stamp
     WHERE excluded.stamp > stamp`,
    [value, stamp],
  );
};

const soldSoFar = (db: Database): number =>
  db.get<{ value: number }>('SELECT value FROM sold')?.value ?? 0;

const writeSold = (db: Database, value: number): void => {
  db.run('REPLACE INTO sold VALUES (0, ?)', [value]);
};

const noteIn = (db: Database): number =>
  db.get<{ value: number }>('SELECT value FROM notes')?.value ?? 0;

/** The database behind the statement guard, which a service has no business with. */
const unguarded = (db: Database): Database => (db as unknown as { readonly db: Database }).db;

/** Sells up to 20 in all, and gives what was sold so far. */
const sellAll: Shop['sell'] = (db, value) => {
  const sold = soldSoFar(db) + value;
  if (sold > 20) return refuse('sold out');
  writeSold(db, sold);
  return sold;
};

/** One causal number, by the last writer, and one forced number. */
function shop({ note = writeNote, sell }: Shop): Service {
  const args = z.object({ value: z.int() });
  return defineService({
    name: 'shop',
    version: 1,
    schema: {
      causal: 'CREATE TABLE notes (key INTEGER PRIMARY KEY, value, stamp) WITHOUT ROWID',
      forced: 'CREATE TABLE sold (key INTEGER PRIMARY KEY, value) WITHOUT ROWID',
    },
    visibleState: [
      'SELECT value FROM notes ORDER BY key',
      'SELECT value AS sold FROM sold ORDER BY key',
    ],
    queries: {},
    updates: {
      note: {
        about: 'Write the causal number',
        ordering: 'causal',
        args,
        apply: (db, { value }, context) => note(db, value, context),
      },
      sell: {
        about: 'Change the forced number',
        ordering: 'forced',
        args,
        apply: (db, { value }, context) => sell(db, value, context),
      },
    },
  });
}

const makeUpdate = (random: Random): RandomUpdate => ({
  operation: random.pick(['note', 'sell']),
  args: { value: random.below(10) },
  user: 'x',
});

describe('convergence kit, forced updates', () => {
  for (const seed of SEEDS) {
    it(`takes a service that is right, refusals included, seed ${seed}`, async () => {
      const database = await openSqlDatabase();
      let refusals = 0;
      const service = shop({
        sell(db, value, context) {
          const result = sellAll(db, value, context);
          if (typeof result === 'object') refusals += 1;
          return result;
        },
      });
      const summary = convergenceProperty(service, {
        database,
        random: new SeededRandom(seed),
        makeUpdate,
      });
      database.close();
      expect(summary.updates).to.equal(1200);
      expect(summary.forced).to.be.within(500, 700);
      expect(summary.reorderings).to.be.greaterThan(150);
      expect(refusals).to.be.greaterThan(500);
    });

    it(`makes orders that keep the sequence and move causal updates around it, seed ${seed}`, () => {
      const random = new SeededRandom(seed);
      const history = randomHistory(random, 40, () => ({
        operation: 'any',
        ordering: random.pick(['causal', 'forced']),
        args: {},
        user: '',
      }));
      const sequence = [...history.keys()].filter((each) => history[each]?.ordering === 'forced');
      const executedBefore = new Map<number, Set<string>>();
      for (let count = 0; count < 20; count++) {
        const order = randomOrder(random, history);
        expect([...order].sort((a, b) => a - b)).to.deep.equal([...history.keys()]);
        expect(order.filter((each) => history[each]?.ordering === 'forced')).to.deep.equal(
          sequence,
        );
        for (const [place, number] of order.entries()) {
          const before = new Set(order.slice(0, place));
          for (const earlier of history[number]?.after ?? []) {
            expect(before.has(earlier), `${number} after ${earlier}`).to.equal(true);
          }
          const all = executedBefore.get(number) ?? new Set();
          executedBefore.set(number, all.add([...before].sort((a, b) => a - b).join()));
        }
      }
      const moved = sequence.filter((number) => (executedBefore.get(number)?.size ?? 0) > 1);
      expect(moved.length).to.be.greaterThan(sequence.length / 2);
    });
  }

  it('knows that a forced update may be stamped before one that it follows', () => {
    const random = new SeededRandom(1);
    let earlier = 0;
    for (let count = 0; count < 20; count++) {
      const history = randomHistory(random, 40, () => ({
        operation: 'any',
        ordering: 'forced',
        args: {},
        user: '',
      }));
      for (const [place, { stamp }] of history.entries()) {
        const previous = history[place - 1];
        if (previous !== undefined && stamp < previous.stamp) earlier += 1;
      }
    }
    expect(earlier).to.be.greaterThan(20);
  });

  /** Services with one mistake each, made anew for each seed, and what the message must say of it. */
  const broken: [mistake: string, make: () => Service, counterexample: RegExp][] = [
    [
      'a result that depends on chance',
      () => {
        let calls = 0;
        return shop({ sell: () => calls++ });
      },
      /^shop is not deterministic: .* give different results\n {2}#(\d+) forced sell .*\nexecuted as #\1; only there:\n {2}#\1 gives \d+\nexecuted as #\1; only there:\n {2}#\1 gives \d+$/,
    ],
    [
      'a state that depends on chance',
      () => {
        let calls = 0;
        return shop({
          sell(db) {
            writeSold(db, calls++);
            return null;
          },
        });
      },
      /^shop is not deterministic: .* end in different states\n/,
    ],
    [
      'a result that depends on causal updates, read behind the back of the guard',
      () => shop({ sell: (db) => noteIn(unguarded(db)) }),
      /^shop does not converge: .* give other results(?:\n {2}#\d+ (?:forced sell|note) .*){2,3}\nexecuted as (?:#\d+ ?)+; only there:\n {2}#\d+ gives \d\nexecuted as (?:#\d+ ?)+; only there:\n {2}#\d+ gives \d$/,
    ],
    [
      'a refusal that depends on causal updates',
      () => shop({ sell: (db) => refuse(`the note is ${noteIn(unguarded(db))}`) }),
      /^shop does not converge: .* give other results(?:\n.*)*\n {2}#\d+ refuses: the note is \d/,
    ],
    [
      'a causal update that depends on how far the sequence is',
      () =>
        shop({
          note: (db, value, context) => writeNote(db, value + soldSoFar(unguarded(db)), context),
          sell: sellAll,
        }),
      /^shop does not converge: .* end in another state\n/,
    ],
    [
      'a refusal after a write',
      () =>
        shop({
          sell(db, value) {
            const sold = soldSoFar(db) + value;
            writeSold(db, sold);
            return sold > 20 ? refuse('sold out') : sold;
          },
        }),
      /^shop: apply of #(\d+) refuses \("sold out"\) after it has written, and it must refuse before(?:\n {2}#\d+ forced sell .*)+\nexecuted as (#\d+ )*#\1$/,
    ],
    [
      'a refusal after a write that was taken back',
      () =>
        shop({
          sell(db, value) {
            const before = soldSoFar(db);
            writeSold(db, before + value);
            if (before + value <= 20) return before;
            writeSold(db, before);
            return refuse('sold out');
          },
        }),
      /refuses \("sold out"\) after it has written/,
    ],
    [
      'throwing instead of a refusal',
      () =>
        shop({
          sell(db, value, context) {
            const result = sellAll(db, value, context);
            if (typeof result !== 'number') throw new Error('sold out');
            return result;
          },
        }),
      /^shop: apply of #(\d+) throws, .*: Error: sold out(?:\n {2}#\d+ forced sell .*)+\nexecuted as (#\d+ )*#\1$/,
    ],
    [
      'reading a causal table',
      () =>
        shop({
          sell: (db) => db.get<{ value: number }>('SELECT value FROM notes')?.value ?? null,
        }),
      /apply of #\d+ throws, .*shop\.sell reads notes, a causal table, in a forced update/,
    ],
    [
      'no result that can travel',
      () => shop({ sell: () => Number.NaN }),
      /apply of #\d+ throws, .*sell of shop gave a result that is no JSON/,
    ],
  ];
  for (const [mistake, make, counterexample] of broken) {
    for (const seed of SEEDS) {
      it(`catches ${mistake}, seed ${seed}`, async () => {
        const database = await openSqlDatabase();
        const run = () =>
          convergenceProperty(make(), { database, random: new SeededRandom(seed), makeUpdate });
        expect(run).to.throw(ConvergenceError, counterexample);
        database.close();
      });
    }
  }
});
