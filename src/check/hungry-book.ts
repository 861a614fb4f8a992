/**
 * The orders that were placed, as far as a history tells: those that were acknowledged, and those of
 * unknown outcome that an answer showed. Orders are numbered 1, 2, 3 … in their order, so a number says
 * between which places an order stands that nobody was told the place of.
 *
 * Checked here: no number is given twice; each order in an answer is one that was sent; numbers grow with
 * places and none is skipped. Two orders of a user for the same are told apart by their number alone.
 */

import { type Finding, finding } from './finding.js';
import type { HistoryOperation } from './history.js';
import { CART_ARGUMENTS, type Cart, type OrderRow } from './hungry-forms.js';
import type { LooseOrder, OrdersAnswer, Requests } from './hungry-requests.js';
import { identityOf } from './meaning.js';

/** An order that certainly was placed. */
export interface BookedOrder {
  readonly orderId: number;
  readonly user: string;
  readonly cart: Cart;
  readonly total: number;
  /** The update that was told its number, or else the first answer that showed it. */
  readonly operation: number;
  readonly isAcknowledged: boolean;
  /** It stands at a place greater than `after`, and `upTo` at most. */
  after: number;
  upTo: number;
}

export interface OrderBook {
  readonly byId: ReadonlyMap<number, BookedOrder>;
  readonly byUser: ReadonlyMap<string, readonly BookedOrder[]>;
  /** Orders of unknown outcome that no answer shows. */
  readonly unseen: readonly LooseOrder[];
  readonly findings: readonly Finding[];
}

/** More lines than this in an answer, and older orders may have been left out. */
const LINES_MAX = 4950;

/** Whether older orders than those shown may have been left out. */
export const isCut = ({ rows, limit }: OrdersAnswer): boolean =>
  rows.length >= limit || rows.reduce((sum, { items }) => sum + items.length, 0) > LINES_MAX;

export function orderBook(operations: readonly HistoryOperation[], requests: Requests): OrderBook {
  return new BookKeeper(operations, requests).keep();
}

/** Loose orders of one user for the same, in the order of sending; the first `shown` of them were placed. */
interface Alike {
  readonly orders: LooseOrder[];
  shown: number;
}

class BookKeeper {
  readonly #operations: readonly HistoryOperation[];
  readonly #requests: Requests;
  readonly #byId = new Map<number, BookedOrder>();
  readonly #alike = new Map<string, Alike>();
  readonly #unexplained = new Set<number>();
  readonly #findings: Finding[] = [];

  constructor(operations: readonly HistoryOperation[], requests: Requests) {
    this.#operations = operations;
    this.#requests = requests;
  }

  keep(): OrderBook {
    this.#bookAcknowledged();
    this.#bookShown();
    const sorted = [...this.#byId.values()].sort((one, other) => one.orderId - other.orderId);
    this.#tighten(sorted);
    this.#checkNumbers(sorted);
    const byUser = new Map<string, BookedOrder[]>();
    for (const order of sorted) {
      const orders = byUser.get(order.user);
      if (orders === undefined) byUser.set(order.user, [order]);
      else orders.push(order);
    }
    return { byId: this.#byId, byUser, unseen: this.#unseen(), findings: this.#findings };
  }

  #bookAcknowledged(): void {
    for (const { operation, user, cart, orderId, total, place } of this.#requests.orders) {
      const known = this.#byId.get(orderId);
      if (known !== undefined) {
        this.#find(
          'exactly once',
          [known.operation, operation],
          (one, other) => `two orders were given the number ${orderId}: ${one} and ${other}`,
        );
        continue;
      }
      const bounds = { after: place - 1, upTo: place };
      const order = { orderId, user, cart, total, operation, isAcknowledged: true, ...bounds };
      this.#byId.set(orderId, order);
    }
  }

  #bookShown(): void {
    for (const order of this.#requests.looseOrders) {
      const name = nameOf(order.user, order.cart);
      const alike = this.#alike.get(name);
      if (alike === undefined) this.#alike.set(name, { orders: [order], shown: 0 });
      else alike.orders.push(order);
    }
    for (const answer of this.#requests.answers) {
      // The oldest first, as they were placed.
      for (const row of answer.rows.toReversed()) {
        const known = this.#byId.get(row.orderId);
        if (known === undefined) this.#bookLoose(row, answer);
        else if (!isSame(known, row, answer)) {
          this.#find(
            'results agree with the order',
            [answer.operation, known.operation],
            (shower, teller) =>
              `${shower} showed order ${row.orderId} with other dishes, another total or to another ` +
              `user than ${teller}`,
          );
        }
      }
    }
  }

  #bookLoose({ orderId, cart, total }: OrderRow, { operation, user, place }: OrdersAnswer): void {
    const alike = this.#alike.get(nameOf(user, cart));
    const next = alike?.orders[alike.shown];
    const returned = this.#operations[operation]?.returned ?? 0;
    if (next === undefined || (this.#operations[next.operation]?.called ?? 0) > returned) {
      if (!this.#unexplained.has(orderId)) this.#findUnexplained(orderId, cart, operation, user);
      this.#unexplained.add(orderId);
      return;
    }
    if (alike !== undefined) alike.shown++;
    const bounds = { after: alike?.orders[0]?.after ?? 0, upTo: place };
    const order = { orderId, user, cart, total, operation, isAcknowledged: false, ...bounds };
    this.#byId.set(orderId, order);
  }

  /** An order that no update of unknown outcome can have placed: it was refused, or is a double. */
  #findUnexplained(orderId: number, cart: Cart, answer: number, user: string): void {
    const sent = this.#operations.flatMap((operation, index) =>
      operation.operation === 'order' && operation.user === user ? [index] : [],
    );
    const isAlike = (index: number): boolean =>
      CART_ARGUMENTS.safeParse(this.#operations[index]?.args).data?.cart.identity === cart.identity;
    const failed = sent.find(
      (index) => this.#operations[index]?.outcome.kind === 'failed' && isAlike(index),
    );
    const done = sent.find(
      (index) => this.#operations[index]?.outcome.kind === 'updated' && isAlike(index),
    );
    if (failed !== undefined) {
      this.#find(
        'refused means never',
        [answer, failed],
        (shower, update) =>
          `${shower} showed order ${orderId}, which only ${update} asked for; its client was told ` +
          'that it certainly had no effect',
      );
    } else if (done !== undefined) {
      this.#find(
        'exactly once',
        [answer, done],
        (shower, update) =>
          `${shower} showed order ${orderId}, which nobody asked for but ${update}: it has another number`,
      );
    } else {
      this.#find(
        'no thin air',
        [answer],
        (shower) => `${shower} showed order ${orderId}, which this user did not ask for before`,
      );
    }
  }

  /** Narrows where orders stand by those with smaller and with greater numbers. */
  #tighten(sorted: readonly BookedOrder[]): void {
    let id = 0;
    let least = 0;
    for (const order of sorted) {
      least += order.orderId - id;
      id = order.orderId;
      if (!order.isAcknowledged) order.after = Math.max(order.after, least - 1);
      least = order.after + 1;
    }
    let most = Number.POSITIVE_INFINITY;
    for (const order of sorted.toReversed()) {
      most -= id - order.orderId;
      id = order.orderId;
      if (!order.isAcknowledged) order.upTo = Math.min(order.upTo, most);
      most = order.upTo;
    }
  }

  #checkNumbers(sorted: readonly BookedOrder[]): void {
    const { looseOrders } = this.#requests;
    let before: BookedOrder | undefined;
    let acknowledged = 0;
    let sent = 0;
    for (const order of sorted) {
      const { orderId, after, upTo, operation } = order;
      const least = before === undefined ? 0 : before.after + 1;
      if (after >= upTo || upTo < least + orderId - (before?.orderId ?? 0)) {
        this.#findMisplaced(order, before);
        return;
      }
      while ((looseOrders[sent]?.after ?? Number.POSITIVE_INFINITY) < upTo) sent++;
      if (orderId - 1 - acknowledged > sent) {
        this.#find(
          'results agree with the order',
          [operation],
          (later) =>
            `the number ${orderId} of ${later} is too great: ${acknowledged} orders with smaller ` +
            `numbers were acknowledged, and the outcome of ${sent} more that may stand before it is unknown`,
        );
        return;
      }
      if (order.isAcknowledged) acknowledged++;
      before = order;
    }
  }

  #findMisplaced({ orderId, operation }: BookedOrder, before: BookedOrder | undefined): void {
    this.#find(
      'results agree with the order',
      before === undefined ? [operation] : [operation, before.operation],
      (later, earlier) =>
        `the number ${orderId} of ${later} does not fit its place: orders are numbered in their order` +
        (before === undefined ? '' : `, and ${before.orderId} is that of ${earlier}`),
    );
  }

  /** Those left over, each behind the last answer without it and behind the last number before a gap. */
  #unseen(): readonly LooseOrder[] {
    const shownWithout = new Map<string, number>();
    for (const answer of this.#requests.answers) {
      const isWhole = !answer.isActive && answer.before === Number.POSITIVE_INFINITY;
      if (isWhole && !isCut(answer)) shownWithout.set(answer.user, answer.place);
    }
    let last: BookedOrder | undefined;
    for (let id = 1; this.#byId.has(id); id++) last = this.#byId.get(id);
    const placed = last === undefined ? 0 : last.after + 1;
    return [...this.#alike.values()].flatMap(({ orders, shown }) =>
      orders.slice(0, orders.length - shown).map((order) => {
        return {
          ...order,
          after: Math.max(order.after, placed, shownWithout.get(order.user) ?? 0),
        };
      }),
    );
  }

  #find(
    promise: string,
    involved: readonly number[],
    words: (...told: readonly string[]) => string,
  ): void {
    this.#findings.push(finding(this.#operations, promise, involved, words));
  }
}

const nameOf = (user: string, cart: Cart): string => identityOf([user, cart.identity]);

const isSame = (known: BookedOrder, { cart, total }: OrderRow, { user }: OrdersAnswer): boolean =>
  known.user === user && known.cart.identity === cart.identity && known.total === total;
