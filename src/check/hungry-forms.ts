/** The forms of forced requests, results and answers of the service hungry, as the checkers need them. */

import { z } from 'zod';
import { identityOf } from './meaning.js';

/** Pence, dishes, numbers of orders. */
const WHOLE = z.number().refine(Number.isSafeInteger);

const CART = z.object({
  items: z.array(z.object({ item: z.string(), quantity: WHOLE })),
  delivery: z.string(),
  tip: WHOLE.default(0),
});

/** What somebody wants; the same dish on several lines adds up. */
export interface Cart {
  readonly quantities: ReadonlyMap<string, number>;
  readonly delivery: string;
  readonly tip: number;
  /** Equal carts have equal texts. */
  readonly identity: string;
}

const LINE = z.object({ item: z.string(), price: WHOLE, quantity: WHOLE });
const DELIVERY = z.object({ delivery: z.string(), price: WHOLE });

/** An order in an answer of `orders` or `active`. */
const ROW = z
  .object({
    orderId: WHOLE,
    status: z.enum(['placed', 'cancelled']),
    items: z.array(LINE),
    delivery: DELIVERY,
    tip: WHOLE,
    total: WHOLE,
  })
  .transform((row) => ({ ...row, cart: cartOf(row.items, row.delivery.delivery, row.tip) }));

export type OrderRow = z.output<typeof ROW>;

export const CART_ARGUMENTS = CART.transform(({ items, delivery, tip }) => ({
  cart: cartOf(items, delivery, tip),
}));
export const CANCEL_ARGUMENTS = z.object({ orderId: WHOLE });
export const ITEM_ARGUMENTS = z.object({ item: z.string(), price: WHOLE, stock: WHOLE });
export const PAGE_ARGUMENTS = z.object({
  limit: z.number().default(1000),
  before: z.number().default(Number.POSITIVE_INFINITY),
});

export const ORDER_RESULT = z.object({ orderId: WHOLE, total: WHOLE });
export const CANCEL_RESULT = z.object({ orderId: WHOLE, refund: WHOLE });
export const ITEM_RESULT = z.null().transform(() => ({}));

export const ROWS = z.array(ROW);
export const MENU = z.array(z.object({ item: z.string(), price: WHOLE, stock: WHOLE }));
export const COST = z.object({
  items: z.array(LINE),
  delivery: DELIVERY,
  tip: WHOLE,
  total: WHOLE,
  short: z.array(z.object({ item: z.string(), left: WHOLE })),
});

export type Cost = z.output<typeof COST>;

function cartOf(
  lines: readonly { readonly item: string; readonly quantity: number }[],
  delivery: string,
  tip: number,
): Cart {
  const quantities = new Map<string, number>();
  for (const { item, quantity } of lines) {
    quantities.set(item, (quantities.get(item) ?? 0) + quantity);
  }
  const identity = identityOf([Object.fromEntries(quantities), delivery, tip]);
  return { quantities, delivery, tip, identity };
}
