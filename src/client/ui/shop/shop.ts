/**
 * What the ordering screen knows, as one immutable value inside the client's state. Only `keys.ts`,
 * `calls.ts` and `answered.ts` make the next one. Dishes and orders are chosen by their ids, so a choice
 * stays on the same one when a newer answer has others before it.
 */

import type { OperationDescription } from '../../../wire/messages.js';
import type { Role } from '../line.js';
import { EMPTY_FIELD, type TextField, textOf } from '../text-field.js';
import type { Answers, Delivery, Dish, Order, Question } from './answers.js';
import { readPounds } from './money.js';

/** In the order of their numbers, 1 to 4. */
export const PAGES = ['menu', 'checkout', 'orders', 'details'] as const;
export type Page = (typeof PAGES)[number];

/** What a service must have to be ordered from. */
const NEEDED = {
  motd: 'query',
  menu: 'query',
  deliveries: 'query',
  cost: 'query',
  orders: 'query',
  details: 'query',
  register: 'update',
  order: 'update',
  cancel: 'update',
} as const satisfies Readonly<Record<Question, 'query'>> &
  Readonly<Record<string, OperationDescription['kind']>>;

type Operations = Readonly<Record<keyof typeof NEEDED, OperationDescription>>;

/** Dishes by `item` with their quantities, all above 0, in the order in which they were added. */
export type Cart = ReadonlyMap<string, number>;

/** An update that has not been answered yet. */
export type Sent = { readonly id: number; readonly seconds: number } & (
  | { readonly kind: 'order'; readonly cart: Cart }
  | { readonly kind: 'cancel'; readonly orderId: number }
  | { readonly kind: 'register' }
);

/** What there is to say to the user. */
export interface Notice {
  readonly text: string;
  readonly role: Role;
}

/** A line of the checkout that can be chosen. */
export type CheckoutRow =
  | { readonly kind: 'delivery'; readonly delivery: Delivery }
  | { readonly kind: 'tip' | 'address' | 'place' };

export interface Shop {
  readonly operations: Operations;
  readonly page: Page;
  /** The last answer to each question; none before the first. */
  readonly answers: Partial<Answers>;
  /** The number of the last call of each question, while it is not answered. */
  readonly asked: Readonly<Partial<Record<Question, number>>>;
  readonly cart: Cart;
  /** The dish under the cursor; null: the first. */
  readonly item: string | null;
  /** The row of the checkout under the cursor. */
  readonly row: number;
  /** The name of a delivery; null: the first. */
  readonly delivery: string | null;
  /** In pounds. */
  readonly tip: TextField;
  /** The order under the cursor; null: the first. */
  readonly orderId: number | null;
  /** The order that is cancelled when the key is pressed again. */
  readonly cancelling: number | null;
  /** One update at a time. */
  readonly sent: Sent | null;
  readonly notice: Notice | null;
}

/** Null for services that nothing can be ordered from. */
export function initialShop(operations: readonly OperationDescription[]): Shop | null {
  const found = Object.entries(NEEDED).map(([name, kind]) => [
    name,
    operations.find((operation) => operation.name === name && operation.kind === kind),
  ]);
  if (found.some(([, operation]) => operation === undefined)) return null;
  return {
    operations: Object.fromEntries(found) as Operations,
    page: 'menu',
    answers: {},
    asked: {},
    cart: new Map(),
    item: null,
    row: 0,
    delivery: null,
    tip: EMPTY_FIELD,
    orderId: null,
    cancelling: null,
    sent: null,
    notice: null,
  };
}

export function chosenDish({ answers, item }: Shop): Dish | null {
  const menu = answers.menu ?? [];
  return menu.find((dish) => dish.item === item) ?? menu[0] ?? null;
}

export function chosenOrder({ answers, orderId }: Shop): Order | null {
  const orders = answers.orders ?? [];
  return orders.find((order) => order.orderId === orderId) ?? orders[0] ?? null;
}

/** Null until it is known how orders are delivered. */
export function chosenDelivery({ answers, delivery }: Shop): Delivery | null {
  const deliveries = answers.deliveries ?? [];
  return deliveries.find((one) => one.delivery === delivery) ?? deliveries[0] ?? null;
}

export function checkoutRows({ answers }: Shop): CheckoutRow[] {
  const deliveries = answers.deliveries ?? [];
  return [
    ...deliveries.map((delivery): CheckoutRow => ({ kind: 'delivery', delivery })),
    { kind: 'tip' },
    { kind: 'address' },
    { kind: 'place' },
  ];
}

export function chosenRow(shop: Shop): CheckoutRow {
  return checkoutRows(shop)[shop.row] ?? { kind: 'place' };
}

/** In pence; null while what is typed is no amount. */
export const tipOf = ({ tip }: Shop): number | null => readPounds(textOf(tip));

/** Nobody needs to know where a customer lives who comes to the counter. */
export const needsAddress = (delivery: Delivery): boolean => delivery.delivery !== 'collect';

export const quantityOf = ({ cart }: Shop, item: string): number => cart.get(item) ?? 0;

/** Dishes in the cart with all that the menu says of them; a dish that is not on it is left out. */
export function cartLines({ answers, cart }: Shop): { dish: Dish; quantity: number }[] {
  return Array.from(cart, ([item, quantity]) => ({
    dish: answers.menu?.find((one) => one.item === item),
    quantity,
  })).flatMap(({ dish, quantity }) => (dish === undefined ? [] : [{ dish, quantity }]));
}

/** In pence, by the prices of the menu; the bill is the service's own `cost`. */
export const cartValue = (shop: Shop): number =>
  cartLines(shop).reduce((sum, { dish, quantity }) => sum + dish.price * quantity, 0);

export const dishCount = (quantities: Iterable<number>): string => {
  const count = Array.from(quantities).reduce((sum, quantity) => sum + quantity, 0);
  return count === 1 ? '1 dish' : `${count} dishes`;
};
