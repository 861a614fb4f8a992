/** A customer at the ordering screen: keys in, screens out, answers from a real hungry in this process. */

import { HearsayError } from '../../../../src/base/errors.js';
import type { Call, Request } from '../../../../src/client/ui/request.js';
import type { Shop } from '../../../../src/client/ui/shop/shop.js';
import {
  initialState,
  type Outcome,
  type Size,
  type State,
} from '../../../../src/client/ui/state.js';
import { update } from '../../../../src/client/ui/update.js';
import { hungry } from '../../../../src/service/hungry/hungry.js';
import { OXFORD, smallSource } from '../../../service/hungry/small-data.js';
import { type OpenService, openService } from '../../../service/support.js';
import { press, SMALL, screenOf, typing } from '../support.js';

const TIMESTAMP = { '!0': 3, 'rm-1.x7~3f': 2 };

/** A postcode of the right form that no service knows. */
export const NO_PLACE = 'EH99 9ZZ';

export class Customer {
  /** Answers come at once, or when `answer` or `fail` is called. */
  isHeld = false;
  state: State;
  readonly service: OpenService;
  #waiting: Call[] = [];

  private constructor(service: OpenService, size: Size) {
    this.service = service;
    this.state = initialState({
      size,
      user: 'alice',
      service: hungry.name,
      operations: hungry.operations,
      frontend: 'ws://127.0.0.1:7100',
      timestamp: {},
    });
  }

  /** Opens the shop; `isHeld` as it is to be from the beginning. */
  static async enter(size: Size = SMALL, isHeld = false): Promise<Customer> {
    const customer = new Customer(await openService(hungry, smallSource()), size);
    customer.isHeld = isHeld;
    const { state, requests } = update(customer.state, { kind: 'started' });
    customer.state = state;
    customer.#take(requests);
    return customer;
  }

  press(...keys: string[]): void {
    for (const key of keys) {
      const { state, requests } = press(this.state, key);
      this.state = state;
      this.#take(requests);
    }
  }

  type(text: string): void {
    this.press(...typing(text));
  }

  /** Fills in the details and saves them; at the form. */
  register(postcode = 'OX1 1DP'): void {
    this.press(...Array.from({ length: 4 }, () => 'up'));
    for (const text of ['Alice', 'Liddell', '01865-276-150', postcode, 'The Deanery, Oxford']) {
      this.press('C-u');
      this.type(text);
      this.press('down');
    }
    this.press('enter');
  }

  get shop(): Shop {
    if (this.state.shop === null) throw new Error('there is nothing to order');
    return this.state.shop;
  }

  get screen(): string {
    return screenOf(this.state);
  }

  /** The calls that are not answered, by name. */
  get waiting(): string[] {
    return this.#waiting.map(({ operation }) => operation.name);
  }

  /** The arguments of the last call of an operation that is not answered. */
  argumentsOf(name: string): unknown {
    return this.#waiting.findLast(({ operation }) => operation.name === name)?.args;
  }

  /** Answers all that waits, and what is asked because of that. */
  answer(): void {
    for (let call = this.#waiting.shift(); call !== undefined; call = this.#waiting.shift()) {
      this.#answered(call, this.#outcomeOf(call));
    }
  }

  /** Answers the oldest waiting call of an operation. */
  answerOne(name: string): void {
    const call = this.#waiting.find(({ operation }) => operation.name === name);
    if (call === undefined) throw new Error(`no ${name} waits`);
    this.answerWith(name, this.#outcomeOf(call));
  }

  /** The oldest waiting call of an operation gets no value. */
  fail(name: string, failure: { code: 'TIMEOUT' | 'UNAVAILABLE'; definite: boolean }): void {
    this.answerWith(name, { kind: 'failed', message: 'no answer came', tookMs: 1, ...failure });
  }

  answerWith(name: string, outcome: Exclude<Outcome, { kind: 'waiting' }>): void {
    const call = this.#waiting.find(({ operation }) => operation.name === name);
    if (call === undefined) throw new Error(`no ${name} waits`);
    this.#waiting = this.#waiting.filter((other) => other !== call);
    this.#answered(call, outcome);
  }

  /** The seconds that the update under way has taken. */
  wait(seconds: number): void {
    const id = this.shop.sent?.id ?? 0;
    this.state = update(this.state, { kind: 'waited', id, seconds }).state;
  }

  #take(requests: readonly Request[]): void {
    this.#waiting.push(
      ...requests.flatMap((request) => (request.kind === 'call' ? [request.call] : [])),
    );
    if (!this.isHeld) this.answer();
  }

  #answered({ id }: Call, outcome: Exclude<Outcome, { kind: 'waiting' }>): void {
    const { state, requests } = update(this.state, {
      kind: 'answered',
      id,
      outcome,
      timestamp: TIMESTAMP,
    });
    this.state = state;
    this.#take(requests);
  }

  #outcomeOf({ operation: { name, kind }, args }: Call): Exclude<Outcome, { kind: 'waiting' }> {
    const { user } = this.state;
    try {
      if (kind === 'query') {
        const value = this.service.query(name, args, user);
        return { kind: 'value', value, guarantee: 'fresh', timestamp: TIMESTAMP, tookMs: 1 };
      }
      if (args.postcode === NO_PLACE) {
        throw new HearsayError(
          'INVALID',
          `there is no postcode ${NO_PLACE}, says the test; check it`,
        );
      }
      const complete = name === 'register' ? { ...args, ...OXFORD } : args;
      const result = this.service.update(name, complete, user);
      return { kind: 'done', result, copies: 2, timestamp: TIMESTAMP, tookMs: 1 };
    } catch (error) {
      if (!(error instanceof HearsayError)) throw error;
      const { code, message, definite } = error;
      return { kind: 'failed', code, message, definite, tookMs: 1 };
    }
  }
}

/** A customer at the checkout with two soups. */
export async function atCheckout(): Promise<Customer> {
  const customer = await Customer.enter();
  customer.press('enter', 'enter', '2');
  return customer;
}

/** The same with an address, in front of the last line. */
export async function readyToOrder(): Promise<Customer> {
  const customer = await atCheckout();
  customer.press('4');
  customer.register();
  customer.press('end');
  return customer;
}

export const cartOf = ({ shop }: Customer) => Object.fromEntries(shop.cart);
