import { expect } from 'chai';
import { SeededRandom } from '../../src/base/random.js';
import { checkHistory } from '../../src/check/check-history.js';
import type { History } from '../../src/check/history.js';
import { forcedModelHistory } from './forced-model.js';
import { kitchen, type Row, totalOf } from './hungry-support.js';
import { kvModel } from './model-services.js';

const USERS = 20;

/** Orders, cancels and looks at both, one after the other; some orders have an unknown outcome. */
function largeHungry(operations: number): History {
  const random = new SeededRandom(1);
  const all = kitchen().set('soup', 1_000_000, 1).set('bread', 1_000_000, 2);
  const left = { soup: 1_000_000, bread: 1_000_000 };
  const rows = Array.from({ length: USERS }, (): Row[] => []);
  let place = 2;
  let orderId = 0;
  while (all.operations.length < operations) {
    const number = random.below(USERS);
    const user = `user-${number}`;
    const own = rows[number] ?? [];
    const quantities = { soup: 1 + random.below(3), bread: 1 + random.below(3) };
    const last = own.at(-1);
    const choice = random.below(20);
    if (choice < 10) {
      place++;
      orderId++;
      if (choice === 0) all.orderUnknown(user, quantities, { returned: null });
      else all.order(user, quantities, orderId, place);
      own.push({ orderId, quantities });
      left.soup -= quantities.soup;
      left.bread -= quantities.bread;
    } else if (choice < 12 && last?.status === undefined && last !== undefined) {
      place++;
      all.cancel(user, last.orderId, totalOf(last.quantities), place);
      own.splice(-1, 1, { ...last, status: 'cancelled' });
      left.soup += last.quantities['soup'] ?? 0;
      left.bread += last.quantities['bread'] ?? 0;
    } else if (choice < 16) all.menu(left, place);
    else {
      const shown = kitchen().orders(user, own.slice(-10).toReversed(), place).operations[0]
        ?.outcome;
      const value = shown?.kind === 'answered' ? shown.value : null;
      all.shown(user, 'orders', { limit: 10 }, value, place, { user });
    }
  }
  return all.hungry();
}

/** The same with another answer to its last query of that name. */
function withLast(history: History, name: string, change: (value: unknown) => unknown): History {
  const last = history.operations.findLastIndex(({ operation }) => operation === name);
  const operations = history.operations.map((operation, index) =>
    index === last && operation.outcome.kind === 'answered'
      ? {
          ...operation,
          outcome: { ...operation.outcome, value: change(operation.outcome.value) },
        }
      : operation,
  );
  return { ...history, operations };
}

const promisesOf = (history: History): readonly string[] =>
  checkHistory(history).violations.map(({ promise }) => promise);

describe('check: many forced operations', function () {
  this.timeout(120_000);

  it('of kv, 100,000, are accepted, and one wrong answer among them is found', () => {
    for (const kind of ['values', 'stock'] as const) {
      const options = { seed: 1, operations: 100_000, users: USERS, lost: 1 };
      const history = forcedModelHistory(kvModel(kind, 20), options);
      expect(promisesOf(history)).to.deep.equal([]);
      const wrong = kind === 'values' ? 'odd' : 999;
      const query = kind === 'values' ? 'forced' : 'left';
      expect(promisesOf(withLast(history, query, () => wrong))).to.have.length(1);
    }
  });

  it('of hungry, 20,000, are accepted, and one wrong answer among them is found', () => {
    const history = largeHungry(20_000);
    expect(promisesOf(history)).to.deep.equal([]);
    const withoutFirst = (value: unknown): unknown => (value as readonly unknown[]).slice(1);
    const missing = promisesOf(withLast(history, 'orders', withoutFirst));
    expect(missing).to.include('accepted orders are kept');
    const withMore = (value: unknown): unknown =>
      (value as readonly { stock: number }[]).map((dish) => ({
        ...dish,
        stock: dish.stock + 100_000,
      }));
    expect(promisesOf(withLast(history, 'menu', withMore))).to.deep.equal([
      'stock is conserved',
      'stock is conserved',
    ]);
  });
});
