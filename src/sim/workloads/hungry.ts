/**
 * A workload on hungry: many order the last portions of a few dishes, cancel, look at their orders and
 * change their details. What is lost, sold twice or given back twice shows in stocks and histories.
 */

import type { Source, SourceRow } from '../../ports/source.js';
import type { Outside } from '../../service/contract.js';
import { queryOptions, type Step, updateOptions, type Workload } from './workload.js';

/** Dishes with few portions run out, those with many do not. */
const DISHES: readonly (readonly [item: string, price: number, stock: number])[] = [
  ['soup', 450, 8],
  ['bread', 120, 25],
  ['pie', 990, 60],
  ['cake', 375, 1000],
];

const FILES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'menu.csv': [
    ['item', 'course', 'name', 'about', 'price', 'stock'],
    ...DISHES.map(([item, price, stock]) => [item, 'All', item, '', String(price), String(stock)]),
  ],
  'motd.csv': [['text'], ['Welcome']],
};

/** The initial state that a simulated food service begins with. */
export const hungrySource: Source = {
  label: 'the simulated menu',
  *rows(file): Iterable<SourceRow> {
    for (const [index, fields] of (FILES[file] ?? []).entries()) yield { line: index + 1, fields };
  },
};

const POSTCODES = ['SW1A 1AA', 'EH1 1YZ', 'CF10 1EP'];

/** The first service of the two does not know this one: it is asked of the second. */
const ANSWERED_BY_THE_SECOND = 'CF10%201EP';

/** What front ends find outside: both postcode services, one of which fails for one postcode. */
export const hungryOutside: Outside = {
  settings: { postcodesIo: 'http://first', getthedata: 'http://second' },
  async get(url) {
    const place = { latitude: 51.5, longitude: -0.14 };
    if (!url.startsWith('http://first')) {
      const data = { latitude: String(place.latitude), longitude: String(place.longitude) };
      const match = { status: 'match', match_type: 'unit_postcode', data };
      return { status: 200, body: JSON.stringify(match) };
    }
    if (url.endsWith(ANSWERED_BY_THE_SECOND)) return { status: 500, body: 'out of order' };
    return { status: 200, body: JSON.stringify({ status: 200, result: place }) };
  },
};

const order: Step = async (player) => {
  const { caller, random } = player;
  const lines = 1 + random.below(2);
  const items = Array.from({ length: lines }, () => ({
    item: random.pick(DISHES)[0],
    quantity: 1 + random.below(3),
  }));
  const delivery = random.pick(['standard', 'express', 'collect'] as const);
  const args = { items, delivery, tip: random.pick([0, 0, 150]) };
  await caller.update('order', args, updateOptions(player));
};

/** One of the user's own orders, as a query finds it; perhaps one that is cancelled already. */
const cancel: Step = async (player) => {
  const { caller, random } = player;
  const seen = await caller.query('orders', {}, queryOptions(player));
  if (seen.kind !== 'answered' || !Array.isArray(seen.value) || seen.value.length === 0) return;
  const { orderId } = random.pick(seen.value as readonly { orderId: number }[]);
  await caller.update('cancel', { orderId }, updateOptions(player));
};

const look =
  (operation: string): Step =>
  async (player) => {
    await player.caller.query(operation, {}, queryOptions(player));
  };

const register: Step = async (player) => {
  const args = {
    first: 'Ada',
    last: player.newValue(),
    phone: `0131-${1000 + player.random.below(9000)}`,
    postcode: player.random.pick(POSTCODES),
    address: `${1 + player.random.below(200)} High Street`,
  };
  await player.caller.update('register', args, updateOptions(player));
};

const readEverything: Step = async ({ caller, timeoutMs }) => {
  const options = { consistency: 'fresh', timeoutMs } as const;
  for (const operation of ['menu', 'motd']) await caller.query(operation, {}, options);
};

const readOwn: Step = async ({ caller, timeoutMs }) => {
  const options = { consistency: 'fresh', timeoutMs } as const;
  for (const operation of ['orders', 'active', 'details']) {
    await caller.query(operation, {}, options);
  }
};

export const foodOrders: Workload = {
  name: 'food orders',
  service: 'hungry',
  isForced: true,
  begin() {
    const looks = ['menu', 'orders', 'active', 'details', 'motd'].map(look);
    return {
      steps: [order, order, order, order, cancel, register, ...looks],
      readAll: readEverything,
      readOwn,
    };
  },
};
