/**
 * The forced requests of a history of hungry, sorted by what became of them: those with a place in the
 * order, those refused at a place, and those of unknown outcome, which are loose: at a place after what
 * had been told when they were sent, or nowhere. Answers come in the order of the places they reflect.
 */

import type { z } from 'zod';
import { type Finding, finding } from './finding.js';
import type { ForcedOrder } from './forced-order.js';
import { reflectedBy } from './forced-places.js';
import type { History, HistoryOperation } from './history.js';
import {
  CANCEL_ARGUMENTS,
  CANCEL_RESULT,
  CART_ARGUMENTS,
  type Cart,
  COST,
  type Cost,
  ITEM_ARGUMENTS,
  ITEM_RESULT,
  MENU,
  ORDER_RESULT,
  type OrderRow,
  PAGE_ARGUMENTS,
  ROWS,
} from './hungry-forms.js';

interface Request {
  readonly operation: number;
  readonly user: string;
}

interface AtPlace extends Request {
  readonly place: number;
}

interface Loose extends Request {
  /** Its place is greater, if it has one. */
  readonly after: number;
}

interface OrderRequest {
  readonly cart: Cart;
}

interface CancelRequest {
  readonly orderId: number;
}

interface ItemRequest {
  readonly item: string;
  readonly price: number;
  readonly stock: number;
}

export type PlacedOrder = AtPlace &
  OrderRequest & { readonly orderId: number; readonly total: number };
export type RefusedOrder = AtPlace & OrderRequest;
export type LooseOrder = Loose & OrderRequest;
export type DoneCancel = AtPlace & CancelRequest & { readonly refund: number };
export type RefusedCancel = AtPlace & CancelRequest;
export type LooseCancel = Loose & CancelRequest;
export type DoneItem = AtPlace & ItemRequest;
export type LooseItem = Loose & ItemRequest;

export interface OrdersAnswer extends AtPlace {
  /** `active`: leaves out the cancelled ones. */
  readonly isActive: boolean;
  readonly limit: number;
  readonly before: number;
  readonly rows: readonly OrderRow[];
}

/** What an answer says of a dish; `cost` says what is left only where that is too little. */
export interface Observation extends AtPlace {
  readonly item: string;
  readonly price: number;
  readonly left: number | undefined;
}

export type CostAnswer = AtPlace & Cost;

/** Placed ones, answers and observations by place, loose ones in the order of sending. */
export interface Requests {
  readonly orders: PlacedOrder[];
  readonly refusedOrders: RefusedOrder[];
  readonly looseOrders: LooseOrder[];
  readonly cancels: DoneCancel[];
  readonly refusedCancels: RefusedCancel[];
  readonly looseCancels: LooseCancel[];
  readonly items: DoneItem[];
  readonly looseItems: LooseItem[];
  readonly answers: OrdersAnswer[];
  readonly observations: Observation[];
  readonly costs: CostAnswer[];
  /** Results and answers of forms that there are not. */
  readonly findings: Finding[];
}

export function requestsOf(history: History, order: ForcedOrder): Requests {
  const collector = new Collector(history.operations, order);
  history.operations.forEach((operation, index) => collector.add(operation, index));
  return collector.finish();
}

class Collector {
  readonly #operations: readonly HistoryOperation[];
  readonly #order: ForcedOrder;
  readonly #requests: Requests = {
    orders: [],
    refusedOrders: [],
    looseOrders: [],
    cancels: [],
    refusedCancels: [],
    looseCancels: [],
    items: [],
    looseItems: [],
    answers: [],
    observations: [],
    costs: [],
    findings: [],
  };

  constructor(operations: readonly HistoryOperation[], order: ForcedOrder) {
    this.#operations = operations;
    this.#order = order;
  }

  add(operation: HistoryOperation, index: number): void {
    if (operation.kind === 'update') this.#addUpdate(operation, index);
    else if (operation.outcome.kind === 'answered') {
      this.#addAnswer(operation, index, operation.outcome.value);
    }
  }

  finish(): Requests {
    const { orders, cancels, items, answers, observations, costs } = this.#requests;
    for (const list of [orders, cancels, items, answers, observations, costs]) {
      list.sort((one: AtPlace, other: AtPlace) => one.place - other.place);
    }
    return this.#requests;
  }

  #addUpdate(update: HistoryOperation, index: number): void {
    const { orders, refusedOrders, looseOrders } = this.#requests;
    const { cancels, refusedCancels, looseCancels, items, looseItems } = this.#requests;
    switch (update.operation) {
      case 'order':
        this.#sort(index, update, CART_ARGUMENTS, ORDER_RESULT, orders, looseOrders, refusedOrders);
        break;
      case 'cancel':
        this.#sort(
          index,
          update,
          CANCEL_ARGUMENTS,
          CANCEL_RESULT,
          cancels,
          looseCancels,
          refusedCancels,
        );
        break;
      case 'setItem':
        this.#sort(index, update, ITEM_ARGUMENTS, ITEM_RESULT, items, looseItems, []);
        break;
    }
  }

  /** Adds an update to one of the lists, or to none if it certainly was never in the order. */
  #sort<Wanted extends object, Result extends object>(
    operation: number,
    { user, args, outcome }: HistoryOperation,
    wantedForm: z.ZodType<Wanted>,
    resultForm: z.ZodType<Result>,
    done: (AtPlace & Wanted & Result)[],
    loose: (Loose & Wanted)[],
    refused: (AtPlace & Wanted)[],
  ): void {
    const place = 'order' in outcome ? outcome.order : undefined;
    if (outcome.kind === 'failed' && place === undefined) return;
    const wanted = wantedForm.safeParse(args).data;
    if (wanted === undefined) {
      this.#findOdd(operation, 'its arguments are none that the service takes');
      return;
    }
    if (outcome.kind === 'failed' && place !== undefined) {
      refused.push({ operation, user, place, ...wanted });
      return;
    }
    if (outcome.kind === 'updated' && place !== undefined) {
      const result = resultForm.safeParse(outcome.result).data;
      if (result !== undefined) {
        done.push({ operation, user, place, ...wanted, ...result });
        return;
      }
      this.#findOdd(operation, 'that is no possible result');
    }
    loose.push({ operation, user, after: this.#order.toldBefore[operation] ?? 0, ...wanted });
  }

  #addAnswer(query: HistoryOperation, operation: number, value: unknown): void {
    const { answers, observations, costs } = this.#requests;
    const at = { operation, user: query.user, place: reflectedBy(query) };
    const isActive = query.operation === 'active';
    if (isActive || query.operation === 'orders') {
      const page = PAGE_ARGUMENTS.safeParse(query.args).data;
      const rows = ROWS.safeParse(value).data;
      if (page === undefined || rows === undefined) this.#findOddAnswer(operation);
      else answers.push({ ...at, isActive, ...page, rows });
    } else if (query.operation === 'menu') {
      const menu = MENU.safeParse(value).data;
      if (menu === undefined) this.#findOddAnswer(operation);
      for (const { item, price, stock } of menu ?? []) {
        observations.push({ ...at, item, price, left: stock });
      }
    } else if (query.operation === 'cost') {
      const cost = COST.safeParse(value).data;
      if (cost === undefined) {
        this.#findOddAnswer(operation);
        return;
      }
      costs.push({ ...at, ...cost });
      const left = new Map(cost.short.map((dish) => [dish.item, dish.left]));
      for (const { item, price } of cost.items) {
        observations.push({ ...at, item, price, left: left.get(item) });
      }
    }
  }

  #findOddAnswer(operation: number): void {
    this.#findOdd(operation, 'that is no possible answer');
  }

  #findOdd(operation: number, why: string): void {
    this.#requests.findings.push(
      finding(this.#operations, 'no thin air', [operation], (told) => `${told}: ${why}`),
    );
  }
}
