/**
 * The convergence kit: shows that a service ends in the same state, and its forced updates give the same
 * results, whatever order its replicas execute concurrent updates in; or finds a counterexample and
 * tells it in words. Any author of a service runs it in a test:
 *
 *     convergenceProperty(service, { database, random: new SeededRandom(seed), makeUpdate })
 *
 * It makes random histories and executes each in several causal orders on the same initial state.
 * Forced updates keep one order among them, with other causal updates around them each time.
 */

import { assert } from '../base/assert.js';
import type { Random } from '../base/random.js';
import type { StateDatabase } from '../ports/database.js';
import type { Source } from '../ports/source.js';
import { type Order, randomHistory, randomOrder } from './convergence-history.js';
import { Trial } from './convergence-trial.js';
import type { Service } from './define.js';

/** What an update does; the history adds where, when and after what. */
export interface RandomUpdate {
  readonly operation: string;
  /** The complete arguments: with what a lookup would find. */
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
  /** How many of these were forced. */
  readonly forced: number;
  /** Orders that differed from the one in which their history was made. */
  readonly reorderings: number;
}

/** The service does not converge; the message is a counterexample in words. */
export class ConvergenceError extends Error {
  override readonly name = 'ConvergenceError';
}

/** Throws ConvergenceError, with a small counterexample, when two replicas could end up different. */
export function convergenceProperty(service: Service, init: ConvergenceInit): ConvergenceSummary {
  const { random, histories = 50, updates = 24, orders = 4 } = init;
  const trial = new Trial(service, init);
  let reorderings = 0;
  let forced = 0;
  for (let count = 0; count < histories; count++) {
    const draws = random.child(`history ${count}`);
    const history = randomHistory(draws, updates, () => {
      const { operation, args, user } = init.makeUpdate(draws);
      const parsed = service.parse('update', operation, args, user);
      const ordering = service.orderingOf(operation);
      assert(ordering !== undefined, `${operation} was parsed, so it is an update`);
      return { operation, ordering, user, args: parsed };
    });
    forced += history.filter(({ ordering }) => ordering === 'forced').length;
    const asMade: Order = [...history.keys()];
    // The same order a second time shows an `apply` that depends on more than the state.
    const others = [asMade, ...Array.from({ length: orders }, () => randomOrder(draws, history))];
    for (const other of others) {
      if (other.join() !== asMade.join()) reorderings += 1;
      const pair = { history, first: asMade, second: other };
      if (trial.fails(pair)) throw new ConvergenceError(trial.describe(trial.shrink(pair)));
    }
  }
  return { updates: histories * updates, forced, reorderings };
}
