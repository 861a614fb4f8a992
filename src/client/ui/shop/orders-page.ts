/** The user's orders, newest first, and what is in the chosen one. */

import { type Line, pad, span, wrap } from '../line.js';
import { around } from '../scroll.js';
import type { Size } from '../state.js';
import { billLines } from './bill.js';
import { pounds } from './money.js';
import { choice, type DrawPage } from './page.js';
import { chosenOrder, dishCount, type Shop } from './shop.js';

export const ordersPage: DrawPage = (_state, shop, left, right) => {
  const order = chosenOrder(shop);
  return {
    left: { title: 'my orders', lines: orderLines(shop, left) },
    right: {
      title: order === null ? 'order' : `order ${order.orderId}, ${order.status}`,
      lines: order === null ? [] : billLines(order, right.columns, right.rows, new Map()),
    },
  };
};

function orderLines(shop: Shop, { columns, rows }: Size): Line[] {
  const { orders } = shop.answers;
  if (orders === undefined) return [[span('Your orders are on their way …', 'faint')]];
  if (orders.length === 0) {
    return wrap('You have not ordered anything yet: press 1 for the menu.', columns, 'faint');
  }
  const chosen = chosenOrder(shop);
  const lines = orders.map((order): Line => {
    const { orderId, status, total, items } = order;
    const dishes = dishCount(items.map(({ quantity }) => quantity));
    const text = `${pad(`${orderId}`, 6)} ${pad(status, 10)} ${pad(dishes, 10)} ${pad(pounds(total), 9, 'right')}`;
    return choice(text, order === chosen, columns, status === 'cancelled' ? 'faint' : 'plain');
  });
  const at = chosen === null ? 0 : orders.indexOf(chosen);
  return around(lines, at, rows);
}
