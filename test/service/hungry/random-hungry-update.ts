/** Random updates of hungry on the small menu for the convergence kit: few of everything, so they meet. */

import type { Random } from '../../../src/base/random.js';
import type { RandomUpdate } from '../../../src/service/convergence.js';
import { ALICE, OXFORD } from './small-data.js';

/** The last one is not on the menu at first: `order` refuses it until a `setItem` has put it there. */
const DISHES = ['soup', 'pie', 'toast', 'stew'];

export function randomHungryUpdate(random: Random): RandomUpdate {
  const user = random.pick(['alice', 'bob']);
  const operation = random.pick(['register', 'setMotd', 'order', 'order', 'cancel', 'setItem']);
  switch (operation) {
    case 'register': {
      const first = random.pick(['Al', 'Bo', 'Cy']);
      return { operation, user, args: { ...ALICE, ...OXFORD, first } };
    }
    case 'setMotd':
      return { operation, user, args: { text: random.pick(['Hello', 'Closed']) } };
    case 'order': {
      const items = [{ item: random.pick(DISHES), quantity: 1 + random.below(3) }];
      return { operation, user, args: { items, delivery: random.pick(['standard', 'collect']) } };
    }
    case 'cancel':
      return { operation, user, args: { orderId: 1 + random.below(5) } };
    default: {
      const item = random.pick(DISHES);
      const args = { item, name: item.toUpperCase(), price: 100, stock: random.below(4) };
      return { operation, user, args };
    }
  }
}
