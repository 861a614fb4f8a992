/**
 * Money of hungry: the price of a dish at a place is what it was set to last, before that what it was at
 * first, which any answer tells; a total is what the dishes cost at its place, the delivery and the tip.
 * What an update of unknown outcome may have set is not compared; nor is a total that such a price is in.
 */

import { type Finding, finding } from './finding.js';
import type { HistoryOperation } from './history.js';
import type { OrderBook } from './hungry-book.js';
import type { Cart } from './hungry-forms.js';
import type { Requests } from './hungry-requests.js';

const PROMISE = 'results agree with the order';

export function priceFindings(
  operations: readonly HistoryOperation[],
  requests: Requests,
  book: OrderBook,
): readonly Finding[] {
  return new PriceCheck(operations, requests, book).check();
}

class PriceCheck {
  readonly #operations: readonly HistoryOperation[];
  readonly #requests: Requests;
  readonly #book: OrderBook;
  /** What each dish was set to, by place; and after which place that may have changed unknown to us. */
  readonly #set = new Map<string, { readonly place: number; readonly price: number }[]>();
  readonly #unsureAfter = new Map<string, number>();
  /** Before all that, and of each way of delivery: learnt from the first answer. */
  readonly #first = new Map<string, number>();
  readonly #deliveries = new Map<string, number>();
  readonly #findings: Finding[] = [];

  constructor(operations: readonly HistoryOperation[], requests: Requests, book: OrderBook) {
    this.#operations = operations;
    this.#requests = requests;
    this.#book = book;
  }

  check(): readonly Finding[] {
    const { items, looseItems, observations, costs, answers, orders } = this.#requests;
    for (const { item, place, price } of items) {
      const prices = this.#set.get(item);
      if (prices === undefined) this.#set.set(item, [{ place, price }]);
      else prices.push({ place, price });
    }
    for (const { item, after } of looseItems) {
      this.#unsureAfter.set(item, Math.min(after, this.#unsureAfter.get(item) ?? after));
    }
    for (const { operation, item, price, place } of observations) {
      this.#checkPrice(operation, item, price, place);
    }
    for (const { operation, rows } of answers) {
      for (const { orderId, items: lines, delivery, tip, total } of rows) {
        this.#checkSum(operation, lines, delivery, tip, total);
        const order = this.#book.byId.get(orderId);
        if (order?.upTo !== (order?.after ?? 0) + 1) continue;
        for (const { item, price } of lines) this.#checkPrice(operation, item, price, order.upTo);
      }
    }
    for (const { operation, items: lines, delivery, tip, total } of costs) {
      this.#checkSum(operation, lines, delivery, tip, total);
    }
    for (const order of orders) this.#checkTotal(order);
    return this.#findings;
  }

  /** Undefined where it may be anything. */
  #priceAt(item: string, place: number): number | undefined {
    if ((this.#unsureAfter.get(item) ?? place) < place) return undefined;
    const set = this.#set.get(item)?.findLast((setting) => setting.place <= place);
    return set?.price ?? this.#first.get(item);
  }

  #checkPrice(operation: number, item: string, price: number, place: number): void {
    const expected = this.#priceAt(item, place);
    if (expected === undefined) {
      if ((this.#unsureAfter.get(item) ?? place) >= place) this.#first.set(item, price);
    } else if (expected !== price) {
      this.#find(
        operation,
        (told) =>
          `${told} showed ${price} as the price of ${item} at place ${place}; it was ${expected}`,
      );
    }
  }

  /** What an answer says of dishes, delivery and tip adds up to its total. */
  #checkSum(
    operation: number,
    lines: readonly { readonly price: number; readonly quantity: number }[],
    { delivery, price }: { readonly delivery: string; readonly price: number },
    tip: number,
    total: number,
  ): void {
    const dishes = lines.reduce((sum, line) => sum + line.price * line.quantity, 0);
    if (dishes + price + tip !== total) {
      this.#find(
        operation,
        (told) => `${told} showed a total of ${total}; its parts add up to ${dishes + price + tip}`,
      );
    }
    this.#checkDelivery(operation, delivery, price);
  }

  #checkTotal({ operation, cart, place, total }: Requests['orders'][number]): void {
    const dishes = this.#costOf(cart, place);
    if (dishes === undefined) return;
    this.#checkDelivery(operation, cart.delivery, total - dishes - cart.tip);
  }

  #costOf({ quantities }: Cart, place: number): number | undefined {
    let sum = 0;
    for (const [item, quantity] of quantities) {
      const price = this.#priceAt(item, place);
      if (price === undefined) return undefined;
      sum += price * quantity;
    }
    return sum;
  }

  #checkDelivery(operation: number, delivery: string, price: number): void {
    const known = this.#deliveries.get(delivery);
    if (known === undefined) this.#deliveries.set(delivery, price);
    else if (known !== price) {
      this.#find(
        operation,
        (told) =>
          `${told}: beside dishes and tip its total leaves ${price} for ${delivery} delivery, which ` +
          `costs ${known} elsewhere`,
      );
    }
  }

  #find(operation: number, words: (told: string) => string): void {
    this.#findings.push(
      finding(this.#operations, PROMISE, [operation], (told = '') => words(told)),
    );
  }
}
