/** One replica's worth of hungry on the small menu, with forced updates in one call. */

import type { Json } from '../../../src/service/contract.js';
import { hungry } from '../../../src/service/hungry/hungry.js';
import { type OpenService, openService } from '../support.js';
import { smallSource } from './small-data.js';

/** What `order` takes, in short: `{ soup: 2, pie: 1 }`. */
export type Wanted = Readonly<Record<string, number>>;

export const itemsOf = (wanted: Wanted) =>
  Object.entries(wanted).map(([item, quantity]) => ({ item, quantity }));

export type Outcome = ReturnType<typeof hungry.applyForced>;

export class OpenShop {
  readonly opened: OpenService;

  constructor(opened: OpenService) {
    this.opened = opened;
  }

  force(operation: string, args: Record<string, unknown>, user = 'alice'): Outcome {
    const parsed = hungry.parse('update', operation, args, user);
    return hungry.applyForced(this.opened.db, operation, parsed, { user, id: 't:1', stamp: '1' });
  }

  order(wanted: Wanted, user = 'alice'): Outcome {
    return this.force('order', { items: itemsOf(wanted), delivery: 'collect' }, user);
  }

  stock(): Record<string, number> {
    const menu = this.opened.query('menu') as unknown as { item: string; stock: number }[];
    return Object.fromEntries(menu.map(({ item, stock }) => [item, stock]));
  }

  /** The numbers of a user's orders. */
  numbers(query: 'orders' | 'active', user = 'alice', args: Record<string, Json> = {}): number[] {
    const orders = this.opened.query(query, args, user) as unknown as { orderId: number }[];
    return orders.map(({ orderId }) => orderId);
  }
}

export async function openShop(): Promise<OpenShop> {
  return new OpenShop(await openService(hungry, smallSource()));
}

export const value = (json: Json): Outcome => ({ kind: 'value', value: json });
