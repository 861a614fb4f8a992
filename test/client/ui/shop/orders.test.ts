import { expect } from 'chai';
import { textsIn } from '../support.js';
import { cartOf, Customer, NO_PLACE, readyToOrder } from './customer.js';

const stockOf = ({ service }: Customer, item: string): number => {
  const menu = service.query('menu') as unknown as { item: string; stock: number }[];
  return menu.find((dish) => dish.item === item)?.stock ?? -1;
};

const TIMEOUT = { code: 'TIMEOUT', definite: false } as const;

describe('an order', () => {
  it('is placed once, with its number and total', async () => {
    const customer = await readyToOrder();
    customer.isHeld = true;
    customer.press('enter', 'enter', 'enter');
    expect(customer.waiting).to.deep.equal(['order']);
    expect(customer.argumentsOf('order')).to.deep.equal({
      items: [{ item: 'soup', quantity: 2 }],
      delivery: 'standard',
      tip: 0,
    });
    customer.answer();
    expect(customer.screen).to.include('Order 1 is placed: £11.99 in all.');
    expect(customer.shop.page).to.equal('orders');
    expect(customer.screen).to.include('the cart is empty').and.include('order 1, placed');
    expect(stockOf(customer, 'soup')).to.equal(8);
    customer.press('a');
    expect(customer.screen)
      .to.match(/orderId +1/)
      .and.match(/total +1199/);
    expect(customer.state.exchanges[0]?.request).to.equal(
      `order items='[{"item":"soup","quantity":2}]' delivery=standard tip=0`,
    );
  });

  it('tells that it takes time, and keeps no key waiting', async () => {
    const customer = await readyToOrder();
    customer.isHeld = true;
    customer.press('enter');
    expect(customer.screen).to.include('Ordering …').and.not.include(' s ');
    customer.wait(4);
    expect(customer.screen).to.include('Ordering … 4 s (the replicas may be agreeing on a new');
    customer.press('1', 'j', 'enter', 'k', 'enter');
    customer.answer();
    expect(customer.shop.page).to.equal('menu');
    expect(cartOf(customer)).to.deep.equal({ soup: 1, toast: 1 });
    expect(customer.screen)
      .to.include('Order 1 is placed')
      .and.match(/Tomato Soup +£4\.50 +8/);
  });

  it('that is refused leaves the cart, says why, and shows what there is', async () => {
    const customer = await readyToOrder();
    const items = [{ item: 'soup', quantity: 9 }];
    customer.service.update('order', { items, delivery: 'collect' }, 'bob');
    customer.press('enter');
    expect(textsIn(customer.state, 'bad').join()).to.include('Not ordered: not enough left: soup');
    expect(cartOf(customer)).to.deep.equal({ soup: 2 });
    expect(customer.screen).to.include('only 1 left');
    customer.press('1');
    expect(customer.screen).to.match(/Tomato Soup +£4\.50 +1 +×2/);
  });

  it('whose outcome is unknown says so, and shows the orders that there are', async () => {
    const customer = await readyToOrder();
    customer.isHeld = true;
    customer.press('enter');
    customer.fail('order', TIMEOUT);
    expect(customer.screen).to.include('It is not known whether the order was placed: press 3');
    expect(cartOf(customer)).to.deep.equal({ soup: 2 });
    expect(customer.waiting).to.deep.equal(['menu', 'orders', 'cost']);
    customer.answer();
    expect(customer.screen).to.include('It is not known whether');
  });
});

describe('my orders', () => {
  async function withTwoOrders(): Promise<Customer> {
    const customer = await readyToOrder();
    customer.press('enter', '1', 'G', 'k', 'enter', '2', 'end', 'enter');
    return customer;
  }

  it('are listed newest first, with what is in each', async () => {
    const customer = await withTwoOrders();
    expect(customer.screen).to.match(
      /▸ 2 +placed +1 dish +£15\.49[\s\S]*1 +placed +2 dishes +£11\.99/,
    );
    expect(customer.screen).to.include('1 × Steak Pie');
    customer.press('down');
    expect(customer.screen).to.include('order 1, placed').and.include('2 × Tomato Soup');
    expect((await Customer.enter()).screen).to.not.include('order 1');
  });

  it('are cancelled by a second press of the key, and only then', async () => {
    const customer = await withTwoOrders();
    customer.press('x');
    expect(customer.screen).to.include('Cancel order 2 over £15.49?');
    customer.press('down', 'x', 'up', 'x', 'S-tab', '3', 'x', 'r');
    expect(customer.screen).to.not.include('Cancel order');
    expect(stockOf(customer, 'pie')).to.equal(2);
    customer.press('x', 'x');
    expect(customer.screen).to.include('Order 2 is cancelled; £15.49 goes back to you.');
    expect(customer.screen).to.match(/▸ 2 +cancelled/);
    expect(stockOf(customer, 'pie')).to.equal(3);
  });

  it('are cancelled once only', async () => {
    const customer = await withTwoOrders();
    customer.press('x', 'x', 'x', 'x');
    expect(customer.screen).to.include('Not cancelled: order 2 was cancelled already.');
  });

  it('tell when it is not known whether one was cancelled', async () => {
    const customer = await withTwoOrders();
    customer.isHeld = true;
    customer.press('x', 'x');
    expect(customer.screen).to.include('Cancelling order 2 …');
    customer.fail('cancel', TIMEOUT);
    expect(customer.screen).to.include('It is not known whether order 2 was cancelled');
    expect(customer.waiting).to.deep.equal(['menu', 'orders']);
  });

  it('say so when there are none', async () => {
    const customer = await Customer.enter();
    customer.press('3', 'x', 'down');
    expect(customer.screen).to.include('You have not ordered anything yet');
  });
});

describe('my details', () => {
  it('are refused with a wrong postcode, at its field, and saved with a right one', async () => {
    const customer = await Customer.enter();
    customer.press('4');
    customer.register(NO_PLACE);
    expect(customer.screen).to.include(`there is no postcode ${NO_PLACE}`);
    expect(customer.screen).to.include('Your details were not saved');
    customer.press('C-u');
    customer.type('ox1 1dp');
    customer.press('enter');
    expect(customer.shop.page).to.equal('details');
    expect(customer.screen)
      .to.include('Your details are saved.')
      .and.include('at 51.7502, -1.2574');
    expect(customer.service.query('details', {}, 'alice')).to.include({ postcode: 'OX1 1DP' });
  });

  it('stand in the form to be changed, unless something was typed', async () => {
    const customer = await Customer.enter(undefined, true);
    const args = { first: 'Al', last: 'Li', phone: '01865', postcode: 'OX1 1DP', address: 'Here' };
    customer.service.update('register', { ...args, latitude: 1, longitude: null }, 'alice');
    customer.answer();
    customer.isHeld = false;
    customer.press('4', 'down', 'down', 'down', 'down');
    customer.type(' and there');
    customer.press('enter');
    expect(customer.service.query('details', {}, 'alice')).to.include({
      address: 'Here and there',
    });

    const other = await Customer.enter(undefined, true);
    other.service.update('register', { ...args, latitude: null, longitude: null }, 'alice');
    other.press('4');
    other.type('Bob');
    other.answer();
    expect(other.screen)
      .to.match(/first +\* Bob/)
      .and.include('not on the map');
  });

  it('say what is missing without asking anybody', async () => {
    const customer = await Customer.enter();
    customer.press('4', 'enter');
    expect(customer.screen).to.include('first is empty');
    expect(customer.shop.sent).to.equal(null);
  });

  it('may fail while one is elsewhere, and wait in the form', async () => {
    const customer = await Customer.enter();
    customer.isHeld = true;
    customer.press('4');
    customer.register();
    customer.press('enter', 'escape');
    expect(customer.screen).to.include('Looking up the postcode');
    customer.fail('register', TIMEOUT);
    expect(customer.screen).to.include('press 4 to see why');
    customer.press('4');
    expect(customer.screen).to.include('(not known whether it was');
  });

  it('are walked by Tab, by way of each field', async () => {
    const customer = await Customer.enter();
    customer.press('S-tab', 'x', 'S-tab', 'y', 'tab', 'tab');
    expect(customer.shop.page).to.equal('menu');
    customer.press('4');
    expect(customer.screen).to.match(/postcode +\* y[\s\S]*address +\* x/);
    customer.press('tab', 'tab', 'tab', 'tab', 'tab');
    customer.press('S-tab', 'escape');
    expect(customer.shop.page).to.equal('menu');
  });
});
