/** What a list of dishes costs and whether there are enough: `cost` shows it, `order` acts on it. */

import type { Database } from '../../ports/database.js';
import { type Refusal, refuse } from '../contract.js';
import { show } from '../messages.js';
import { type DeliveryName, deliveryNamed } from './deliveries.js';

/** The arguments of `cost` and `order`. */
export interface Cart {
  readonly items: readonly { readonly item: string; readonly quantity: number }[];
  readonly delivery: DeliveryName;
  /** Pence. */
  readonly tip: number;
}

/** One dish of an order; `price` is of one, `total` of all of them, in pence. */
export type OrderLine = {
  readonly item: string;
  readonly name: string;
  readonly price: number;
  readonly quantity: number;
  readonly total: number;
};

/** A dish of which fewer are left than wanted. */
export type Shortage = {
  readonly item: string;
  readonly name: string;
  readonly wanted: number;
  readonly left: number;
};

export interface PricedCart {
  readonly lines: OrderLine[];
  readonly short: Shortage[];
  readonly deliveryPrice: number;
  /** Dishes, delivery and tip. */
  readonly total: number;
}

interface ItemRow {
  readonly name: string;
  readonly price: number;
  readonly stock: number;
}

/** Reads only the forced table `items`. A refusal names the dish that is not on the menu. */
export function priceCart(db: Database, { items, delivery, tip }: Cart): PricedCart | Refusal {
  const lines: OrderLine[] = [];
  const short: Shortage[] = [];
  for (const [item, quantity] of quantitiesOf(items)) {
    const sql = 'SELECT name, price, stock FROM items WHERE item = ?';
    const row = db.get<ItemRow>(sql, [item]);
    if (row === undefined) {
      return refuse(`there is no ${show(item)} on the menu; menu lists what there is`);
    }
    const { name, price, stock } = row;
    lines.push({ item, name, price, quantity, total: price * quantity });
    if (stock < quantity) short.push({ item, name, wanted: quantity, left: stock });
  }
  const { price: deliveryPrice } = deliveryNamed(delivery);
  const dishes = lines.reduce((sum, line) => sum + line.total, 0);
  return { lines, short, deliveryPrice, total: dishes + deliveryPrice + tip };
}

/** The same dish on several lines adds up, in the place where it stands first. */
function quantitiesOf(items: Cart['items']): ReadonlyMap<string, number> {
  const quantities = new Map<string, number>();
  for (const { item, quantity } of items) {
    quantities.set(item, (quantities.get(item) ?? 0) + quantity);
  }
  return quantities;
}
