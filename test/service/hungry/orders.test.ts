import { expect } from 'chai';
import fc from 'fast-check';
import { itemsOf, type OpenShop, openShop, type Outcome, value, type Wanted } from './open-shop.js';

const refused = (message: string): Outcome => ({ kind: 'refused', message });

describe('orders of hungry', () => {
  let shop: OpenShop;

  beforeEach(async () => {
    shop = await openShop();
  });
  afterEach(() => shop.opened.db.close());

  it('takes from stock and numbers orders 1, 2, 3', () => {
    expect(shop.order({ soup: 2, pie: 1 })).to.deep.equal(value({ orderId: 1, total: 2150 }));
    expect(shop.order({ soup: 1 }, 'bob')).to.deep.equal(value({ orderId: 2, total: 450 }));
    expect(shop.order({ pie: 2 })).to.deep.equal(value({ orderId: 3, total: 2500 }));
    expect(shop.stock()).to.deep.equal({ soup: 7, toast: 2, pie: 0, cake: 0 });
    expect(shop.numbers('orders')).to.deep.equal([3, 1]);
    expect(shop.numbers('orders', 'bob')).to.deep.equal([2]);
  });

  it('adds delivery and tip', () => {
    const args = { items: itemsOf({ soup: 1 }), delivery: 'express', tip: 50 };
    expect(shop.force('order', args)).to.deep.equal(value({ orderId: 1, total: 450 + 549 + 50 }));
    expect(shop.opened.query('orders', {}, 'alice')).to.deep.equal([
      {
        orderId: 1,
        status: 'placed',
        items: [{ item: 'soup', name: 'Tomato Soup', price: 450, quantity: 1, total: 450 }],
        delivery: (shop.opened.query('deliveries') as unknown[])[1],
        tip: 50,
        total: 1049,
      },
    ]);
  });

  it('adds up the same dish on several lines', () => {
    const items = [...itemsOf({ soup: 4, pie: 1 }), ...itemsOf({ soup: 5 })];
    expect(shop.force('order', { items, delivery: 'collect' })).to.have.property('kind', 'value');
    expect(shop.stock()).to.include({ soup: 1, pie: 2 });
    const [order] = shop.opened.query('orders', {}, 'alice') as { items: object[] }[];
    expect(order?.items).to.have.length(2);
    expect(order?.items[0]).to.include({ item: 'soup', quantity: 9, total: 4050 });
  });

  it('refuses all of an order of which something is short, and says what', () => {
    const before = shop.opened.hash();
    expect(shop.order({ soup: 1, toast: 3, cake: 1 })).to.deep.equal(
      refused('not enough left: toast has 2 left, not 3; cake is sold out'),
    );
    const items = [...itemsOf({ pie: 2 }), ...itemsOf({ pie: 2 })];
    expect(shop.force('order', { items, delivery: 'collect' })).to.deep.equal(
      refused('not enough left: pie has 3 left, not 4'),
    );
    expect(shop.order({ soup: 1, stew: 1 })).to.deep.equal(
      refused('there is no "stew" on the menu; menu lists what there is'),
    );
    expect(shop.opened.hash()).to.equal(before);
    expect(shop.order({ soup: 1 }), 'no number was used').to.deep.equal(
      value({ orderId: 1, total: 450 }),
    );
  });

  it('sells the last one, and then no more', () => {
    expect(shop.order({ toast: 2 })).to.have.property('kind', 'value');
    expect(shop.order({ toast: 1 })).to.deep.equal(refused('not enough left: toast is sold out'));
  });

  it('cancels once, gives the stock back and keeps the order in the history', () => {
    shop.order({ soup: 2, pie: 3 });
    shop.order({ soup: 1 });
    expect(shop.force('cancel', { orderId: 1 })).to.deep.equal(
      value({ orderId: 1, refund: 900 + 3750 }),
    );
    expect(shop.stock()).to.include({ soup: 9, pie: 3 });
    expect(shop.force('cancel', { orderId: 1 })).to.deep.equal(
      refused('order 1 was cancelled already'),
    );
    expect(shop.stock()).to.include({ soup: 9, pie: 3 });
    expect(shop.numbers('orders')).to.deep.equal([2, 1]);
    expect(shop.numbers('active')).to.deep.equal([2]);
    expect(shop.opened.query('orders', {}, 'alice')).to.have.nested.property(
      '[1].status',
      'cancelled',
    );
    expect(shop.order({ soup: 1 })).to.deep.equal(value({ orderId: 3, total: 450 }));
  });

  it('lets nobody cancel the order of another', () => {
    shop.order({ soup: 2 });
    const unknown = 'you have no order 1; orders lists yours';
    expect(shop.force('cancel', { orderId: 1 }, 'bob')).to.deep.equal(refused(unknown));
    expect(shop.force('cancel', { orderId: 7 }, 'alice')).to.deep.equal(
      refused(unknown.replace('1', '7')),
    );
    expect(shop.stock()).to.include({ soup: 8 });
    expect(shop.numbers('active')).to.deep.equal([1]);
  });

  it('gives a long history in pages', () => {
    for (let number = 1; number <= 5; number++) shop.order({ soup: 1 });
    expect(shop.numbers('orders', 'alice', { limit: 2 })).to.deep.equal([5, 4]);
    expect(shop.numbers('orders', 'alice', { limit: 2, before: 4 })).to.deep.equal([3, 2]);
    expect(shop.numbers('active', 'alice', { before: 2 })).to.deep.equal([1]);
    expect(shop.numbers('orders', 'alice', { before: 1 })).to.deep.equal([]);
  });

  it('lets the administrator change dishes and add new ones; old orders stay as they were', () => {
    shop.order({ soup: 1 });
    const soup = { item: 'soup', name: 'Cold Soup', price: 500, stock: 4 };
    expect(shop.force('setItem', soup, 'admin')).to.deep.equal(value(null));
    const stew = { item: 'stew', name: 'Stew', price: 900, stock: 1 };
    expect(shop.force('setItem', stew, 'admin')).to.deep.equal(value(null));
    const menu = shop.opened.query('menu') as object[];
    expect(menu[0]).to.deep.equal({ ...soup, course: 'Starters', about: 'hot' });
    expect(menu.at(-1)).to.deep.equal({ ...stew, course: 'Specials' });
    expect(shop.opened.query('orders', {}, 'alice')).to.have.deep.nested.property('[0].items', [
      { item: 'soup', name: 'Tomato Soup', price: 450, quantity: 1, total: 450 },
    ]);
    expect(shop.force('cancel', { orderId: 1 })).to.deep.equal(value({ orderId: 1, refund: 450 }));
    expect(shop.stock()).to.include({ soup: 5, stew: 1 });
    expect(shop.order({ stew: 1, soup: 1 })).to.deep.equal(value({ orderId: 2, total: 1400 }));
  });
});

/** What the property tries: an order, or a cancellation by number. */
type Deed =
  | { readonly kind: 'order'; readonly user: string; readonly wanted: Wanted }
  | { readonly kind: 'cancel'; readonly user: string; readonly orderId: number };

const USER = fc.constantFrom('alice', 'bob');
const DEED: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({
    kind: fc.constant('order' as const),
    user: USER,
    wanted: fc.dictionary(
      fc.constantFrom('soup', 'soup', 'pie', 'pie', 'toast', 'cake'),
      fc.integer({ min: 1, max: 2 }),
      { minKeys: 1, maxKeys: 2, noNullPrototype: true },
    ),
  }),
  fc.record({
    kind: fc.constant('cancel' as const),
    user: USER,
    orderId: fc.integer({ min: 1, max: 6 }),
  }),
);

interface Order {
  readonly user: string;
  readonly wanted: Wanted;
  open: boolean;
}

/** Stock as it should be: what was there at first, less what open orders hold. */
class Pantry {
  readonly #first: Readonly<Record<string, number>>;
  readonly orders: Order[] = [];

  constructor(first: Readonly<Record<string, number>>) {
    this.#first = first;
  }

  left(item: string): number {
    return this.orders
      .filter(({ open }) => open)
      .reduce((left, { wanted }) => left - (wanted[item] ?? 0), this.#first[item] ?? 0);
  }

  /** Whether the deed should be done; then it is. */
  does(deed: Deed): boolean {
    if (deed.kind === 'order') {
      const { user, wanted } = deed;
      const enough = Object.entries(wanted).every(([item, count]) => this.left(item) >= count);
      if (enough) this.orders.push({ user, wanted, open: true });
      return enough;
    }
    const order = this.orders[deed.orderId - 1];
    if (order === undefined || order.user !== deed.user || !order.open) return false;
    order.open = false;
    return true;
  }
}

describe('stock of hungry', () => {
  it('is what there was less what is ordered, never below zero, whatever is done', async () => {
    const shop = await openShop();
    const initial = shop.opened.db.export();
    const done = { order: 0, cancel: 0, refused: 0 };
    fc.assert(
      fc.property(fc.array(DEED, { minLength: 10, maxLength: 40 }), (deeds) => {
        shop.opened.db.load(initial);
        const pantry = new Pantry(shop.stock());
        for (const deed of deeds) {
          const outcome =
            deed.kind === 'order'
              ? shop.order(deed.wanted, deed.user)
              : shop.force('cancel', { orderId: deed.orderId }, deed.user);
          const should = pantry.does(deed);
          expect(outcome.kind).to.equal(should ? 'value' : 'refused');
          done[should ? deed.kind : 'refused'] += 1;
          for (const [item, stock] of Object.entries(shop.stock())) {
            expect(stock, item).to.equal(pantry.left(item)).and.to.be.at.least(0);
          }
        }
        for (const user of ['alice', 'bob']) {
          const mine = [...pantry.orders.entries()].filter(([, order]) => order.user === user);
          const numbers = mine.map(([place]) => place + 1).reverse();
          expect(shop.numbers('orders', user)).to.deep.equal(numbers);
        }
      }),
      { numRuns: 50 },
    );
    shop.opened.db.close();
    expect(Math.min(...Object.values(done)), 'each happened').to.be.greaterThan(50);
  });
});
