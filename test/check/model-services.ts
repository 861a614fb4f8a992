/** The forced operations of kv and hungry, as simple as can be, for the model and the oracle. */

import type { SeededRandom } from '../../src/base/random.js';
import type { ModelRequest, ModelResult, ModelService } from './forced-model.js';
import { cart, DELIVERY, menu, PRICES, row } from './hungry-support.js';

interface KvState {
  readonly values: Readonly<Record<string, unknown>>;
  readonly stock: Readonly<Record<string, number>>;
}

/** @param kind values or stock; few values and amounts, so that many things can have happened. */
export function kvModel(kind: 'values' | 'stock', keys: number): ModelService<KvState> {
  const key = (random: SeededRandom): string => `k${random.below(keys)}`;
  const value = (random: SeededRandom): number | null =>
    random.chance(1, 8) ? null : random.below(4);
  return {
    name: 'kv',
    initial: { values: {}, stock: {} },
    apply: applyKv,
    read: (state, { args }) =>
      kind === 'values'
        ? (state.values[String(args['key'])] ?? null)
        : (state.stock[String(args['key'])] ?? null),
    drawUpdate(random): ModelRequest {
      const operation = random.chance(1, 3) ? 'put' : 'cas';
      if (kind === 'values') {
        const args = { key: key(random), expected: value(random), value: value(random) };
        return { operation, args };
      }
      const isSet = random.chance(1, 8);
      const amount = isSet ? random.below(9) : 1 + random.below(4);
      return { operation: isSet ? 'stock' : 'take', args: { key: key(random), amount } };
    },
    drawQuery(random): ModelRequest {
      const operation = kind === 'values' ? 'forced' : 'left';
      return { operation, args: { key: key(random) } };
    },
    finalQueries: [],
  };
}

function applyKv(state: KvState, { operation, args }: ModelRequest) {
  const key = String(args['key']);
  const told = (value: unknown): ModelResult => ({ kind: 'value', value });
  const amount = Number(args['amount']);
  const withStock = (left: number): KvState => ({
    ...state,
    stock: { ...state.stock, [key]: left },
  });
  const withValue = (value: unknown): KvState => ({
    ...state,
    values: { ...state.values, [key]: value },
  });
  const before = state.values[key] ?? null;
  const left = state.stock[key] ?? null;
  switch (operation) {
    case 'put':
      return { state: withValue(args['value']), result: told(null) };
    case 'cas':
      return before === args['expected']
        ? { state: withValue(args['value']), result: told({ swapped: true, value: args['value'] }) }
        : { state, result: told({ swapped: false, value: before }) };
    case 'stock':
      return { state: withStock(amount), result: told(null) };
    default:
      return left === null || left < amount
        ? { state, result: told({ taken: 0, left }) }
        : { state: withStock(left - amount), result: told({ taken: amount, left: left - amount }) };
  }
}

interface HungryOrder {
  readonly orderId: number;
  readonly user: string;
  readonly quantities: Readonly<Record<string, number>>;
  readonly tip: number;
  readonly status: 'placed' | 'cancelled';
}

interface HungryState {
  readonly stock: Readonly<Record<string, number>>;
  readonly orders: readonly HungryOrder[];
}

/** @param stock of each dish at first. */
export const hungryModel = (stock: number): ModelService<HungryState> => ({
  name: 'hungry',
  initial: { stock: { soup: stock, bread: stock }, orders: [] },
  apply: applyHungry,
  read(state, { operation }, user) {
    if (operation === 'menu') return menu(state.stock);
    return state.orders
      .filter((order) => order.user === user)
      .filter(({ status }) => operation === 'orders' || status === 'placed')
      .toReversed()
      .map(row);
  },
  drawUpdate(random, told): ModelRequest {
    if (random.chance(1, 4) && told.length > 0) {
      const { orderId } = random.pick(told) as { readonly orderId: number };
      return { operation: 'cancel', args: { orderId } };
    }
    const quantities: Record<string, number> = {};
    if (random.chance(2, 3)) quantities['soup'] = 1 + random.below(3);
    if (random.chance(1, 2) || quantities['soup'] === undefined) {
      quantities['bread'] = 1 + random.below(3);
    }
    return { operation: 'order', args: cart(quantities, random.below(2)) };
  },
  drawQuery: (random): ModelRequest => ({
    operation: random.pick(['menu', 'menu', 'orders', 'active']),
    args: {},
  }),
  finalQueries: [
    { operation: 'orders', args: {} },
    { operation: 'menu', args: {} },
  ],
});

function applyHungry(state: HungryState, { operation, args }: ModelRequest, user: string) {
  const refused = { state, result: { kind: 'refused' } as const };
  if (operation === 'cancel') {
    const order = state.orders.find(({ orderId }) => orderId === args['orderId']);
    if (order === undefined || order.user !== user || order.status === 'cancelled') return refused;
    const orders = state.orders.map((other) =>
      other === order ? { ...order, status: 'cancelled' as const } : other,
    );
    const value = { orderId: order.orderId, refund: row(order).total };
    const result = { kind: 'value', value } as const;
    return { state: { stock: moved(state.stock, order.quantities, 1), orders }, result };
  }
  const { items, tip } = args as unknown as ReturnType<typeof cart>;
  const quantities = Object.fromEntries(items.map(({ item, quantity }) => [item, quantity]));
  const stock = moved(state.stock, quantities, -1);
  if (Object.values(stock).some((left) => left < 0)) return refused;
  const orderId = state.orders.length + 1;
  const order = { orderId, user, quantities, tip, status: 'placed' as const };
  const dishes = items.reduce((sum, line) => sum + (PRICES[line.item] ?? 0) * line.quantity, 0);
  const value = { orderId, total: dishes + DELIVERY + tip };
  return {
    state: { stock, orders: [...state.orders, order] },
    result: { kind: 'value', value } as const,
  };
}

function moved(
  stock: Readonly<Record<string, number>>,
  quantities: Readonly<Record<string, number>>,
  sign: 1 | -1,
): Readonly<Record<string, number>> {
  const entries = Object.entries(stock);
  return Object.fromEntries(
    entries.map(([item, left]) => [item, left + sign * (quantities[item] ?? 0)]),
  );
}
