/** The queries of hungry. Rows come in a stated order, so that all replicas give the same answer. */

import { z } from 'zod';
import type { Database } from '../../ports/database.js';
import { defineQuery, isRefusal } from '../contract.js';
import { type OrderLine, priceCart } from './cart.js';
import { DELIVERY_NAMES, type DeliveryName, deliveryNamed } from './deliveries.js';
import { DELIVERY, ITEMS, ORDER_ID, TIP } from './forms.js';

/** Orders and their lines in one answer: some 100 bytes each, well below what one message holds. */
const ORDERS_MAX = 1000;
const LINES_MAX = 5000;

export const motd = defineQuery({
  about: 'The message of the day',
  anonymous: true,
  args: z.object({}),
  run: (db) => db.get<{ text: string }>('SELECT text FROM motd')?.text ?? '',
});

interface MenuRow {
  readonly item: string;
  readonly course: string;
  readonly name: string;
  readonly about: string;
  readonly price: number;
  readonly stock: number;
}

export const menu = defineQuery({
  about: 'All dishes course by course, with price in pence and how many are left',
  anonymous: true,
  args: z.object({}),
  run: (db) =>
    db
      .all<MenuRow>(
        `SELECT item, course, name, about, price, stock FROM items
         ORDER BY min(place) OVER (PARTITION BY course), place`,
      )
      .map(({ about, ...dish }) => (about === '' ? dish : { ...dish, about })),
});

export const deliveries = defineQuery({
  about: 'The ways to get an order, with price in pence and time in minutes',
  anonymous: true,
  args: z.object({}),
  run: () => DELIVERY_NAMES.map(deliveryNamed),
});

export const cost = defineQuery({
  about: 'What an order would cost, and in short the dishes of which there are not enough',
  anonymous: true,
  args: z.object({ items: ITEMS, delivery: DELIVERY, tip: TIP }),
  run(db, cart) {
    const priced = priceCart(db, cart);
    if (isRefusal(priced)) return priced;
    const { lines, short, total } = priced;
    return { items: lines, delivery: deliveryNamed(cart.delivery), tip: cart.tip, total, short };
  },
});

interface OrderRow {
  readonly orderId: number;
  readonly status: string;
  readonly delivery: DeliveryName;
  readonly deliveryPrice: number;
  readonly tip: number;
  readonly total: number;
}

/** Which of a user's orders: `before` a number, null for all. */
interface Wanted {
  readonly user: string;
  readonly status: 'placed' | null;
  readonly limit: number;
  readonly before: number | null;
}

/** Newest first; whole orders only, the newest in any case. */
function ordersOf(db: Database, { user, status, limit, before }: Wanted) {
  const rows = db.all<OrderRow>(
    `SELECT order_id AS orderId, status, delivery, delivery_price AS deliveryPrice, tip, total
     FROM orders
     WHERE user = ?1 AND (?2 IS NULL OR status = ?2) AND (?3 IS NULL OR order_id < ?3)
     ORDER BY order_id DESC LIMIT ?4`,
    [user, status, before, limit],
  );
  const orders = [];
  let lineCount = 0;
  for (const { orderId, status, delivery, deliveryPrice, tip, total } of rows) {
    const items = linesOf(db, orderId);
    lineCount += items.length;
    if (lineCount > LINES_MAX) break;
    orders.push({
      orderId,
      status,
      items,
      delivery: { ...deliveryNamed(delivery), price: deliveryPrice },
      tip,
      total,
    });
  }
  return orders;
}

const linesOf = (db: Database, orderId: number): OrderLine[] =>
  db.all<OrderLine>(
    `SELECT item, name, price, quantity, price * quantity AS total
     FROM order_lines WHERE order_id = ? ORDER BY line`,
    [orderId],
  );

const PAGE = z.object({
  limit: z
    .int()
    .min(1)
    .max(ORDERS_MAX)
    .default(ORDERS_MAX)
    .meta({ description: `a whole number from 1 to ${ORDERS_MAX}`, title: 'how many at most' }),
  before: ORDER_ID.optional().meta({
    description: 'a whole number from 1',
    title: 'only orders with a smaller number',
  }),
});

export const orders = defineQuery({
  about: 'Your orders, newest first; before gives the older ones of a long list',
  args: PAGE,
  run: (db, { limit, before = null }, { user }) =>
    ordersOf(db, { user, status: null, limit, before }),
});

export const active = defineQuery({
  about: 'Your orders that are not cancelled, newest first',
  args: PAGE,
  run: (db, { limit, before = null }, { user }) =>
    ordersOf(db, { user, status: 'placed', limit, before }),
});

type Details = {
  readonly first: string;
  readonly last: string;
  readonly phone: string;
  readonly postcode: string;
  readonly address: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
};

export const details = defineQuery({
  about: 'What you registered and where that is, or null',
  args: z.object({}),
  run: (db, _args, { user }) =>
    db.get<Details>(
      `SELECT first, last, phone, postcode, address, latitude, longitude
       FROM details WHERE user = ?`,
      [user],
    ) ?? null,
});
