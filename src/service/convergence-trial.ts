/**
 * Executes orders of updates for the convergence kit and compares what they come to. A failure is made
 * small by leaving out updates and by bringing the two orders together as long as it still fails.
 */

import type { StateDatabase } from '../ports/database.js';
import type { Source } from '../ports/source.js';
import type { History, Order, OrderPair } from './convergence-history.js';
import { describeFailure, describeResult, type Mistake } from './convergence-report.js';
import type { Service } from './define.js';

/** What executing one order came to. */
type Outcome =
  | {
      readonly kind: 'done';
      readonly hash: string;
      /** What each forced update gave, in words, in their order. */
      readonly results: readonly string[];
    }
  | Mistake;

interface TrialInit {
  readonly database: StateDatabase;
  readonly source?: Source;
}

/** Each order is executed on the same initial state. */
export class Trial {
  readonly #service: Service;
  readonly #database: StateDatabase;
  readonly #initialState: Uint8Array;

  constructor(service: Service, { database, source }: TrialInit) {
    this.#service = service;
    this.#database = database;
    service.createTables(database);
    if (source !== undefined) service.seed(database, source, () => {});
    this.#initialState = database.export();
  }

  /** Whether an update makes a mistake, or the two orders end in different states or results. */
  fails({ history, first, second }: OrderPair): boolean {
    const one = this.#execute(history, first);
    const other = this.#execute(history, second);
    if (one.kind !== 'done' || other.kind !== 'done') return true;
    return one.hash !== other.hash || one.results.join('\n') !== other.results.join('\n');
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
      if (outcome.kind !== 'done') return outcome;
      const rows = this.#service.visibleState(this.#database).flat();
      const { results } = outcome;
      return { kind: 'done', rows: rows.map((row) => JSON.stringify(row)), results };
    });
  }

  #execute(history: History, order: Order): Outcome {
    this.#database.load(this.#initialState);
    this.#database.begin();
    const results: string[] = [];
    for (const number of order) {
      const update = history[number];
      if (update === undefined) continue;
      const { operation, args, user, id, stamp } = update;
      const context = { user, id, stamp };
      try {
        if (update.ordering === 'causal') {
          this.#service.apply(this.#database, operation, args, context);
          continue;
        }
        const changes = this.#rowsChanged();
        const outcome = this.#service.applyForced(this.#database, operation, args, context);
        if (outcome.kind === 'refused' && this.#rowsChanged() !== changes) {
          return { kind: 'wrote', number, refusal: outcome.message };
        }
        results.push(describeResult(number, outcome));
      } catch (error) {
        return { kind: 'threw', number, error };
      }
    }
    return { kind: 'done', hash: this.#service.stateHash(this.#database), results };
  }

  /** Since the state was loaded, those included that were changed back. */
  #rowsChanged(): number {
    const sql = 'SELECT total_changes() AS rows';
    return this.#database.get<{ rows: number }>(sql)?.rows ?? 0;
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
