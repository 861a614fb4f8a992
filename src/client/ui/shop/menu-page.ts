/** The menu, course by course, and the cart beside it. */

import { type Line, pad, type Role, span, wrap } from '../line.js';
import { around } from '../scroll.js';
import type { Size } from '../state.js';
import type { Dish } from './answers.js';
import { pounds } from './money.js';
import { choice, type DrawPage, ends, MARK } from './page.js';
import { cartLines, cartValue, chosenDish, quantityOf, type Shop } from './shop.js';

/** Cells of the columns behind the name. */
const PRICE_WIDTH = 8;
const COUNT_WIDTH = 6;

/** Below this many rows dishes go before what is said of the chosen one. */
const ROWS_FOR_ABOUT = 10;

export const menuPage: DrawPage = (_state, shop, left, right) => ({
  left: { title: 'menu', lines: menuLines(shop, left) },
  right: { title: 'cart', lines: cartPanel(shop, right) },
});

function menuLines(shop: Shop, { columns, rows }: Size): Line[] {
  const { menu } = shop.answers;
  if (menu === undefined) return [[span('The menu is on its way …', 'faint')]];
  if (menu.length === 0) return [[span('There is nothing on the menu.', 'faint')]];
  const chosen = chosenDish(shop);
  const heading: Line = [span(rowText('', 'price', 'left', 'cart', columns), 'faint')];
  const about =
    rows < ROWS_FOR_ABOUT ? [] : [[], ...wrap(chosen?.about ?? '', columns, 'faint').slice(0, 2)];

  const lines: Line[] = [];
  let at = 0;
  for (const [index, dish] of menu.entries()) {
    if (menu[index - 1]?.course !== dish.course) lines.push([span(dish.course, 'query')]);
    if (dish === chosen) at = lines.length;
    lines.push(dishLine(shop, dish, dish === chosen, columns));
  }
  const room = rows - 1 - about.length;
  const shown = around(lines, at, room);
  const blanks = Array.from({ length: room - shown.length }, (): Line => []);
  return [heading, ...shown, ...blanks, ...about];
}

function dishLine(shop: Shop, dish: Dish, isChosen: boolean, columns: number): Line {
  const quantity = quantityOf(shop, dish.item);
  const left = dish.stock === 0 ? 'none' : `${dish.stock}`;
  const inCart = quantity === 0 ? '' : `×${quantity}`;
  const text = rowText(dish.name, pounds(dish.price), left, inCart, columns);
  return choice(text, isChosen, columns, roleOf(dish, quantity));
}

function roleOf({ stock }: Dish, quantity: number): Role {
  if (quantity > stock) return 'bad';
  if (stock === 0) return 'faint';
  return quantity > 0 ? 'strong' : 'plain';
}

function rowText(name: string, price: string, left: string, cart: string, columns: number): string {
  const nameWidth = columns - MARK - PRICE_WIDTH - 2 * COUNT_WIDTH;
  return [
    pad(name, nameWidth),
    pad(price, PRICE_WIDTH, 'right'),
    pad(left, COUNT_WIDTH, 'right'),
    pad(cart, COUNT_WIDTH, 'right'),
  ].join('');
}

function cartPanel(shop: Shop, { columns, rows }: Size): Line[] {
  const lines = cartLines(shop);
  if (lines.length === 0) {
    return wrap(
      'Empty. Choose a dish with the arrow keys; Enter puts one in here.',
      columns,
      'faint',
    );
  }
  const dishes = lines.flatMap(({ dish, quantity }): Line[] => {
    const text = ends(`${quantity} × ${dish.name}`, pounds(dish.price * quantity), columns);
    if (quantity <= dish.stock) return [[span(text)]];
    const left = dish.stock === 0 ? 'sold out' : `only ${dish.stock} left`;
    return [[span(text, 'bad')], [span(`    ${left}`, 'bad')]];
  });
  const below: Line[] = [
    [span(ends('together', pounds(cartValue(shop)), columns), 'strong')],
    ...wrap('Press 2 for delivery and price.', columns, 'faint'),
  ];
  const room = rows - below.length;
  return [...dishes.slice(0, room), ...below];
}
