/**
 * What answers do to the ordering screen. A refusal leaves the cart as it was and shows what there is
 * now; where an outcome is unknown, the screen says so and asks for what would tell it.
 */

import { noteProblem } from '../form.js';
import { andThen, only, type Step } from '../request.js';
import { draftOf, type Outcome, type State } from '../state.js';
import { EMPTY_FIELD, textOf } from '../text-field.js';
import { type Details, isCancelled, isPlaced, type Question, withAnswer } from './answers.js';
import { ask, goTo, told, withoutBill, withShop } from './calls.js';
import { pounds } from './money.js';
import type { Cart, Sent, Shop } from './shop.js';

type Answer = Exclude<Outcome, { kind: 'waiting' }>;
type Failure = Extract<Answer, { kind: 'failed' }>;

/** What a person calls the answers. */
const NAMES: Readonly<Record<Question, string>> = {
  motd: 'the message of the day',
  menu: 'the menu',
  deliveries: 'the ways of delivery',
  cost: 'the price',
  orders: 'your orders',
  details: 'your details',
};

/** Takes the answer to call `id`; calls that others made change nothing here. */
export function shopAnswered(state: State, shop: Shop, id: number, answer: Answer): Step {
  if (shop.sent?.id === id) {
    return updated(withShop(state, { sent: null }), shop, shop.sent, answer);
  }
  const question = (Object.keys(shop.asked) as Question[]).find((name) => shop.asked[name] === id);
  if (question === undefined) return only(state);
  const { [question]: _answered, ...asked } = shop.asked;
  return answered(withShop(state, { asked }), { ...shop, asked }, question, answer);
}

function answered(state: State, shop: Shop, question: Question, answer: Answer): Step {
  const answers = answer.kind === 'value' ? withAnswer(shop.answers, question, answer.value) : null;
  if (answers === null) {
    const why = answer.kind === 'failed' ? answer.message : 'the answer cannot be shown here';
    const failed = told(state, 'bad', `No answer for ${NAMES[question]}: ${why} (r asks again)`);
    return only(question === 'cost' ? withShop(failed, withoutBill(shop)) : failed);
  }
  const known = withShop(state, { answers });
  if (question === 'details') return only(withKnownDetails(known, shop, answers.details ?? null));
  // The bill could not be asked for without a delivery.
  const wantsBill = shop.page === 'checkout' && answers.cost === undefined;
  return question === 'deliveries' && wantsBill && shop.asked.cost === undefined
    ? ask(known, ['cost'])
    : only(known);
}

/** What is registered stands in the form to be changed, unless something was typed there. */
function withKnownDetails(state: State, { operations }: Shop, details: Details | null): State {
  const operation = operations.register;
  const draft = draftOf(state, operation);
  if (details === null || draft.fields.some((field) => textOf(field) !== '')) return state;
  const texts = new Map<string, unknown>(Object.entries(details));
  const fields = operation.arguments.map(({ name }) => {
    const text = texts.get(name);
    return typeof text === 'string' ? { ...EMPTY_FIELD, before: text } : EMPTY_FIELD;
  });
  return { ...state, drafts: new Map(state.drafts).set(operation.name, { ...draft, fields }) };
}

function updated(state: State, shop: Shop, sent: Sent, answer: Answer): Step {
  const failure = answer.kind === 'failed' ? answer : null;
  const result: unknown = answer.kind === 'done' ? answer.result : null;
  switch (sent.kind) {
    case 'order':
      return failure === null
        ? placed(state, shop, sent.cart, result)
        : ask(told(state, ...orderFailed(failure)), ['menu', 'orders', 'cost']);
    case 'cancel': {
      const { orderId } = sent;
      const refund = isCancelled(result) ? `; ${pounds(result.refund)} goes back to you` : '';
      const after =
        failure === null
          ? told(state, 'good', `Order ${orderId} is cancelled${refund}.`)
          : told(state, ...cancelFailed(failure, orderId));
      return ask(after, ['menu', 'orders']);
    }
    case 'register':
      return failure === null ? saved(state, shop) : only(notSaved(state, shop, failure));
  }
}

function placed(state: State, shop: Shop, ordered: Cart, result: unknown): Step {
  const after = withShop(state, {
    cart: withoutOrdered(shop.cart, ordered),
    tip: EMPTY_FIELD,
    row: 0,
    ...(isPlaced(result) ? { orderId: result.orderId } : {}),
  });
  const text = isPlaced(result)
    ? `Thank you! Order ${result.orderId} is placed: ${pounds(result.total)} in all.`
    : 'Thank you! The order is placed.';
  // Who has gone elsewhere meanwhile stays there.
  const shown = shop.page === 'checkout' ? goTo(after, 'orders') : ask(after, ['orders']);
  return andThen(shown, (opened) => ask(told(opened, 'good', text), ['menu', 'cost']));
}

/** What was put into the cart while the order was under way stays in it. */
function withoutOrdered(cart: Cart, ordered: Cart): Cart {
  const left = Array.from(
    cart,
    ([item, quantity]) => [item, quantity - (ordered.get(item) ?? 0)] as const,
  );
  return new Map(left.filter(([, quantity]) => quantity > 0));
}

function orderFailed({
  definite,
  message,
  code,
}: Failure): [role: 'bad' | 'warning', text: string] {
  return definite
    ? ['bad', `Not ordered: ${message}. Your cart is as it was.`]
    : [
        'warning',
        'It is not known whether the order was placed: press 3 to look at your orders before you ' +
          `order again. (${code}: ${message})`,
      ];
}

function cancelFailed(
  { definite, message, code }: Failure,
  orderId: number,
): [role: 'bad' | 'warning', text: string] {
  return definite
    ? ['bad', `Not cancelled: ${message}.`]
    : [
        'warning',
        `It is not known whether order ${orderId} was cancelled: its status will tell; r asks ` +
          `again. (${code}: ${message})`,
      ];
}

function saved(state: State, { page, cart }: Shop): Step {
  // Who came to be able to order goes back to it.
  const shown =
    page === 'details' && cart.size > 0 ? goTo(state, 'checkout') : ask(state, ['details']);
  return { ...shown, state: told(shown.state, 'good', 'Your details are saved.') };
}

function notSaved(state: State, { operations, page }: Shop, failure: Failure): State {
  const { definite, message } = failure;
  const note = definite
    ? message
    : `${message} (not known whether it was saved: Enter tries again)`;
  const noted = noteProblem(state, operations.register, note);
  const where = page === 'details' ? 'the form says why' : 'press 4 to see why';
  return told(noted, 'bad', `Your details were not saved: ${where}.`);
}
