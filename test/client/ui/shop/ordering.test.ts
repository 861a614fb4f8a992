import { expect } from 'chai';
import { cartValue, initialShop } from '../../../../src/client/ui/shop/shop.js';
import { hungry } from '../../../../src/service/hungry/hungry.js';
import { OPERATIONS } from '../fake-client.js';
import { pressed, screenOf, textsIn } from '../support.js';
import { atCheckout, cartOf, Customer } from './customer.js';

const TIMEOUT = { code: 'TIMEOUT', definite: false } as const;

describe('the ordering screen', () => {
  it('is there for services that can be ordered from, and comes first', async () => {
    expect(initialShop(OPERATIONS)).to.equal(null);
    expect(initialShop(hungry.operations.filter(({ name }) => name !== 'cancel'))).to.equal(null);
    const { state } = await Customer.enter();
    expect(state.screen).to.equal('shop');
    for (const key of ['a', 'f4']) {
      const operations = pressed(state, key);
      expect(operations.screen).to.equal('operations');
      expect(pressed(operations, key).screen).to.equal('shop');
    }
    expect(screenOf(pressed(state, 'a', '/', ...'order'.split(''), 'enter', 'j'))).to.include(
      ' forced update ',
    );
    const typing = pressed(state, '4', 'f4', '2', 'f4');
    expect(typing).to.deep.include({ screen: 'shop', focus: 'form' });
  });

  it('shows what there is while it comes', async () => {
    const customer = await Customer.enter(undefined, true);
    expect(customer.waiting).to.deep.equal(['motd', 'menu', 'deliveries', 'details']);
    expect(customer.screen).to.include('The menu is on its way');
    customer.answer();
    expect(customer.screen)
      .to.include('We are open')
      .and.match(/Steak Pie +£12\.50 +3/);
    expect(customer.screen).to.match(/Birthday Cake +£24\.00 +none/);
  });

  it('opens help, which keeps its keys from the shop', async () => {
    const customer = await Customer.enter();
    customer.press('?', 'down', 'enter');
    expect(customer.state.help).to.equal(null);
    expect(customer.shop.cart.size).to.equal(0);
  });

  it('goes from page to page by number and by Tab, asking for each', async () => {
    const customer = await Customer.enter();
    const pages = ['2', '3', '1', 'tab', 'tab', 'tab', 'S-tab', 'escape'].map((key) => {
      customer.press(key);
      return customer.shop.page;
    });
    expect(pages).to.deep.equal([
      ...['checkout', 'orders', 'menu', 'checkout', 'orders', 'details'],
      ...['orders', 'menu'],
    ]);
    customer.isHeld = true;
    customer.press('3');
    expect(customer.waiting).to.deep.equal(['orders']);
  });

  it('takes only the answer to the last question of a kind', async () => {
    const customer = await atCheckout();
    customer.isHeld = true;
    customer.press('end', 'up', 'up', '1', '2');
    expect(customer.waiting).to.deep.equal(['cost', 'cost']);
    customer.fail('cost', TIMEOUT);
    expect(customer.screen).to.not.include('no answer came');
    customer.answer();
    expect(customer.shop.answers.cost).to.include({ tip: 1200 });
  });

  it('says what did not come, and asks again', async () => {
    const customer = await Customer.enter(undefined, true);
    customer.fail('menu', TIMEOUT);
    expect(customer.screen).to.include('No answer for the menu: no answer came (r asks again)');
    customer.answerWith('motd', {
      kind: 'value',
      value: { text: 1 },
      guarantee: 'fresh',
      timestamp: {},
      tookMs: 1,
    });
    expect(customer.screen).to.include('No answer for the message of the day: the answer cannot');
    customer.press('r');
    customer.answer();
    expect(customer.screen).to.include('We are open').and.include('Tomato Soup');
  });
});

describe('the cart', () => {
  it('is filled, lessened, and emptied', async () => {
    const customer = await Customer.enter();
    customer.press('enter', '+', 'right', 'j', 'l');
    expect(cartOf(customer)).to.deep.equal({ soup: 3, toast: 1 });
    expect(customer.screen)
      .to.include('cart: 4 dishes, £21.45')
      .and.match(/Tomato Soup .* ×3/);
    customer.press('k', '-', 'j', 'h', '-');
    expect(cartOf(customer)).to.deep.equal({ soup: 2 });
    expect(cartValue(customer.shop)).to.equal(900);
    customer.press('k', 'x');
    expect(cartOf(customer)).to.deep.equal({});
    customer.press('enter', 'j', 'enter', 'X');
    expect(cartOf(customer)).to.deep.equal({});
    expect(customer.screen).to.include('the cart is empty');
  });

  it('warns of what is not there, and holds no more than an order takes', async () => {
    const customer = await Customer.enter();
    customer.press('G', 'enter', 'k', ...Array.from({ length: 120 }, () => 'enter'));
    expect(cartOf(customer)).to.deep.equal({ cake: 1, pie: 99 });
    expect(textsIn(customer.state, 'bad')).to.include.members(['sold out', 'only 3 left']);
  });

  it('stays on its dish when the menu changes', async () => {
    const customer = await Customer.enter();
    customer.press('G', 'k');
    customer.service.update('setItem', { item: 'pie', name: 'Pie', price: 900, stock: 8 }, 'admin');
    customer.press('r', 'enter');
    expect(cartOf(customer)).to.deep.equal({ pie: 1 });
    expect(customer.screen).to.match(/▸ Pie +£9\.00 +8/);
  });
});

describe('the checkout', () => {
  it('shows the price for each choice of delivery and tip', async () => {
    const customer = await atCheckout();
    expect(customer.screen).to.include('Place the order: £11.99');
    customer.press('down', 'down', 'enter');
    expect(customer.screen).to.include('Place the order: £9.00').and.include('you collect it');
    customer.press('down');
    customer.type('1.5');
    expect(customer.screen)
      .to.include('Place the order: £10.50')
      .and.match(/tip +£1\.50/);
    customer.press('enter', 'down');
    expect(customer.screen).to.include('▸ Place the order');
  });

  it('takes no tip that is no amount', async () => {
    const customer = await atCheckout();
    customer.press('end', 'up', 'up');
    customer.type('much');
    expect(textsIn(customer.state, 'bad')).to.include('no amount');
    customer.press('enter', 'down', 'down', 'enter');
    expect(customer.screen).to.include('A tip is an amount in pounds like 1.50');
    expect(customer.shop.sent).to.equal(null);
  });

  it('orders nothing from an empty cart, and nothing whose price is not on the screen', async () => {
    const customer = await Customer.enter();
    customer.press('2', 'end', 'enter');
    expect(customer.screen).to.include('The cart is empty');
    customer.press('1', 'enter');
    customer.isHeld = true;
    customer.press('2', 'enter');
    expect(customer.screen).to.include('The price is being asked for').and.include('bill, being');
    expect(customer.shop.sent).to.equal(null);
  });

  it('asks for the price once it knows the deliveries', async () => {
    const customer = await Customer.enter(undefined, true);
    for (const name of ['motd', 'menu']) customer.answerOne(name);
    customer.press('enter', '2');
    expect(customer.waiting).to.not.include('cost');
    customer.answer();
    expect(customer.screen).to.include('Place the order: £7.49');
  });

  it('shows no price for what cannot be ordered', async () => {
    const customer = await atCheckout();
    customer.isHeld = true;
    customer.press('enter');
    customer.fail('cost', { code: 'UNAVAILABLE', definite: false });
    expect(customer.screen).to.include('No answer for the price').and.not.include('£11.99');
    customer.press('r');
    customer.answer();
    expect(customer.screen).to.include('£11.99');
  });

  it('leads to the form for an address, and back', async () => {
    const customer = await atCheckout();
    expect(customer.screen).to.include('not known yet: Enter to give it');
    customer.press('end', 'enter');
    expect(customer.shop.page).to.equal('details');
    expect(customer.screen).to.include('Where shall it go?');
    customer.register();
    expect(customer.shop.page).to.equal('checkout');
    expect(customer.screen).to.include('Your details are saved').and.include('OX1 1DP');
    expect(customer.service.query('orders', {}, 'alice')).to.deep.equal([]);
  });

  it('needs no address from who collects', async () => {
    const customer = await atCheckout();
    customer.press('down', 'down', 'enter', 'end', 'enter');
    expect(customer.screen).to.include('Order 1 is placed: £9.00');
  });

  it('waits for an address that is on its way', async () => {
    const customer = await Customer.enter(undefined, true);
    for (const name of ['menu', 'deliveries']) customer.answerOne(name);
    customer.press('enter', '2', 'end');
    customer.answerOne('cost');
    customer.press('enter');
    expect(customer.screen).to.include('Your address is being asked for');
    expect(customer.shop.page).to.equal('checkout');
  });
});
