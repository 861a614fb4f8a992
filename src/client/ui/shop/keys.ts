/** What keys do on the ordering screen. */

import type { KeyAction } from '../actions.js';
import { editForm, goToField } from '../form.js';
import { andThen, only, type Step } from '../request.js';
import { type Move, scrolled } from '../scroll.js';
import { draftOf, type State } from '../state.js';
import { type Edit, editField } from '../text-field.js';
import {
  ask,
  askAll,
  cancelOrder,
  goTo,
  NO_AMOUNT,
  place,
  saveDetails,
  told,
  withShop,
} from './calls.js';
import { shopLayout } from './layout.js';
import {
  type Cart,
  checkoutRows,
  chosenDish,
  chosenOrder,
  chosenRow,
  PAGES,
  quantityOf,
  type Shop,
  tipOf,
} from './shop.js';

/** The keys that this screen gives a meaning; all others mean the same everywhere. */
const KINDS = [
  'go',
  'step',
  'move',
  'edit',
  'run',
  'back',
  'quantity',
  'empty-cart',
  'cancel-order',
  'refresh',
] as const;
export type ShopKey = Extract<KeyAction, { kind: (typeof KINDS)[number] }>;

export const isShopKey = (action: { readonly kind: string }): action is ShopKey =>
  KINDS.some((kind) => kind === action.kind);

/** The most of a dish that one order takes. */
const QUANTITY_MAX = 99;

export function onShopKey(state: State, shop: Shop, action: ShopKey): Step {
  if (shop.cancelling !== null && action.kind !== 'cancel-order') {
    return onKey(withShop(state, { cancelling: null, notice: null }), shop, action);
  }
  return onKey(state, shop, action);
}

function onKey(state: State, shop: Shop, action: ShopKey): Step {
  switch (action.kind) {
    case 'go':
      return goTo(state, action.page);
    case 'step':
      return step(state, shop, action.by);
    case 'move':
      return only(move(state, shop, action));
    case 'edit':
      return edit(state, shop, action.edit);
    case 'run':
      return run(state, shop);
    case 'back':
      return goTo(state, shop.page === 'details' && shop.cart.size > 0 ? 'checkout' : 'menu');
    case 'quantity': {
      const dish = chosenDish(shop);
      if (dish === null) return only(state);
      const { item } = dish;
      const quantity = action.by === 'none' ? 0 : quantityOf(shop, item) + action.by;
      return only(withShop(state, { cart: withQuantity(shop.cart, item, quantity) }));
    }
    case 'empty-cart':
      return only(withShop(state, { cart: new Map() }));
    case 'cancel-order':
      return cancelOrder(state, shop);
    case 'refresh':
      return askAll(withShop(state, { notice: null }));
  }
}

/** To the next field of the form, else to the next page; the last is followed by the first. */
function step(state: State, shop: Shop, by: 1 | -1): Step {
  if (shop.page === 'details') {
    const { active, fields } = draftOf(state, shop.operations.register);
    if (active + by in fields) return only(goToField(state, shop.operations.register, active + by));
  }
  const index = (PAGES.indexOf(shop.page) + by + PAGES.length) % PAGES.length;
  const page = PAGES[index] ?? 'menu';
  const opened = goTo(state, page);
  if (page !== 'details') return opened;
  // Coming from before one begins with the first field, from behind with the last.
  const { register } = shop.operations;
  const field = by === 1 ? 0 : register.arguments.length - 1;
  return andThen(opened, (there) => only(goToField(there, register, field)));
}

function move(state: State, shop: Shop, action: Move): State {
  const rows = shopLayout(state, shop).rows - 2;
  switch (shop.page) {
    case 'menu': {
      const items = shop.answers.menu?.map(({ item }) => item) ?? [];
      return withShop(state, { item: chosenAfter(items, chosenDish(shop)?.item, action, rows) });
    }
    case 'checkout': {
      const last = checkoutRows(shop).length - 1;
      return withShop(state, { row: scrolled(shop.row, action, rows, last) });
    }
    case 'orders': {
      const orderIds = shop.answers.orders?.map(({ orderId }) => orderId) ?? [];
      const orderId = chosenAfter(orderIds, chosenOrder(shop)?.orderId, action, rows);
      return withShop(state, { orderId });
    }
    case 'details': {
      const { register } = shop.operations;
      return goToField(state, register, draftOf(state, register).active + action.by);
    }
  }
}

function chosenAfter<Id>(
  ids: readonly Id[],
  present: Id | undefined,
  action: Move,
  rows: number,
): Id | null {
  const index = ids.findIndex((id) => id === present);
  return ids[scrolled(Math.max(0, index), action, rows, ids.length - 1)] ?? null;
}

function edit(state: State, shop: Shop, change: Edit): Step {
  if (shop.page === 'details') return only(editForm(state, shop.operations.register, change));
  return ask(withShop(state, { tip: editField(shop.tip, change), notice: null }), ['cost']);
}

function run(state: State, shop: Shop): Step {
  if (shop.page === 'details') return saveDetails(state, shop);
  if (shop.page !== 'checkout') return only(state);
  const row = chosenRow(shop);
  switch (row.kind) {
    case 'delivery':
      return ask(withShop(state, { delivery: row.delivery.delivery, notice: null }), ['cost']);
    case 'tip':
      return only(
        tipOf(shop) === null
          ? told(state, 'bad', NO_AMOUNT)
          : withShop(state, { row: shop.row + 1 }),
      );
    case 'address':
      return goTo(state, 'details');
    case 'place':
      return place(state, shop);
  }
}

function withQuantity(cart: Cart, item: string, quantity: number): Cart {
  const changed = new Map(cart);
  if (quantity > 0) changed.set(item, Math.min(quantity, QUANTITY_MAX));
  else changed.delete(item);
  return changed;
}
