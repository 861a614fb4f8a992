import { expect } from 'chai';
import { cart, DELIVERY, kitchen, menu, PRICES, type Row, row, totalOf } from './hungry-support.js';
import { expectBroken, expectKept, Script } from './support.js';

const AGREE = 'results agree with the order';
const CONSERVED = 'stock is conserved';
const some = (soup: number) => ({ soup });

describe('check/hungry: stock', () => {
  it('rejects a menu on which stock and accepted orders do not add up', () => {
    const history = (left: number, place = 9) =>
      kitchen()
        .set('soup', 10, 1)
        .order('ann', some(3), 1, 3)
        .order('bob', some(2), 2, 5)
        .cancel('ann', 1, totalOf(some(3)), 7)
        .menu(some(left), place)
        .hungry();
    expectKept(history(8));
    expectKept(history(5, 6));
    expectKept(history(7, 4));
    expectKept(history(10, 2));
    for (const left of [5, 7, 9, 10])
      expectBroken(history(left), CONSERVED, 'cancelled up to there it is 8');
    expectBroken(history(-1), 'stock never below zero');
  });

  it('learns from the first menu what there was at first', () => {
    const history = (left: number) =>
      kitchen()
        .order('ann', some(3), 1, 3)
        .menu(some(7), 4)
        .order('bob', some(2), 2, 5)
        .menu(some(left), 5)
        .hungry();
    expectKept(history(5));
    expectBroken(history(4), CONSERVED);
  });

  it('rejects orders of more than there is', () => {
    const history = (first: number, second: number) =>
      kitchen()
        .set('soup', 5, 1)
        .set('bread', 5, 2)
        .order('ann', some(first), 1, 3)
        .order('bob', { bread: 1, soup: second }, 2, 4)
        .hungry();
    expectKept(history(3, 2));
    expectBroken(history(3, 3), 'stock never below zero', '#3 order', 'which leaves -1 of soup');
    const seen = (quantity: number) =>
      kitchen()
        .order('ann', some(quantity), 1, 2)
        .menu(some(0), 3)
        .order('bob', some(1), 2, 4)
        .hungry();
    expectBroken(seen(4), 'stock never below zero', '#2 order');
  });

  it('rejects a refusal where there was enough of everything', () => {
    const history = (soup: number, bread: number, isUnknown = false) => {
      const all = kitchen().set('soup', 3, 1).set('bread', 1, 2);
      if (isUnknown) all.orderUnknown('joe', { soup: 1 });
      return all.orderRefused('ann', { soup, bread }, 4).hungry();
    };
    expectKept(history(4, 1));
    expectKept(history(1, 2));
    expectKept(history(3, 1, true));
    expectBroken(history(3, 1), 'no false refusal', '3 of soup, 1 of bread');
    expectBroken(history(2, 1, true), 'no false refusal', '2 to 3, by which of 1 updates');
    expectKept(kitchen().set('soup', 3, 1).orderRefused('ann', { cake: 1 }, 4).hungry());
    expectKept(kitchen().orderRefused('ann', some(1), 1).set('soup', 3, 2).hungry());
  });

  it('allows each order of unknown outcome to have been placed or not, until an answer tells', () => {
    const history = (left: number, shown: readonly Row[] | null = null, at = 8) => {
      const all = kitchen()
        .set('soup', 10, 1)
        .orderUnknown('ann', some(3))
        .orderUnknown('ann', some(4));
      if (shown !== null) all.orders('ann', shown, at);
      return all.menu(some(left), 9).hungry();
    };
    for (const left of [10, 7, 6, 3]) expectKept(history(left));
    for (const left of [9, 8, 5, 4, 2]) expectBroken(history(left), CONSERVED, 'it is 3 to 10');
    const first = { orderId: 1, quantities: some(3) };
    expectKept(history(7, [first]));
    expectBroken(history(10, [first]), CONSERVED);
    expectKept(history(7, []));
    expectKept(history(10, [], 9));
    expectBroken(history(7, [], 9), CONSERVED);
  });

  it('places an order of unknown outcome by its number', () => {
    const history = (left: number) =>
      kitchen()
        .set('soup', 10, 1)
        .orderUnknown('ann', some(3))
        .order('bob', some(1), 2, 4)
        .menu(some(left), 4)
        .orders('ann', [{ orderId: 1, quantities: some(3) }], 9)
        .hungry();
    expectKept(history(6));
    expectBroken(history(9), CONSERVED);
  });

  it('allows a cancel of unknown outcome, until an answer tells', () => {
    const shown = (status: 'placed' | 'cancelled'): Row => ({
      orderId: 1,
      quantities: some(3),
      status,
    });
    const history = (left: number, status: 'placed' | 'cancelled' | null) => {
      const all = kitchen().set('soup', 10, 1).order('ann', some(3), 1, 3).cancelUnknown('ann', 1);
      if (status !== null) all.orders('ann', [shown(status)], 9);
      return all.menu(some(left), 9).hungry();
    };
    for (const left of [7, 10]) expectKept(history(left, null));
    expectBroken(history(8, null), CONSERVED);
    expectKept(history(10, 'cancelled'));
    expectKept(history(7, 'placed'));
    expectBroken(history(7, 'cancelled'), CONSERVED);
    expectBroken(history(10, 'placed'), CONSERVED);
  });

  it('allows a cancel of an order that nobody saw', () => {
    const history = (left: number) =>
      kitchen()
        .set('soup', 10, 1)
        .orderUnknown('ann', some(3))
        .cancel('ann', 1, totalOf(some(3)), 5)
        .menu(some(left), 9)
        .hungry();
    expectKept(history(10));
    expectBroken(history(12), CONSERVED);
  });

  it('sets stock anew, and says where that is unknown', () => {
    const history = (left: number, isUnknown = false) => {
      const all = kitchen().set('soup', 10, 1).order('ann', some(3), 1, 3);
      const args = { item: 'soup', name: 'soup', price: PRICES['soup'], stock: 6 };
      if (isUnknown) all.unknown('admin', 'setItem', args);
      else all.set('soup', 6, 5);
      return all.menu(some(left), 9).hungry();
    };
    expectKept(history(6));
    expectBroken(history(7), CONSERVED);
    const { notes } = expectKept(history(7, true));
    expect(notes.join()).to.contain('a setItem of unknown outcome: soup');
  });

  it('looks at what cost says is short', () => {
    const history = (left: number) => {
      const { items, delivery, tip } = cart(some(9));
      const lines = row({ orderId: 1, quantities: some(9) }).items;
      const value = {
        items: lines,
        delivery: { delivery, price: DELIVERY, minutes: 45, about: '' },
        tip,
        total: totalOf(some(9)),
        short: [{ item: 'soup', name: 'soup', wanted: 9, left }],
      };
      return kitchen()
        .set('soup', 5, 1)
        .shown('ann', 'cost', { items, delivery }, value, 2)
        .hungry();
    };
    expectKept(history(5));
    expectBroken(history(4), CONSERVED);
  });
});

describe('check/hungry: money', () => {
  it('rejects totals that are not those of the prices at their place', () => {
    const history = (...totals: readonly (readonly [number, number])[]) =>
      totals
        .reduce(
          (all, [place, total], index) =>
            all.forced('ann', 'order', cart(some(2), 10), { orderId: index + 1, total }, place, {
              user: 'ann',
            }),
          kitchen()
            .forced(
              'admin',
              'setItem',
              { item: 'soup', name: 's', price: 450, stock: 50 },
              null,
              1,
              { called: 1, returned: 50 },
            )
            .forced(
              'boss',
              'setItem',
              { item: 'soup', name: 's', price: 500, stock: 50 },
              null,
              5,
              { called: 2, returned: 51 },
            ),
        )
        .hungry();
    expectKept(history([60, 1310], [61, 1310]));
    expectKept(history([60, 1310]));
    expectBroken(history([60, 1310], [61, 1311]), AGREE, 'for standard delivery');
  });

  it('rejects prices that were not set', () => {
    const history = (price: number, place: number) =>
      kitchen()
        .set('soup', 10, 2, 450)
        .set('soup', 10, 4, 500)
        .shown('b', 'menu', {}, [{ ...menu(some(10))[0], price }], place)
        .hungry();
    expectKept(history(450, 2));
    expectKept(history(500, 4));
    expectBroken(history(450, 4), AGREE, 'it was 500');
    expectBroken(history(500, 3), AGREE, 'it was 450');
    const first = (price: number) =>
      kitchen()
        .menu(some(5), 1)
        .shown('b', 'menu', {}, [{ ...menu(some(5))[0], price }], 2)
        .hungry();
    expectKept(first(450));
    expectBroken(first(451), AGREE, 'it was 450');
  });

  it('rejects orders that do not add up', () => {
    const history = (price: number) => {
      const shown = row({ orderId: 1, quantities: some(2) });
      const delivery = { delivery: 'standard', price };
      return kitchen()
        .orderUnknown('ann', some(2))
        .shown('ann', 'orders', {}, [{ ...shown, delivery }], 3, { user: 'ann' })
        .hungry();
    };
    expectKept(history(DELIVERY));
    expectBroken(history(DELIVERY + 1), AGREE, 'add up to');
  });

  it('rejects orders with other prices than at their place', () => {
    const history = (price: number) => {
      const shown = row({ orderId: 2, quantities: some(2) });
      const items = shown.items.map((line) => ({ ...line, price }));
      const first = row({ orderId: 1, quantities: some(1) });
      const total = 2 * price + DELIVERY;
      return kitchen()
        .set('soup', 10, 1)
        .orderUnknown('ann', some(2))
        .order('ann', some(1), 1, 2)
        .order('bob', some(1), 3, 4)
        .shown('ann', 'orders', {}, [{ ...shown, items, total }, first], 5, { user: 'ann' })
        .hungry();
    };
    expectKept(history(450));
    expectBroken(history(451), AGREE, 'as the price of soup at place 3; it was 450');
  });
});

describe('check/hungry: what is causal', () => {
  const details = {
    first: 'Ann',
    last: 'Lee',
    phone: '0131-496',
    postcode: 'EH1 1YZ',
    address: '1 Way',
  };

  it('knows the details of each user', () => {
    const history = (shown: unknown, user = 'ann') =>
      new Script()
        .updated('a', 'register', { ...details, postcode: ' eh11yz', address: ' 1 Way' }, 2, {
          user: 'ann',
        })
        .causal('a', 'details', {}, shown, { user })
        .history('hungry');
    expectKept(history({ ...details, latitude: 1, longitude: 2 }));
    expectKept(history(null, 'bob'));
    expectBroken(history(null), 'read your writes', 'the details of ann');
    expectBroken(history({ ...details, first: 'Bob' }), 'no thin air');
    expectBroken(history(7), 'no thin air', 'no possible answer');
  });

  it('knows the message of the day', () => {
    const history = (shown: string) =>
      new Script()
        .causal('b', 'motd', {}, 'welcome')
        .updated('a', 'setMotd', { text: ' closed ' })
        .causal('a', 'motd', {}, shown)
        .history('hungry');
    expectKept(history('closed'));
    expectBroken(history('welcome'), 'read your writes');
    expectBroken(history('open'), 'no thin air');
  });

  it('says what it does not know, and lets the ways of delivery pass', () => {
    const { notes } = expectKept(
      new Script()
        .updated('a', 'fry', {})
        .causal('a', 'taste', {}, 1)
        .causal('a', 'deliveries', {}, [])
        .history('hungry'),
    );
    expect(notes).to.deep.equal([
      'fry was not checked: the checkers do not know it',
      'taste was not checked: the checkers do not know it',
    ]);
  });

  it('rejects results and answers of forms that there are not', () => {
    const result = (value: unknown) =>
      kitchen()
        .forced('ann', 'order', cart(some(1)), value, 1, { user: 'ann' })
        .hungry();
    expectKept(result({ orderId: 1, total: totalOf(some(1)) }));
    expectBroken(result(null), 'no thin air', 'no possible result');
    for (const query of ['orders', 'active', 'menu', 'cost']) {
      const shown = new Script().shown('a', query, {}, 'nothing', 0).history('hungry');
      expectBroken(shown, 'no thin air', 'no possible answer');
    }
    expectBroken(
      new Script().forced('a', 'cancel', {}, null, 1).history('hungry'),
      'no thin air',
      'none that the service takes',
    );
  });
});
