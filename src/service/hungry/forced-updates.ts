/**
 * The forced updates of hungry: what changes stock happens everywhere in one sequence, so all replicas
 * find the same stock at each place in it and give the same answer. Each decides before it writes and
 * writes all or nothing; what it needs to know stands in forced tables or in its arguments, so it does
 * not matter which causal updates a replica has executed by then. That is also why an order does not ask
 * whether the customer is registered.
 */

import { z } from 'zod';
import { defineUpdate, isRefusal, refuse } from '../contract.js';
import { priceCart, type Shortage } from './cart.js';
import { DELIVERY, DISH_NAME, ITEM, ITEMS, ORDER_ID, PRICE, STOCK, TIP } from './forms.js';

/** The course of dishes that came after the initial data. */
const NEW_COURSE = 'Specials';

export const order = defineUpdate({
  about: 'Order dishes, all or nothing; gives the order number and the total in pence',
  ordering: 'forced',
  args: z.object({ items: ITEMS, delivery: DELIVERY, tip: TIP }),
  /** Takes from stock only when there is enough of everything, so stock is never negative. */
  apply(db, cart, { user }) {
    const priced = priceCart(db, cart);
    if (isRefusal(priced)) return priced;
    const { lines, short, deliveryPrice, total } = priced;
    if (short.length > 0) return refuse(`not enough left: ${short.map(shortageWords).join('; ')}`);

    const last = db.get<{ orderId: number | null }>('SELECT max(order_id) AS orderId FROM orders');
    const orderId = (last?.orderId ?? 0) + 1;
    db.run(
      `INSERT INTO orders (order_id, user, status, delivery, delivery_price, tip, total)
       VALUES (?, ?, 'placed', ?, ?, ?, ?)`,
      [orderId, user, cart.delivery, deliveryPrice, cart.tip, total],
    );
    for (const [place, { item, name, price, quantity }] of lines.entries()) {
      db.run(
        `INSERT INTO order_lines (order_id, line, item, name, price, quantity)
         VALUES (?, ?, ?, ?, ?, ?)`,
        [orderId, place, item, name, price, quantity],
      );
      db.run('UPDATE items SET stock = stock - ? WHERE item = ?', [quantity, item]);
    }
    return { orderId, total };
  },
});

const shortageWords = ({ item, left, wanted }: Shortage): string =>
  left === 0 ? `${item} is sold out` : `${item} has ${left} left, not ${wanted}`;

export const cancel = defineUpdate({
  about: 'Cancel an order of yours; gives the refund in pence',
  ordering: 'forced',
  args: z.object({ orderId: ORDER_ID }),
  /** Gives back exactly what the order took, once: the status says whether it was done. */
  apply(db, { orderId }, { user }) {
    const found = db.get<{ status: string; total: number }>(
      'SELECT status, total FROM orders WHERE order_id = ? AND user = ?',
      [orderId, user],
    );
    // The same words for an order of somebody else: nobody learns of it.
    if (found === undefined) return refuse(`you have no order ${orderId}; orders lists yours`);
    if (found.status === 'cancelled') return refuse(`order ${orderId} was cancelled already`);
    db.run("UPDATE orders SET status = 'cancelled' WHERE order_id = ?", [orderId]);
    db.run(
      `UPDATE items SET stock = stock + order_lines.quantity FROM order_lines
       WHERE order_lines.order_id = ? AND order_lines.item = items.item`,
      [orderId],
    );
    return { orderId, refund: found.total };
  },
});

export const setItem = defineUpdate({
  about: 'Put a dish on the menu, or change its name, price and stock',
  ordering: 'forced',
  administrator: true,
  args: z.object({ item: ITEM, name: DISH_NAME, price: PRICE, stock: STOCK }),
  /** Orders that were placed keep the name and price they had. */
  apply(db, { item, name, price, stock }) {
    const last = db.get<{ place: number | null }>('SELECT max(place) AS place FROM items');
    db.run(
      `INSERT INTO items (item, place, course, name, about, price, stock)
       VALUES (?, ?, ?, ?, '', ?, ?)
       ON CONFLICT DO UPDATE SET
         name = excluded.name, price = excluded.price, stock = excluded.stock`,
      [item, (last?.place ?? 0) + 1, NEW_COURSE, name, price, stock],
    );
    return null;
  },
});
