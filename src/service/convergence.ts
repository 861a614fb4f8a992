/**
 * The convergence kit: shows that a service ends in the same state whatever order its replicas execute
 * concurrent updates in, or finds a counterexample and tells it in words. Any author of a service runs
 * it in a test:
 *
 *     convergenceProperty(service, { database, random: new SeededRandom(seed), makeUpdate })
 *
 * It makes random histories, executes each in several causal orders on the same initial state, and
 * compares state hashes. A failure is made small by leaving out updates and by bringing the two orders
 * together as long as it still fails.
 */

import type { Random } from '../base/random.js';
import type { StateDatabase } from '../ports/database.js';
import type { Source } from '../ports/source.js';
import {
  type History,
  type Order,
  type OrderPair,
  randomHistory,
  randomOrder,
} from './convergence-history.js';
import { describeFailure } from './convergence-report.js';
import type { Service } from './define.js';

/** What an update does; the history adds where, when and after what. */
export interface RandomUpdate {
  readonly operation: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Empty for nobody. */
  readonly user: string;
}

export interface ConvergenceInit {
  /** An empty database; what it holds afterwards means nothing. */
  readonly database: StateDatabase;
  /** All chance comes from here: the same seed tries the same histories. */
  readonly random: Random;
  /** One update with well-formed arguments. Let it choose among few keys, so that updates meet. */
  readonly makeUpdate: (random: Random) => RandomUpdate;
  /** Initial data for the service's `seed`. @default none: the tables are empty at first */
  readonly source?: Source;
  /** @default 50 */
  readonly histories?: number;
  /** Updates in one history. @default 24 */
  readonly updates?: number;
  /** Orders in which each history is executed, beside the one in which it was made. @default 4 */
  readonly orders?: number;
}

/** What was tried, for a test to see that it was something. */
export interface ConvergenceSummary {
  readonly updates: number;
  /** Orders that differed from the one in which their history was made. */
  readonly reorderings: number;
}

/** The service does not converge; the message is a counterexample in words. */
export class ConvergenceError extends Error {
  override readonly name = 'ConvergenceError';
}

type Outcome =
  | { readonly kind: 'state'; readonly hash: string }
  | { readonly kind: 'threw'; readonly number: number; readonly error: unknown };

/** Throws ConvergenceError, with a small counterexample, when two replicas could end up different. */
export function convergenceProperty(service: Service, init: ConvergenceInit): ConvergenceSummary {
  const { random, histories = 50, updates = 24, orders = 4 } = init;
  const trial = new Trial(service, init);
  let reorderings = 0;
  for (let count = 0; count < histories; count++) {
    const draws = random.child(`history ${count}`);
    const history = randomHistory(draws, updates, () => {
      const { operation, args, user } = init.makeUpdate(draws);
      return { operation, user, args: service.parse('update', operation, args, user) };
    });
    const asMade: Order = [...history.keys()];
    // The same order a second time shows an `apply` that depends on more than the state.
    const others = [asMade, ...Array.from({ length: orders }, () => randomOrder(draws, history))];
    for (const other of others) {
      if (other.join() !== asMade.join()) reorderings += 1;
      const pair = { history, first: asMade, second: other };
      if (trial.fails(pair)) throw new ConvergenceError(trial.describe(trial.shrink(pair)));
    }
  }
  return { updates: histories * updates, reorderings };
}

/** Executes orders of updates, each on the same initial state. */
class Trial {
  readonly #service: Service;
  readonly #database: StateDatabase;
  readonly #initialState: Uint8Array;

  constructor(service: Service, { database, source }: ConvergenceInit) {
    this.#service = service;
    this.#database = database;
    service.createTables(database);
    if (source !== undefined) service.seed(database, source, () => {});
    this.#initialState = database.export();
  }

  /** Whether an update throws, or the two orders end in different states. */
  fails({ history, first, second }: OrderPair): boolean {
    const one = this.#execute(history, first);
    const other = this.#execute(history, second);
    return one.kind === 'threw' || other.kind === 'threw' || one.hash !== other.hash;
  }

  /** A smaller pair that fails as well: no update can be left out, no two neighbours swapped back. */
  shrink(pair: OrderPair): OrderPair {
    let smallest = pair;
    for (let smaller: OrderPair | undefined = pair; smaller !== undefined; ) {
      smallest = smaller;
      smaller = simplerThan(smallest).find((simpler) => this.fails(simpler));
    }
    return smallest;
  }

  describe(pair: OrderPair): string {
    return describeFailure(this.#service.name, pair, (order) => {
      const outcome = this.#execute(pair.history, order);
      if (outcome.kind === 'threw') return outcome;
      const rows = this.#service.visibleState(this.#database).flat();
      return { kind: 'state', rows: rows.map((row) => JSON.stringify(row)) };
    });
  }

  #execute(history: History, order: Order): Outcome {
    this.#database.load(this.#initialState);
    this.#database.begin();
    for (const number of order) {
      const update = history[number];
      if (update === undefined) continue;
      const { operation, args, user, id, stamp } = update;
      try {
        this.#service.apply(this.#database, operation, args, { user, id, stamp });
      } catch (error) {
        return { kind: 'threw', number, error };
      }
    }
    return { kind: 'state', hash: this.#service.stateHash(this.#database) };
  }
}

/** The pair without one of its updates, or with two neighbours of the second order as in the first. */
function simplerThan({ history, first, second }: OrderPair): OrderPair[] {
  const shorter = first.map((number) => ({
    history,
    first: first.filter((other) => other !== number),
    second: second.filter((other) => other !== number),
  }));
  const closer = second.flatMap((number, place) => {
    const before = second[place - 1];
    if (before === undefined || first.indexOf(before) < first.indexOf(number)) return [];
    const swapped = [...second.slice(0, place - 1), number, before, ...second.slice(place + 1)];
    return [{ history, first, second: swapped }];
  });
  return [...shorter, ...closer];
}
