/** Delivery, tip, address and the button that orders; beside them the bill. */

import { inputSpans } from '../form-pane.js';
import { type Line, pad, span, wrap } from '../line.js';
import { around } from '../scroll.js';
import type { Size } from '../state.js';
import type { Delivery, Details } from './answers.js';
import { billLines } from './bill.js';
import { billOf } from './calls.js';
import { pounds } from './money.js';
import { choice, type DrawPage } from './page.js';
import {
  type CheckoutRow,
  checkoutRows,
  chosenDelivery,
  chosenRow,
  needsAddress,
  type Shop,
  tipOf,
} from './shop.js';

const NAME_WIDTH = 12;
const PRICE_WIDTH = 8;
const TIP_WIDTH = 8;

export const checkoutPage: DrawPage = (_state, shop, left, right) => ({
  left: { title: 'delivery, tip and address', lines: choiceLines(shop, left) },
  right: {
    title: billOf(shop) === null && shop.cart.size > 0 ? 'bill, being asked for …' : 'bill',
    lines: billPanel(shop, right),
  },
});

function choiceLines(shop: Shop, { columns, rows }: Size): Line[] {
  const hint = wrap(hintOf(chosenRow(shop)), columns, 'faint').slice(0, 2);
  const lines: Line[] = [];
  let at = 0;
  for (const [index, row] of checkoutRows(shop).entries()) {
    const isChosen = index === shop.row;
    if (row.kind !== 'delivery') lines.push([]);
    if (isChosen) at = lines.length;
    lines.push(...rowLines(shop, row, isChosen, columns));
  }
  const room = rows - hint.length;
  const shown = around(lines, at, room);
  const blanks = Array.from({ length: room - shown.length }, (): Line => []);
  return [...shown, ...blanks, ...hint];
}

function rowLines(shop: Shop, row: CheckoutRow, isChosen: boolean, columns: number): Line[] {
  switch (row.kind) {
    case 'delivery':
      return [choice(deliveryText(shop, row.delivery), isChosen, columns)];
    case 'tip':
      return [
        [
          span(isChosen ? ' ▸ Tip         £ ' : '   Tip         £ '),
          ...inputSpans(shop.tip, TIP_WIDTH, isChosen),
          span(tipOf(shop) === null ? '  no amount' : '', 'bad'),
        ],
      ];
    case 'address': {
      const [first, ...more] = addressLines(shop);
      const indent = ' '.repeat(NAME_WIDTH);
      return [
        choice(
          pad('Address', NAME_WIDTH) + first,
          isChosen,
          columns,
          shop.answers.details === null ? 'warning' : 'plain',
        ),
        ...more.map((text): Line => [span(`   ${indent}${text}`)]),
      ];
    }
    case 'place': {
      const bill = billOf(shop);
      const text = bill === null ? 'Place the order' : `Place the order: ${pounds(bill.total)}`;
      return [choice(text, isChosen, columns, bill === null ? 'faint' : 'good')];
    }
  }
}

function deliveryText(shop: Shop, delivery: Delivery): string {
  const isTaken = chosenDelivery(shop) === delivery;
  const price = delivery.price === 0 ? 'free' : pounds(delivery.price);
  const name = pad(delivery.delivery, NAME_WIDTH - 4);
  return `(${isTaken ? '•' : ' '}) ${name}${pad(price, PRICE_WIDTH, 'right')}  ${delivery.minutes} min`;
}

function addressLines(shop: Shop): [first: string, ...more: string[]] {
  const { details } = shop.answers;
  const delivery = chosenDelivery(shop);
  if (delivery !== null && !needsAddress(delivery)) return ['none: you collect it'];
  if (details === undefined) return ['on its way …'];
  return details === null ? ['not known yet: Enter to give it'] : detailLines(details);
}

const detailLines = ({ first, last, address, postcode }: Details): [string, ...string[]] => [
  `${first} ${last}`,
  address,
  postcode,
];

function hintOf(row: CheckoutRow): string {
  switch (row.kind) {
    case 'delivery':
      return `Enter: ${row.delivery.delivery}, ${row.delivery.about}`;
    case 'tip':
      return 'For the rider, in pounds, like 1.50; may stay empty.';
    case 'address':
      return 'Enter: change your details';
    case 'place':
      return 'Enter: order what the bill says';
  }
}

function billPanel(shop: Shop, { columns, rows }: Size): Line[] {
  if (shop.cart.size === 0) {
    return wrap('The cart is empty: press 1 and add something to it.', columns, 'faint');
  }
  const { cost } = shop.answers;
  if (cost === undefined) return [];
  const notes = new Map(
    cost.short.map(({ item, left }) => [item, left === 0 ? 'sold out' : `only ${left} left`]),
  );
  const lines = billLines(cost, columns, rows, notes);
  // What is shown until the new bill comes is no longer what is asked for.
  return billOf(shop) === null
    ? lines.map((line) => line.map(({ text }) => span(text, 'faint')))
    : lines;
}
