/** What makes a history one: requests in the order of sending, ends after beginnings, no place twice. */

import { HearsayError } from '../base/errors.js';
import type { History, HistoryOperation } from './history.js';

/** Looks at one operation after the other; says what is wrong with one, or nothing. */
export function operationChecker(): (operation: HistoryOperation) => string | undefined {
  const places = new Set<number>();
  let lastCalled = Number.NEGATIVE_INFINITY;
  return ({ called, returned, kind, outcome }) => {
    if (called <= lastCalled) {
      return `called is ${called}, after ${lastCalled}: operations stand in the order of sending`;
    }
    lastCalled = called;
    if (returned !== null && returned <= called) {
      return `returned is ${returned}, which is not after called, ${called}`;
    }
    for (const place of returned === null ? [called] : [called, returned]) {
      if (places.has(place)) return `the place ${place} is taken: called and returned are unique`;
      places.add(place);
    }
    if (outcome.kind === 'unknown') return undefined;
    if (returned === null) return `the outcome is ${outcome.kind} and returned is null`;
    const order = 'order' in outcome ? outcome.order : undefined;
    if (order !== undefined && !(Number.isSafeInteger(order) && order >= 0)) {
      return `order is ${order}: places in the order of forced updates are whole numbers`;
    }
    if (outcome.kind === 'failed' && kind === 'query' && order !== undefined) {
      return 'a query failed with a place in the order, which only updates have';
    }
    if (outcome.kind === 'updated' && kind === 'query') return 'a query has the outcome updated';
    if (outcome.kind === 'answered' && kind === 'update')
      return 'an update has the outcome answered';
    return undefined;
  };
}

/** Throws INVALID, naming the operation, when a history has not the form of one. */
export function assertHistory({ operations }: History): void {
  const problemOf = operationChecker();
  operations.forEach((operation, index) => {
    const problem = problemOf(operation);
    if (problem === undefined) return;
    throw new HearsayError('INVALID', `operation ${index} of the history: ${problem}`);
  });
}
