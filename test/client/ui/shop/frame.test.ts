import { expect } from 'chai';
import fc from 'fast-check';
import { frameOf } from '../../../../src/client/ui/frame.js';
import { KEYMAP } from '../../../../src/client/ui/keymap.js';
import { lineWidth, plainText } from '../../../../src/client/ui/line.js';
import { SHOP_KEYMAP } from '../../../../src/client/ui/shop/shop-keymap.js';
import { update } from '../../../../src/client/ui/update.js';
import { pressed } from '../support.js';
import { Customer, NO_PLACE } from './customer.js';

const MENU = `
 We are open
  1 menu   2 checkout   3 my orders   4 my details       cart: 7 dishes, £66.95
┌─ 1 menu ─────────────────────────────────────┐┌─ cart ───────────────────────┐
│                          price  left  cart   ││2 × Tomato Soup          £9.00│
│Starters                                      ││1 × Crab Toast           £7.95│
│   Tomato Soup               £4.50    10    ×2││4 × Steak Pie           £50.00│
│   Crab Toast                £7.95     2    ×1││    only 3 left               │
│Mains                                         ││together                £66.95│
│ ▸ Steak Pie                £12.50     3    ×4││Press 2 for delivery and      │
│   Birthday Cake            £24.00  none      ││price.                        │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
└──────────────────────────────────────────────┘└──────────────────────────────┘

 user alice │ via 127.0.0.1:7100 │ level auto → fresh │ !0:3 rm-1:2
 Enter add  - less  x none  a operations  ? help  q quit  Tab next  Esc back`;

const CHECKOUT = `
 We are open
  1 menu   2 checkout   3 my orders   4 my details       cart: 7 dishes, £66.95
┌─ 2 delivery, tip and address ────────────────┐┌─ bill ───────────────────────┐
│   ( ) standard   £2.99  45 min               ││2 × Tomato Soup          £9.00│
│   (•) express    £5.49  25 min               ││1 × Crab Toast           £7.95│
│   ( ) collect     free  15 min               ││4 × Steak Pie           £50.00│
│                                              ││    only 3 left               │
│   Tip         £ 1.50                         ││delivery: express        £5.49│
│                                              ││tip                      £1.50│
│   Address     not known yet: Enter to give it││total                   £73.94│
│                                              ││                              │
│ ▸ Place the order: £73.94                    ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│Enter: order what the bill says               ││                              │
└──────────────────────────────────────────────┘└──────────────────────────────┘

 user alice │ via 127.0.0.1:7100 │ level auto → fresh │ !0:3 rm-1:2
 Enter choose  a operations  ? help  q quit  Tab next  Esc back`;

const DETAILS = `
 We are open
  1 menu   2 checkout   3 my orders   4 my details       cart: 7 dishes, £66.95
┌─ 4 my details ───────────────────────────────┐┌─ registered now ─────────────┐
│Say who you are and where; again to change it ││Nothing yet. Orders are       │
│                                              ││brought to the address that   │
│first    * Alice                              ││you give here.                │
│last     * Liddell                            ││                              │
│phone    * 01865-276-150                      ││                              │
│postcode * EH99 9ZZ                           ││                              │
│address  * The Deanery, Oxford                ││                              │
│there is no postcode EH99 9ZZ, says the test; ││                              │
│check it                                      ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
└──────────────────────────────────────────────┘└──────────────────────────────┘
 Your details were not saved: the form says why.
 user alice │ via 127.0.0.1:7100 │ level auto → fresh │ !0:3 rm-1:2
 Enter save  Tab next  Esc back  F1 help  F4 operations  Ctrl-C quit`;

const ORDERING = `
 We are open
  1 menu   2 checkout   3 my orders   4 my details       cart: 6 dishes, £54.45
┌─ 2 delivery, tip and address ────────────────┐┌─ bill ───────────────────────┐
│   ( ) standard   £2.99  45 min               ││2 × Tomato Soup          £9.00│
│   (•) express    £5.49  25 min               ││1 × Crab Toast           £7.95│
│   ( ) collect     free  15 min               ││3 × Steak Pie           £37.50│
│                                              ││delivery: express        £5.49│
│   Tip         £ 1.50                         ││tip                      £1.50│
│                                              ││total                   £61.44│
│   Address     Alice Liddell                  ││                              │
│               The Deanery, Oxford            ││                              │
│               OX1 1DP                        ││                              │
│                                              ││                              │
│ ▸ Place the order: £61.44                    ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│Enter: order what the bill says               ││                              │
└──────────────────────────────────────────────┘└──────────────────────────────┘
 Ordering … 4 s (the replicas may be agreeing on a new primary, or too few of
 them are up)
 user alice │ via 127.0.0.1:7100 │ level auto → fresh │ copies 2 │ !0:3 rm-1:2
 Enter choose  a operations  ? help  q quit  Tab next  Esc back`;

const ORDERS = `
 We are open
  1 menu   2 checkout   3 my orders   4 my details            the cart is empty
┌─ 3 my orders ────────────────────────────────┐┌─ order 2, placed ────────────┐
│ ▸ 2      placed     1 dish         £9.99     ││1 × Tomato Soup          £4.50│
│   1      cancelled  6 dishes      £61.44     ││delivery: express        £5.49│
│                                              ││total                    £9.99│
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
│                                              ││                              │
└──────────────────────────────────────────────┘└──────────────────────────────┘
 Thank you! Order 2 is placed: £9.99 in all.
 user alice │ via 127.0.0.1:7100 │ level auto → fresh │ copies 2 │ !0:3 rm-1:2
 x cancel it  a operations  ? help  q quit  Tab next  Esc back`;

describe('the ordering screen, seen', () => {
  it('is a menu with a cart, a checkout with a bill, and a form', async () => {
    const customer = await Customer.enter();
    customer.press('enter', 'enter', 'down', '+', 'down', '+', '+', '+', '+');
    expect(customer.screen).to.equal(MENU.slice(1));

    customer.press('2', 'down', 'enter', 'end', 'up', 'up');
    customer.type('1.50');
    customer.press('down', 'down');
    expect(customer.screen).to.equal(CHECKOUT.slice(1));

    customer.press('enter');
    customer.register(NO_PLACE);
    expect(customer.screen).to.equal(DETAILS.slice(1));

    customer.press('C-u');
    customer.type('OX1 1DP');
    customer.press('enter', '1', '-', '2', 'end');
    customer.isHeld = true;
    customer.press('enter');
    customer.wait(4);
    expect(customer.screen).to.equal(ORDERING.slice(1));

    customer.isHeld = false;
    customer.answer();
    customer.press('x', 'x', '1', 'g', 'enter', '2', 'end', 'enter');
    expect(customer.screen).to.equal(ORDERS.slice(1));
  });

  it('gives a long message of the day a few lines, and more on a larger screen', async () => {
    const customer = await Customer.enter();
    customer.service.update('setMotd', { text: `${'good food '.repeat(27)}end` }, 'admin', '9');
    customer.press('r');
    expect(customer.screen.split('\n').slice(2, 4).join('\n')).to.match(/good f.*…\n +1 menu/);
    const size = { columns: 80, rows: 40 };
    customer.state = update(customer.state, { kind: 'resized', size }).state;
    expect(customer.screen).to.include('food end').and.not.include('…');
  });

  it('shows the total of a bill that is longer than the screen', async () => {
    const customer = await Customer.enter({ columns: 60, rows: 16 });
    for (const item of ['d1', 'd2', 'd3', 'd4', 'd5']) {
      customer.service.update('setItem', { item, name: item, price: 100, stock: 1 }, 'admin');
    }
    customer.press('r', ...Array.from({ length: 9 }, () => ['enter', 'j']).flat(), '2');
    expect(customer.screen)
      .to.match(/… 9 lines in all/)
      .and.match(/total +£56\.94/);
    expect(customer.screen).to.include('4 my details');
    customer.press('end');
    expect(customer.screen).to.include('▸ Place the order: £56.94');
    customer.press('1');
    expect(customer.screen).to.match(/together +£53\.95/);
  });

  it('is as large as the terminal and safe for it, whatever happens', async () => {
    const keys = [...SHOP_KEYMAP, ...KEYMAP].flatMap(({ bindings }) =>
      bindings.flatMap((binding) => binding.keys),
    );
    const size = fc.record({
      columns: fc.integer({ min: 1, max: 170 }),
      rows: fc.integer({ min: 1, max: 60 }),
    });
    const some = fc.array(fc.constantFrom(...keys, 'x', '日', '7'), { maxLength: 40 });
    const customer = await Customer.enter();
    const { state } = customer;
    fc.assert(
      fc.property(size, some, fc.boolean(), (terminal, pressedKeys, isHeld) => {
        customer.state = update(state, { kind: 'resized', size: terminal }).state;
        customer.isHeld = isHeld;
        customer.press(...pressedKeys);
        customer.answer();
        const frame = frameOf(pressed(customer.state, 'f1', 'f1'));
        expect(frame).to.have.length(terminal.rows);
        for (const line of frame) {
          expect(plainText(line)).to.not.match(/[\p{Control}\p{Surrogate}]/u);
          if (terminal.columns > 1) expect(lineWidth(line)).to.equal(terminal.columns);
        }
      }),
    );
  });
});
