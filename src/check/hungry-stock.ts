/**
 * Stock of hungry: what is left and what was taken add up, at each place where somebody looked; no
 * accepted order took more than there was; none was refused although there was enough.
 *
 * What was accepted is certain, and so is what answers show of orders of unknown outcome. Of the others
 * any choice is allowed, for each dish and each answer anew: that is necessary, and enough where the
 * orders of all users were read in the end.
 */

import { type Finding, finding } from './finding.js';
import type { HistoryOperation } from './history.js';
import type { OrderBook } from './hungry-book.js';
import type { Cancelling, Cancellings } from './hungry-cancels.js';
import type { Cart } from './hungry-forms.js';
import type { Requests } from './hungry-requests.js';
import { type Left, mayBe, type StockChange, StockLine } from './stock-line.js';

interface Known {
  readonly operations: readonly HistoryOperation[];
  readonly requests: Requests;
  readonly book: OrderBook;
  readonly cancels: Cancellings;
}

export function stockFindings(known: Known): readonly Finding[] {
  const lines = stockLines(known);
  return [
    ...observationFindings(known, lines),
    ...soldFindings(known, lines),
    ...refusalFindings(known, lines),
  ];
}

type Lines = ReadonlyMap<string, StockLine>;

const NEVER = Number.POSITIVE_INFINITY;

/** What there is to know of one dish. */
class Dish {
  readonly settings: { readonly place: number; readonly amount: number }[] = [];
  readonly changes: StockChange[] = [];
  seen: { readonly place: number; readonly amount: number } | null = null;
  unsureAfter = NEVER;
}

function stockLines({ requests, book, cancels }: Known): Lines {
  const dishes = new Map<string, Dish>();
  const dishOf = (item: string): Dish => {
    const dish = dishes.get(item) ?? new Dish();
    dishes.set(item, dish);
    return dish;
  };
  for (const { item, stock, place } of requests.items) {
    dishOf(item).settings.push({ place, amount: stock });
  }
  for (const { item, after } of requests.looseItems) {
    const dish = dishOf(item);
    dish.unsureAfter = Math.min(dish.unsureAfter, after);
  }
  for (const { item, left, place } of requests.observations) {
    if (left !== undefined) dishOf(item).seen ??= { place, amount: left };
  }
  for (const { cart, sign, after, upTo } of changesOf(book, cancels)) {
    for (const [item, quantity] of cart.quantities) {
      dishOf(item).changes.push({ amount: sign * quantity, after, upTo });
    }
  }
  return new Map(
    [...dishes].map(([item, { settings, changes, seen, unsureAfter }]) => [
      item,
      new StockLine(settings, changes, seen, unsureAfter),
    ]),
  );
}

/** A cart that was taken (-1) or given back (1), between two places as stock-line.ts has them. */
interface CartChange {
  readonly cart: Cart;
  readonly sign: 1 | -1;
  readonly after: number;
  readonly upTo: number;
}

function* changesOf(book: OrderBook, cancels: Cancellings): Generator<CartChange> {
  for (const { cart, after, upTo } of book.byId.values()) yield { cart, sign: -1, after, upTo };
  for (const { cart, after } of book.unseen) yield { cart, sign: -1, after, upTo: NEVER };
  for (const [orderId, cancelling] of cancels.byId) {
    const bounds = boundsOf(cancelling);
    if (bounds === undefined) continue;
    const order = book.byId.get(orderId);
    if (order !== undefined) {
      const after = Math.max(bounds.after, order.after + 1);
      yield { cart: order.cart, sign: 1, after, upTo: bounds.upTo };
      continue;
    }
    // Then it is one of those that nobody saw: any of this user's.
    for (const { user, cart, after } of book.unseen) {
      if (user !== bounds.user) continue;
      yield { cart, sign: 1, after: Math.max(after + 1, bounds.after), upTo: NEVER };
    }
  }
}

/** Where an order was cancelled; undefined when certainly nobody did. */
function boundsOf({ done, loose, shownFrom, shownPlacedUpTo }: Cancelling) {
  if (done !== undefined) return { user: done.user, after: done.place - 1, upTo: done.place };
  const [first] = loose;
  if (first === undefined) return undefined;
  return { user: first.user, after: Math.max(first.after, shownPlacedUpTo), upTo: shownFrom };
}

/** Of each dish only the first: it stays wrong. */
function* observationFindings({ operations, requests }: Known, lines: Lines): Generator<Finding> {
  const wrong = new Set<string>();
  for (const { operation, item, left, place } of requests.observations) {
    if (left === undefined || wrong.has(item)) continue;
    if (left < 0) {
      yield finding(
        operations,
        'stock never below zero',
        [operation],
        (told) => `${told} showed ${left} left of ${item}`,
      );
      wrong.add(item);
      continue;
    }
    const expected = lines.get(item)?.at(place);
    if (expected === undefined || mayBe(expected, left)) continue;
    wrong.add(item);
    yield finding(
      operations,
      'stock is conserved',
      [operation],
      (told) =>
        `${told} showed ${left} left of ${item}, up to place ${place}; by what was set, ordered and ` +
        `cancelled up to there it is ${leftWords(expected)}`,
    );
  }
}

const leftWords = ({ least, most, uncertain }: Left): string =>
  least === most
    ? String(least)
    : `${least} to ${most}, by which of ${uncertain} updates of unknown outcome took effect`;

/** Orders that were accepted although there cannot have been enough. */
function* soldFindings({ operations, requests }: Known, lines: Lines): Generator<Finding> {
  const wrong = new Set<string>();
  for (const { operation, cart, place } of requests.orders) {
    for (const item of cart.quantities.keys()) {
      const left = lines.get(item)?.at(place);
      if (left === undefined || wrong.has(item) || left.most >= 0) continue;
      wrong.add(item);
      yield finding(
        operations,
        'stock never below zero',
        [operation],
        (told) => `${told} was accepted, which leaves ${left.most} of ${item}`,
      );
    }
  }
}

/** Orders that were refused although there was enough of everything. */
function* refusalFindings({ operations, requests }: Known, lines: Lines): Generator<Finding> {
  for (const { operation, cart, place } of requests.refusedOrders) {
    const isEnough = [...cart.quantities].every(([item, quantity]) => {
      const left = lines.get(item)?.at(place);
      return left !== undefined && left.least >= quantity;
    });
    if (!isEnough) continue;
    const words = [...cart.quantities.keys()].map((item) => {
      const left = lines.get(item)?.at(place);
      return `${left === undefined ? 'enough' : leftWords(left)} of ${item}`;
    });
    yield finding(
      operations,
      'no false refusal',
      [operation],
      (told) => `${told} was refused, and yet there were ${words.join(', ')}`,
    );
  }
}
