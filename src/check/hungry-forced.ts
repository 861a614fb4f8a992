/**
 * What forced operations of the service hungry mean: orders and cancels with their stock, and what the
 * administrator sets. Orders that the book keeps, cancels, stock and prices are each looked at on their
 * own; the same question at the same place of the order must have the same answer besides.
 */

import { type Finding, finding } from './finding.js';
import { reflectedBy } from './forced-places.js';
import type { ForcedService } from './forced-service.js';
import type { History } from './history.js';
import { orderBook } from './hungry-book.js';
import { cancellings } from './hungry-cancels.js';
import { priceFindings } from './hungry-prices.js';
import { requestsOf } from './hungry-requests.js';
import { stockFindings } from './hungry-stock.js';
import { identityOf } from './meaning.js';

export const hungryForced: ForcedService = {
  updates: new Set(['order', 'cancel', 'setItem']),
  queries: new Set(['menu', 'cost', 'orders', 'active']),
  check(history, order) {
    const { operations } = history;
    const requests = requestsOf(history, order);
    const book = orderBook(operations, requests);
    const cancels = cancellings(operations, requests, book);
    return {
      findings: [
        ...requests.findings,
        ...book.findings,
        ...cancels.findings,
        ...stockFindings({ operations, requests, book, cancels }),
        ...priceFindings(operations, requests, book),
        ...differentAnswers(history),
      ],
      notes: notesOn(requests.looseItems.map(({ item }) => item)),
    };
  },
};

const notesOn = (items: readonly string[]): readonly string[] =>
  items.length === 0
    ? []
    : [
        `stock and price were not checked after a setItem of unknown outcome: ${[...new Set(items)].join(', ')}`,
      ];

/** Forced state is a function of the place alone: one question has one answer there. */
function* differentAnswers({ operations }: History): Generator<Finding> {
  const answers = new Map<string, { readonly operation: number; readonly value: unknown }>();
  for (const [index, query] of operations.entries()) {
    const { operation, user, args, outcome } = query;
    if (outcome.kind !== 'answered' || !hungryForced.queries.has(operation)) continue;
    const place = reflectedBy(query);
    const question = identityOf([operation, user, args, place]);
    const { value } = outcome;
    const other = answers.get(question);
    if (other === undefined) answers.set(question, { operation: index, value });
    else if (identityOf(other.value) !== identityOf(value)) {
      yield finding(
        operations,
        'one state at each place',
        [other.operation, index],
        (one, two) =>
          `the state up to place ${place} has two answers to one question: ${one} and ${two}`,
      );
    }
  }
}
