import { expect } from 'chai';
import { HearsayError } from '../../../src/base/errors.js';
import { hungry } from '../../../src/service/hungry/hungry.js';
import { itemsOf, type OpenShop, openShop } from './open-shop.js';
import { ALICE, OXFORD } from './small-data.js';

describe('hungry', () => {
  let shop: OpenShop;

  beforeEach(async () => {
    shop = await openShop();
  });
  afterEach(() => shop.opened.db.close());

  const query: OpenShop['opened']['query'] = (...words) => shop.opened.query(...words);

  it('shows the menu course by course, and the message of the day', () => {
    expect(query('motd')).to.equal('We are open');
    expect(query('menu')).to.deep.equal([
      {
        item: 'soup',
        course: 'Starters',
        name: 'Tomato Soup',
        about: 'hot',
        price: 450,
        stock: 10,
      },
      { item: 'toast', course: 'Starters', name: 'Crab Toast', price: 795, stock: 2 },
      { item: 'pie', course: 'Mains', name: 'Steak Pie', price: 1250, stock: 3 },
      { item: 'cake', course: 'Mains', name: 'Birthday Cake', price: 2400, stock: 0 },
    ]);
  });

  it('offers three ways of delivery, each with price and time', () => {
    const offered = query('deliveries') as { delivery: string; price: number; minutes: number }[];
    expect(offered.map(({ delivery }) => delivery)).to.deep.equal([
      'standard',
      'express',
      'collect',
    ]);
    for (const { price, minutes } of offered) {
      expect(price).to.be.at.least(0);
      expect(minutes).to.be.greaterThan(0);
    }
  });

  it('says what an order would cost', () => {
    const items = itemsOf({ soup: 2, pie: 1 });
    const asked = query('cost', { items, delivery: 'standard', tip: 100 });
    expect(asked).to.deep.equal({
      items: [
        { item: 'soup', name: 'Tomato Soup', price: 450, quantity: 2, total: 900 },
        { item: 'pie', name: 'Steak Pie', price: 1250, quantity: 1, total: 1250 },
      ],
      delivery: (query('deliveries') as unknown[])[0],
      tip: 100,
      total: 900 + 1250 + 299 + 100,
      short: [],
    });
    expect(query('cost', { items, delivery: 'collect' })).to.include({ tip: 0, total: 2150 });
  });

  it('says of which dishes a cost has not enough, and refuses unknown ones', () => {
    const items = [...itemsOf({ toast: 2, cake: 1, soup: 10 }), ...itemsOf({ toast: 1 })];
    expect(query('cost', { items, delivery: 'collect' })).to.deep.include({
      total: 3 * 795 + 2400 + 4500,
      short: [
        { item: 'toast', name: 'Crab Toast', wanted: 3, left: 2 },
        { item: 'cake', name: 'Birthday Cake', wanted: 1, left: 0 },
      ],
    });
    expect(() => query('cost', { items: itemsOf({ soup: 1, Pizza: 1 }), delivery: 'collect' }))
      .to.throw(HearsayError, 'there is no "Pizza" on the menu; menu lists what there is')
      .with.property('code', 'REFUSED');
  });

  const register = (args: Record<string, unknown>, user = 'alice', stamp?: string) =>
    shop.opened.update('register', { ...ALICE, ...OXFORD, ...args }, user, stamp);

  it('keeps the details of each user', () => {
    expect(query('details', {}, 'alice')).to.equal(null);
    register({ first: ' Alice ', postcode: 'ox11dp' });
    expect(query('details', {}, 'alice')).to.deep.equal({ ...ALICE, ...OXFORD });
    expect(query('details', {}, 'bob')).to.equal(null);
    register({ phone: '555-01234', latitude: null, longitude: null });
    expect(query('details', {}, 'alice')).to.deep.equal({
      ...ALICE,
      phone: '555-01234',
      latitude: null,
      longitude: null,
    });
  });

  it('keeps the details that were stamped last, whichever came last', () => {
    register({ first: 'Later' }, 'alice', '5');
    register({ first: 'Earlier', address: 'Elsewhere' }, 'alice', '4');
    expect(query('details', {}, 'alice')).to.include({ first: 'Later', address: ALICE.address });
  });

  it('keeps the message that was stamped last, whichever came last', () => {
    shop.opened.update('setMotd', { text: ' Later ' }, 'admin', '5');
    shop.opened.update('setMotd', { text: 'Earlier' }, 'admin', '4');
    expect(query('motd')).to.equal('Later');
  });

  it('leaves its settings and its administrator to the front end', () => {
    expect(hungry.settings).to.have.all.keys('postcodesIo', 'getthedata');
    const administrators = hungry.operations.filter(({ administrator }) => administrator);
    expect(administrators.map(({ name }) => name)).to.deep.equal(['setMotd', 'setItem']);
    const lookups = hungry.operations.filter(({ hasLookup }) => hasLookup);
    expect(lookups.map(({ name }) => name)).to.deep.equal(['register']);
    const described = hungry.operations.find(({ name }) => name === 'register');
    expect(described?.arguments.map(({ name }) => name)).to.deep.equal(Object.keys(ALICE));
    for (const [name, ordering] of [
      ['register', 'causal'],
      ['setMotd', 'causal'],
      ['order', 'forced'],
      ['cancel', 'forced'],
      ['setItem', 'forced'],
      ['menu', undefined],
    ] as const) {
      expect(hungry.orderingOf(name), name).to.equal(ordering);
    }
  });

  const details = { ...ALICE, ...OXFORD };
  const wrong: [operation: string, args: Record<string, unknown>, message: string][] = [
    ['register', { ...details, first: '  ' }, 'first must be 1 to 64 printable characters'],
    ['register', { ...details, last: 'x'.repeat(65) }, 'last must be 1 to 64'],
    ['register', { ...details, last: 'a\u0007b' }, 'last must be 1 to 64 printable'],
    ['register', { ...details, address: '\n' }, 'address must be 1 to 200 printable characters'],
    ['register', { ...details, address: 'x'.repeat(201) }, 'address must be 1 to 200'],
    ['register', { ...details, phone: '+44 1865' }, 'phone must be 5 to 15 digits'],
    ['register', { ...details, phone: '1234' }, 'phone must be 5 to 15 digits'],
    ['register', { ...details, phone: '1234567890123456' }, 'phone must be 5 to 15 digits'],
    ['register', { ...details, phone: '--123456' }, 'phone must be 5 to 15 digits'],
    ['register', { ...details, phone: '12345-' }, 'phone must be 5 to 15 digits'],
    ['register', { ...details, phone: '0123４56' }, 'phone must be 5 to 15 digits'],
    ['register', { ...details, postcode: 'nowhere' }, 'postcode must be a postcode of the United'],
    ['order', { items: [], delivery: 'collect' }, 'items must be a list of 1 to 50 dishes'],
    [
      'order',
      {
        items: Array.from({ length: 51 }, () => ({ item: 'soup', quantity: 1 })),
        delivery: 'collect',
      },
      'items must be a list of 1 to 50 dishes',
    ],
    [
      'order',
      { items: itemsOf({ soup: 0 }), delivery: 'collect' },
      'items[0].quantity must be a whole number from 1 to 99, not 0',
    ],
    ['order', { items: itemsOf({ soup: 100 }), delivery: 'collect' }, 'not 100'],
    ['order', { items: itemsOf({ soup: 1.5 }), delivery: 'collect' }, 'not 1.5'],
    ['order', { items: [{ item: 'soup' }], delivery: 'collect' }, 'order needs items[0].quantity'],
    [
      'order',
      { items: [{ item: 'soup', quantity: 1, price: 1 }], delivery: 'collect' },
      'takes no argument "price"',
    ],
    [
      'order',
      { items: itemsOf({ soup: 1 }), delivery: 'drone' },
      'delivery must be "standard" or "express" or "collect", not "drone"',
    ],
    ['order', { items: itemsOf({ soup: 1 }) }, 'order needs delivery'],
    ['order', { items: itemsOf({ soup: 1 }), delivery: 'collect', tip: -1 }, 'tip must be a whole'],
    ['order', { items: itemsOf({ soup: 1 }), delivery: 'collect', tip: 100_001 }, 'not 100001'],
    ['order', { items: itemsOf({ soup: 1 }), delivery: 'collect', tip: 0.5 }, 'not 0.5'],
    ['cancel', { orderId: 0 }, 'orderId must be a whole number from 1, not 0'],
    ['setMotd', { text: ' ' }, 'text must be 1 to 280 printable characters'],
    ['setItem', { item: 'A B', name: 'x', price: 1, stock: 1 }, 'item must be up to 32 lower-case'],
    ['setItem', { item: 'a', name: '', price: 1, stock: 1 }, 'name must be 1 to 64'],
    ['setItem', { item: 'a', name: 'x', price: -1, stock: 1 }, 'price must be a whole number'],
    ['setItem', { item: 'a', name: 'x', price: 1, stock: -1 }, 'stock must be a whole number'],
  ];
  for (const [operation, args, message] of wrong) {
    it(`says what is wrong with ${operation} ${JSON.stringify(args).slice(0, 60)}`, () => {
      expect(() => hungry.parse('update', operation, args, 'alice'))
        .to.throw(HearsayError, message)
        .with.property('code', 'INVALID');
    });
  }

  it('takes any name for a user, but no control characters', () => {
    for (const user of ['alice', 'Zoë van Dyk', '7', 'x'.repeat(64)]) {
      expect(query('orders', {}, user)).to.deep.equal([]);
    }
    for (const user of ['', 'x'.repeat(65), 'a\nb', '\ud800']) {
      expect(() => query('orders', {}, user)).to.throw(HearsayError, 'user');
    }
  });
});
