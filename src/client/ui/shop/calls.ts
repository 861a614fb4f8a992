/**
 * What the ordering screen asks of the service. Queries are asked anew whenever a page is opened or what
 * they depend on changes, and only the answer to the last one of a kind counts. Updates go one at a time:
 * while one is under way, which the screen tells, the keys for others do nothing.
 */

import type { Arguments } from '../../../wire/messages.js';
import { submit } from '../form.js';
import { andThen, call, callOnRecord, only, type Step } from '../request.js';
import type { State } from '../state.js';
import type { Answers, Question } from './answers.js';
import { pounds } from './money.js';
import {
  type Cart,
  chosenDelivery,
  chosenOrder,
  needsAddress,
  type Page,
  type Sent,
  type Shop,
  tipOf,
} from './shop.js';

/** Orders that the screen lists, the newest; line mode gives older ones. */
const ORDERS_SHOWN = 100;

/** What each page shows. */
const QUESTIONS: Readonly<Record<Page, readonly Question[]>> = {
  menu: ['motd', 'menu'],
  checkout: ['deliveries', 'details', 'cost'],
  orders: ['orders'],
  details: ['details'],
};

export function withShop(state: State, change: Partial<Shop>): State {
  return state.shop === null ? state : { ...state, shop: { ...state.shop, ...change } };
}

export const told = (state: State, role: 'good' | 'warning' | 'bad', text: string): State =>
  withShop(state, { notice: { role, text } });

/** Opens a page, and asks for what it shows. */
export function goTo(state: State, page: Page): Step {
  return ask(withShop(state, { page, notice: null, cancelling: null }), QUESTIONS[page]);
}

/** Asks for what the page shows, and for the rest that a newcomer needs soon. */
export function askAll(state: State): Step {
  const page = state.shop?.page ?? 'menu';
  return ask(state, [
    ...new Set<Question>(['motd', 'menu', 'deliveries', 'details', ...QUESTIONS[page]]),
  ]);
}

export function ask(state: State, questions: readonly Question[]): Step {
  return questions.reduce<Step>(
    (step, question) => andThen(step, (before) => askOne(before, question)),
    only(state),
  );
}

function askOne(state: State, question: Question): Step {
  const { shop } = state;
  if (shop === null) return only(state);
  const args = argumentsOf(shop, question);
  if (args === null) return only(withShop(state, withoutBill(shop)));
  const { state: next, requests } = call(state, shop.operations[question], args);
  return {
    state: withShop(next, { asked: { ...shop.asked, [question]: state.nextId } }),
    requests,
  };
}

/** Null: there is nothing to be asked yet. */
function argumentsOf(shop: Shop, question: Question): Arguments | null {
  if (question === 'cost') return orderArguments(shop);
  return question === 'orders' ? { limit: ORDERS_SHOWN } : {};
}

/** What `cost` and `order` take; null while it is not complete. */
function orderArguments(shop: Shop): Arguments | null {
  const delivery = chosenDelivery(shop);
  const tip = tipOf(shop);
  if (shop.cart.size === 0 || delivery === null || tip === null) return null;
  const items = Array.from(shop.cart, ([item, quantity]) => ({ item, quantity }));
  return { items, delivery: delivery.delivery, tip };
}

/** No bill is better than one for something else. */
export function withoutBill({ answers, asked }: Shop): Partial<Shop> {
  const { cost: _bill, ...otherAnswers } = answers;
  const { cost: _question, ...otherQuestions } = asked;
  return { answers: otherAnswers, asked: otherQuestions };
}

/** The bill for exactly what would be ordered now; null while there is none. */
export const billOf = ({ answers, asked }: Shop): Answers['cost'] | null =>
  asked.cost === undefined ? (answers.cost ?? null) : null;

/** Places the order, or says what is missing and leads there. */
export function place(state: State, shop: Shop): Step {
  if (shop.sent !== null) return only(state);
  if (shop.cart.size === 0) {
    return only(told(state, 'warning', 'The cart is empty: press 1 and add something to it.'));
  }
  if (tipOf(shop) === null) return only(told(state, 'bad', NO_AMOUNT));
  const delivery = chosenDelivery(shop);
  const args = orderArguments(shop);
  if (billOf(shop) === null || delivery === null || args === null) {
    const text = 'The price is being asked for: press Enter again once you see it.';
    return ask(
      told(state, 'warning', text),
      shop.asked.cost === undefined ? QUESTIONS.checkout : [],
    );
  }
  if (needsAddress(delivery) && (shop.answers.details ?? null) === null) {
    return askForAddress(state, shop);
  }
  return send(state, shop, { kind: 'order', cart: shop.cart }, args);
}

export const NO_AMOUNT = 'A tip is an amount in pounds like 1.50, or nothing.';

function askForAddress(state: State, { answers }: Shop): Step {
  if (answers.details === undefined) {
    const text = 'Your address is being asked for: press Enter again once you see it.';
    return ask(told(state, 'warning', text), ['details']);
  }
  return andThen(goTo(state, 'details'), (opened) =>
    only(told(opened, 'warning', 'Where shall it go? Fill in your details; Enter saves them.')),
  );
}

/** The first press asks, the second one cancels. */
export function cancelOrder(state: State, shop: Shop): Step {
  const order = chosenOrder(shop);
  if (order === null || shop.sent !== null) return only(state);
  const { orderId, total } = order;
  if (shop.cancelling !== orderId) {
    const text = `Cancel order ${orderId} over ${pounds(total)}? x again cancels it, any other key keeps it.`;
    return only(withShop(told(state, 'warning', text), { cancelling: orderId }));
  }
  return send(
    withShop(state, { cancelling: null }),
    shop,
    { kind: 'cancel', orderId },
    { orderId },
  );
}

/** Sends the details as they stand in the form, or notes there what is missing. */
export function saveDetails(state: State, shop: Shop): Step {
  if (shop.sent !== null) return only(state);
  const { state: next, requests } = submit(state, shop.operations.register);
  if (requests.length === 0) return only(next);
  const sent = { kind: 'register', id: state.nextId, seconds: 0 } as const;
  return { state: withShop(next, { sent, notice: null }), requests };
}

type Sending =
  | { readonly kind: 'order'; readonly cart: Cart }
  | { readonly kind: 'cancel'; readonly orderId: number };

function send(state: State, { operations }: Shop, sending: Sending, args: Arguments): Step {
  const pairs = Object.entries(args).map(
    ([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const,
  );
  const step = callOnRecord(state, operations[sending.kind], args, pairs);
  const sent: Sent = { ...sending, id: state.nextId, seconds: 0 };
  return { ...step, state: withShop(step.state, { sent, notice: null }) };
}
