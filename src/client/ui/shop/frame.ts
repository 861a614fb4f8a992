/** The ordering screen above the two bars: message of the day, tabs, panels, and what there is to say. */

import { beside, box } from '../box.js';
import { between, fit, type Line, lineWidth, span } from '../line.js';
import type { State } from '../state.js';
import { checkoutPage } from './checkout-page.js';
import { detailsPage } from './details-page.js';
import { shopLayout } from './layout.js';
import { menuPage } from './menu-page.js';
import { pounds } from './money.js';
import { ordersPage } from './orders-page.js';
import type { DrawPage } from './page.js';
import { cartValue, dishCount, PAGES, type Page, type Shop } from './shop.js';

const DRAW: Readonly<Record<Page, DrawPage>> = {
  menu: menuPage,
  checkout: checkoutPage,
  orders: ordersPage,
  details: detailsPage,
};

const TABS: Readonly<Record<Page, string>> = {
  menu: 'menu',
  checkout: 'checkout',
  orders: 'my orders',
  details: 'my details',
};

export function shopBody(state: State, shop: Shop): Line[] {
  const { columns } = state.size;
  const layout = shopLayout(state, shop);
  const { motd, notice, rows, left, right } = layout;
  const { page } = shop;
  const drawing = DRAW[page](
    state,
    shop,
    { columns: left - 2, rows: rows - 2 },
    { columns: right - 2, rows: rows - 2 },
  );
  const number = span(` ${PAGES.indexOf(page) + 1} `, 'focus');
  const panels = beside(
    box({
      rows,
      columns: left,
      title: [number, span(`${drawing.left.title} `, 'strong')],
      note: [],
      focused: true,
      lines: drawing.left.lines,
    }),
    box({
      rows,
      columns: right,
      title: [span(` ${drawing.right.title} `)],
      note: [],
      focused: false,
      lines: drawing.right.lines,
    }),
  );
  return [...motd, tabs(shop, columns), ...panels, ...notice].map((line) => fit(line, columns));
}

function tabs(shop: Shop, columns: number): Line {
  const words = PAGES.flatMap((page, index) => [
    span(' '),
    span(` ${index + 1} ${TABS[page]} `, page === shop.page ? 'selected' : 'plain'),
  ]);
  const cart =
    shop.cart.size === 0
      ? span('the cart is empty ', 'faint')
      : span(`cart: ${dishCount(shop.cart.values())}, ${pounds(cartValue(shop))} `, 'strong');
  // Where there is not room for both, knowing the pages is worth more.
  return lineWidth([...words, cart]) < columns ? between(words, [cart], columns) : words;
}
