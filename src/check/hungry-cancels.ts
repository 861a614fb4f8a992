/**
 * What is known of cancelled orders: which were cancelled for certain, and which may be, by updates of
 * unknown outcome. A cancel is the user's own, of an order that stands before it, and no order has two;
 * one that is refused had a reason. What answers show of orders must agree with it.
 */

import { type Finding, finding } from './finding.js';
import type { HistoryOperation } from './history.js';
import { type BookedOrder, isCut, type OrderBook } from './hungry-book.js';
import type { OrderRow } from './hungry-forms.js';
import type { DoneCancel, LooseCancel, OrdersAnswer, Requests } from './hungry-requests.js';

/** What is known of one order's cancelling. */
export interface Cancelling {
  readonly done: DoneCancel | undefined;
  readonly loose: readonly LooseCancel[];
  /** The first answer that shows it cancelled, and the last that shows it placed: their places. */
  shownFrom: number;
  shownPlacedUpTo: number;
}

export interface Cancellings {
  /** By the number of the order. */
  readonly byId: ReadonlyMap<number, Cancelling>;
  readonly findings: readonly Finding[];
}

export function cancellings(
  operations: readonly HistoryOperation[],
  requests: Requests,
  book: OrderBook,
): Cancellings {
  return new CancelCheck(operations, requests, book).check();
}

interface OpenCancelling extends Cancelling {
  done: DoneCancel | undefined;
  readonly loose: LooseCancel[];
}

const PROMISE = 'results agree with the order';

class CancelCheck {
  readonly #operations: readonly HistoryOperation[];
  readonly #requests: Requests;
  readonly #book: OrderBook;
  readonly #byId = new Map<number, OpenCancelling>();
  readonly #findings: Finding[] = [];

  constructor(operations: readonly HistoryOperation[], requests: Requests, book: OrderBook) {
    this.#operations = operations;
    this.#requests = requests;
    this.#book = book;
  }

  check(): Cancellings {
    for (const cancel of this.#requests.looseCancels) this.#of(cancel.orderId).loose.push(cancel);
    for (const cancel of this.#requests.cancels) this.#checkDone(cancel);
    for (const answer of this.#requests.answers) this.#checkAnswer(answer);
    this.#checkRefused();
    return { byId: this.#byId, findings: this.#findings };
  }

  #of(orderId: number): OpenCancelling {
    let known = this.#byId.get(orderId);
    if (known === undefined) {
      known = {
        done: undefined,
        loose: [],
        shownFrom: Number.POSITIVE_INFINITY,
        shownPlacedUpTo: 0,
      };
      this.#byId.set(orderId, known);
    }
    return known;
  }

  #checkDone(cancel: DoneCancel): void {
    const { operation, user, place, orderId, refund } = cancel;
    const known = this.#of(orderId);
    if (known.done !== undefined) {
      this.#find(
        'exactly once',
        [known.done.operation, operation],
        (one, other) => `order ${orderId} was cancelled twice: ${one} and ${other}`,
      );
      return;
    }
    known.done = cancel;
    const order = this.#book.byId.get(orderId);
    if (order === undefined) {
      const isPossible = this.#book.unseen.some(
        (unseen) => unseen.user === user && unseen.after + 1 < place,
      );
      if (!isPossible) {
        this.#find(PROMISE, [operation], (told) => `${told}: this user has placed no such order`);
      }
    } else if (order.user !== user || order.after + 1 >= place || order.total !== refund) {
      this.#find(
        PROMISE,
        [operation, order.operation],
        (told, placed) =>
          `${told} is no cancel of the order that ${placed} tells of: by the same user, at an ` +
          `earlier place, of a total that is the refund`,
      );
    }
  }

  #checkAnswer(answer: OrdersAnswer): void {
    const { operation, user, place, rows, before } = answer;
    const shown = new Set<number>();
    let last = before;
    for (const row of rows) {
      shown.add(row.orderId);
      if (row.orderId >= last) {
        this.#find(
          'exactly once',
          [operation],
          (told) =>
            `${told} showed order ${row.orderId} after order ${last}: newest first, each once`,
        );
        return;
      }
      last = row.orderId;
      const order = this.#book.byId.get(row.orderId);
      if (order !== undefined && order.after >= place) {
        this.#find(
          PROMISE,
          [operation, order.operation],
          (told, placed) =>
            `${told} showed order ${row.orderId}, which has a later place: ${placed}`,
        );
      }
      this.#checkStatus(row, answer);
    }
    const oldest = isCut(answer) ? last : 0;
    const missing = (this.#book.byUser.get(user) ?? []).filter(
      (order) =>
        order.upTo <= place &&
        order.orderId < before &&
        order.orderId > oldest &&
        !shown.has(order.orderId) &&
        !(answer.isActive && this.#mayBeCancelled(order.orderId, place)),
    );
    const [first] = missing;
    if (first !== undefined) this.#findMissing(answer, first, missing.length - 1);
  }

  #findMissing({ operation, place }: OrdersAnswer, order: BookedOrder, others: number): void {
    this.#find(
      'accepted orders are kept',
      [operation, order.operation],
      (told, placed) =>
        `${told} reflects the order up to place ${place} and does not show order ${order.orderId}, ` +
        `which ${placed} tells of` +
        (others === 0 ? '' : `; ${others} more are missing`),
    );
  }

  #checkStatus({ orderId, status }: OrderRow, { operation, place, isActive }: OrdersAnswer): void {
    const known = this.#byId.get(orderId);
    if (status === 'cancelled') {
      if (isActive || !this.#mayBeCancelled(orderId, place)) {
        this.#findNotCancelled(operation, orderId, isActive);
      } else if (known !== undefined) known.shownFrom = Math.min(known.shownFrom, place);
      return;
    }
    if (known === undefined) return;
    known.shownPlacedUpTo = place;
    if (known.done !== undefined && known.done.place <= place) {
      this.#find(
        PROMISE,
        [operation, known.done.operation],
        (told, cancel) => `${told} showed order ${orderId} as placed, after ${cancel}`,
      );
    } else if (known.shownFrom <= place) {
      this.#find(
        PROMISE,
        [operation],
        (told) =>
          `${told} showed order ${orderId} as placed, at place ${place}; at place ` +
          `${known.shownFrom} it was shown as cancelled`,
      );
    }
  }

  #findNotCancelled(operation: number, orderId: number, isActive: boolean): void {
    const refused = this.#operations.findIndex(
      (cancel) =>
        cancel.operation === 'cancel' &&
        cancel.outcome.kind === 'failed' &&
        cancel.args['orderId'] === orderId,
    );
    if (isActive) {
      this.#find(
        PROMISE,
        [operation],
        (told) => `${told} showed order ${orderId}, which is cancelled`,
      );
    } else if (refused === -1) {
      this.#find(
        'no thin air',
        [operation],
        (told) =>
          `${told} showed order ${orderId} as cancelled, which nobody did at an earlier place`,
      );
    } else {
      this.#find(
        'refused means never',
        [operation, refused],
        (told, cancel) =>
          `${told} showed order ${orderId} as cancelled, which only ${cancel} asked for; its client was ` +
          'told that it certainly had no effect',
      );
    }
  }

  /** Whether a cancel that took effect may stand at that place or before it. */
  #mayBeCancelled(orderId: number, place: number): boolean {
    const known = this.#byId.get(orderId);
    if (known === undefined) return false;
    return (
      (known.done?.place ?? place + 1) <= place || known.loose.some(({ after }) => after < place)
    );
  }

  #checkRefused(): void {
    for (const { operation, user, orderId, place } of this.#requests.refusedCancels) {
      const order = this.#book.byId.get(orderId);
      if (order === undefined || order.user !== user || order.upTo >= place) continue;
      if (this.#mayBeCancelled(orderId, place - 1)) continue;
      this.#find(
        'no false refusal',
        [operation, order.operation],
        (told, placed) =>
          `${told} was refused, although nobody had cancelled that order before: ${placed}`,
      );
    }
  }

  #find(
    promise: string,
    involved: readonly number[],
    words: (...told: readonly string[]) => string,
  ): void {
    this.#findings.push(finding(this.#operations, promise, involved, words));
  }
}
