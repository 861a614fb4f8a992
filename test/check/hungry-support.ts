/** Requests and answers of the service hungry for histories written by hand. */

import { type Details, Script } from './support.js';

type Quantities = Readonly<Record<string, number>>;

/** Pence. */
export const PRICES: Quantities = { soup: 450, bread: 120 };
export const DELIVERY = 299;

export const cart = (quantities: Quantities, tip = 0) => ({
  items: Object.entries(quantities).map(([item, quantity]) => ({ item, quantity })),
  delivery: 'standard',
  tip,
});

export const totalOf = (quantities: Quantities, tip = 0): number =>
  Object.entries(quantities).reduce(
    (sum, [item, quantity]) => sum + (PRICES[item] ?? 0) * quantity,
    DELIVERY + tip,
  );

export interface Row {
  readonly orderId: number;
  readonly quantities: Quantities;
  readonly status?: 'placed' | 'cancelled';
  readonly tip?: number;
}

/** An order as `orders` and `active` show it. */
export const row = ({ orderId, quantities, status = 'placed', tip = 0 }: Row) => ({
  orderId,
  status,
  items: Object.entries(quantities).map(([item, quantity]) => {
    const price = PRICES[item] ?? 0;
    return { item, name: item.toUpperCase(), price, quantity, total: price * quantity };
  }),
  delivery: { delivery: 'standard', price: DELIVERY, minutes: 45, about: '' },
  tip,
  total: totalOf(quantities, tip),
});

export const menu = (left: Quantities) =>
  Object.entries(left).map(([item, stock]) => {
    return { item, course: 'Dishes', name: item, price: PRICES[item] ?? 0, stock };
  });

type ShownDetails = Parameters<Script['shown']>[5];

/** Sessions are users. */
export class Kitchen extends Script {
  set(item: string, stock: number, place: number, price = PRICES[item] ?? 0): this {
    return this.forced('admin', 'setItem', { item, name: item, price, stock }, null, place, {
      user: 'admin',
    });
  }

  order(user: string, quantities: Quantities, orderId: number, place: number, more: Details = {}) {
    const result = { orderId, total: totalOf(quantities) };
    return this.forced(user, 'order', cart(quantities), result, place, { user, ...more });
  }

  orderRefused(user: string, quantities: Quantities, place: number): this {
    return this.refused(user, 'order', cart(quantities), place, { user });
  }

  orderUnknown(user: string, quantities: Quantities, more: Details = {}): this {
    return this.unknown(user, 'order', cart(quantities), { user, ...more });
  }

  cancel(user: string, orderId: number, refund: number, place: number, more: Details = {}): this {
    const result = { orderId, refund };
    return this.forced(user, 'cancel', { orderId }, result, place, { user, ...more });
  }

  cancelRefused(user: string, orderId: number, place: number, more: Details = {}): this {
    return this.refused(user, 'cancel', { orderId }, place, { user, ...more });
  }

  cancelUnknown(user: string, orderId: number): this {
    return this.unknown(user, 'cancel', { orderId }, { user });
  }

  orders(user: string, rows: readonly Row[], place: number, more: ShownDetails = {}): this {
    return this.shown(user, 'orders', {}, rows.map(row), place, { user, ...more });
  }

  active(user: string, rows: readonly Row[], place: number): this {
    return this.shown(user, 'active', {}, rows.map(row), place, { user });
  }

  menu(left: Quantities, place: number): this {
    return this.shown('reader', 'menu', {}, menu(left), place);
  }

  hungry() {
    return this.history('hungry');
  }
}

export const kitchen = (): Kitchen => new Kitchen();
