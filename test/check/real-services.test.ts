/** The checkers understand what the services really answer: nothing is odd, and nothing goes unchecked. */

import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import { SeededRandom } from '../../src/base/random.js';
import { checkHistory } from '../../src/check/check-history.js';
import { hungry } from '../../src/service/hungry/hungry.js';
import { kv } from '../../src/service/kv/kv.js';
import { smallSource } from '../service/hungry/small-data.js';
import { openService, type OpenService } from '../service/support.js';
import { Script } from './support.js';

type Args = Record<string, unknown>;

/** Asks the service and writes down what it says; some answers of updates are lost. */
class Scribe {
  readonly script = new Script();
  readonly random = new SeededRandom(7);
  readonly #opened: OpenService;
  #place = 0;

  constructor(opened: OpenService) {
    this.#opened = opened;
  }

  update(user: string, operation: string, args: Args): void {
    // After a setItem of unknown outcome nothing is told of that dish any more.
    const isLost = operation !== 'setItem' && this.random.chance(1, 12);
    if (isLost) this.script.unknown(user, operation, args, { user });
    if (isLost && this.random.chance(1, 2)) return;
    const isForced = this.#opened.service.orderingOf(operation) === 'forced';
    if (isForced) this.#place++;
    try {
      const result = this.#opened.update(operation, args, user);
      if (isLost) return;
      if (isForced) this.script.forced(user, operation, args, result, this.#place, { user });
      else this.script.updated(user, operation, args, 2, { user });
    } catch (error) {
      expect(error).to.be.instanceOf(HearsayError).with.property('code', 'REFUSED');
      if (!isLost) this.script.refused(user, operation, args, this.#place, { user });
    }
  }

  query(user: string, operation: string, args: Args = {}): void {
    const value = this.#opened.query(operation, args, user);
    this.script.shown(user, operation, args, value, this.#place, { user, guarantee: 'fresh' });
  }
}

describe('check: what services really answer', function () {
  this.timeout(60_000);

  it('of kv is understood', async () => {
    const scribe = new Scribe(await openService(kv));
    const { random } = scribe;
    for (let i = 0; i < 600; i++) {
      const user = `user-${random.below(3)}`;
      const key = `key-${random.below(3)}`;
      const value = random.pick([null, i, `text ${i}`, { b: i, a: [true] }]);
      const expected = random.pick([null, value, i - 1]);
      const steps = [
        () => scribe.update(user, 'put', { key, value }),
        () => scribe.update(user, 'cas', { key, expected, value }),
        () => scribe.update(user, 'stock', { key, amount: random.below(20) }),
        () => scribe.update(user, 'take', { key, amount: random.below(5) }),
        () => scribe.update(user, 'take', { key, amount: random.below(5) }),
        () => scribe.update(user, 'set', { key, value: i }),
        () => scribe.query(user, 'forced', { key }),
        () => scribe.query(user, 'left', { key }),
        () => scribe.query(user, 'get', { key }),
      ];
      random.pick(steps)();
    }
    const { violations, notes, figures } = checkHistory(scribe.script.history());
    expect(violations).to.deep.equal([]);
    expect(notes.filter((note) => note.includes('do not know'))).to.deep.equal([]);
    expect(figures.ordered).to.be.above(250);
    expect(figures.forcedAnswers).to.be.above(80);
  });

  it('of hungry is understood', async () => {
    const scribe = new Scribe(await openService(hungry, smallSource()));
    const { random } = scribe;
    const cart = () => ({
      items: Array.from({ length: 1 + random.below(3) }, () => {
        return {
          item: random.pick(['soup', 'pie', 'toast', 'cake']),
          quantity: 1 + random.below(3),
        };
      }),
      delivery: random.pick(['standard', 'express', 'collect']),
      tip: random.below(3) * 50,
    });
    scribe.query('user-0', 'menu');
    for (let i = 0; i < 600; i++) {
      const user = `user-${random.below(3)}`;
      const item = random.pick(['soup', 'pie', 'tea']);
      const dish = { item, name: `Dish ${i}`, price: 100 + i, stock: random.below(30) };
      const steps = [
        () => scribe.update(user, 'order', cart()),
        () => scribe.update(user, 'order', cart()),
        () => scribe.update(user, 'cancel', { orderId: 1 + random.below(60) }),
        () => scribe.query(user, 'menu'),
        () => scribe.query(user, 'cost', cart()),
        () => scribe.query(user, 'orders', random.chance(1, 2) ? {} : { limit: 3, before: 40 }),
        () => scribe.query(user, 'active'),
        () => scribe.query(user, 'deliveries'),
        () => scribe.query(user, 'motd'),
        () => scribe.query(user, 'details'),
      ];
      if (random.chance(1, 20)) scribe.update('admin', 'setItem', dish);
      if (random.chance(1, 20)) scribe.update('admin', 'setMotd', { text: ` Message ${i} ` });
      random.pick(steps)();
    }
    const { violations, notes, figures } = checkHistory(scribe.script.history('hungry'));
    expect(violations).to.deep.equal([]);
    expect(notes.filter((note) => note.includes('do not know'))).to.deep.equal([]);
    expect(figures.ordered).to.be.above(100);
    expect(figures.refused).to.be.above(20);
    expect(figures.forcedAnswers).to.be.above(150);
  });
});
