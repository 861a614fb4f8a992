/** The keys of the ordering screen, apart from those that mean the same on every screen. */

import { bind, move, type Section } from '../binding.js';

const SWITCH = { kind: 'switch-screen' } as const;
const REPLICAS = 'the replicas, and their statuses to set';
const LEVEL = 'level that the next queries ask for: auto, fresh, causal';

export const SHOP_KEYMAP: readonly Section[] = [
  {
    title: 'On the menu',
    contexts: ['menu'],
    bindings: [
      bind('enter + = right l', 'Enter, +, Right', 'one more in the cart', quantity(1), 'add'),
      bind('- left h', '-, Left', 'one less', quantity(-1), 'less'),
      bind('x delete backspace', 'x, Delete', 'none of this dish', quantity('none'), 'none'),
      bind('S-x', 'X', 'empty the cart', { kind: 'empty-cart' }),
    ],
  },
  {
    title: 'At the checkout',
    contexts: ['checkout'],
    bindings: [
      bind(
        'enter space',
        'Enter',
        'take this delivery; place the order',
        { kind: 'run' },
        'choose',
      ),
    ],
  },
  {
    title: 'At the tip',
    contexts: ['tip'],
    bindings: [
      bind('enter', 'Enter', 'take the tip, go on', { kind: 'run' }, 'go on'),
      bind('up', 'Up', 'back to delivery', move(-1, 'line')),
      bind('down', 'Down', 'on to the address', move(1, 'line')),
    ],
  },
  {
    title: 'In my orders',
    contexts: ['orders'],
    bindings: [
      bind('x delete', 'x, Delete', 'cancel this order', { kind: 'cancel-order' }, 'cancel it'),
    ],
  },
  {
    title: 'In my details',
    contexts: ['details'],
    bindings: [
      bind('enter', 'Enter', 'save what the form says', { kind: 'run' }, 'save'),
      bind('up', 'Up', 'previous field', move(-1, 'line')),
      bind('down', 'Down', 'next field', move(1, 'line')),
    ],
  },
  {
    title: 'When ordering, outside of text',
    contexts: ['menu', 'checkout', 'orders'],
    bindings: [
      bind('1', '1', 'to the menu', { kind: 'go', page: 'menu' }),
      bind('2', '2', 'to the checkout', { kind: 'go', page: 'checkout' }),
      bind('3', '3', 'to my orders', { kind: 'go', page: 'orders' }),
      bind('4', '4', 'to my details', { kind: 'go', page: 'details' }),
      bind('r', 'r', 'ask for everything again', { kind: 'refresh' }),
      bind('a', 'a', 'all operations, and the gossip of the replicas', SWITCH, 'operations'),
      bind('s', 's', REPLICAS, { kind: 'open-replicas' }),
      bind('?', '?', 'this help', { kind: 'toggle-help' }, 'help'),
      bind('q', 'q', 'quit', { kind: 'quit' }, 'quit'),
    ],
  },
  {
    title: 'When ordering',
    contexts: ['menu', 'checkout', 'tip', 'orders', 'details'],
    bindings: [
      bind('tab', 'Tab', 'next field of the form, next page', { kind: 'step', by: 1 }, 'next'),
      bind('S-tab', 'Shift-Tab', 'previous field, previous page', { kind: 'step', by: -1 }),
      bind('escape', 'Esc', 'back', { kind: 'back' }, 'back'),
      bind('f1', 'F1', 'this help', { kind: 'toggle-help' }, 'help'),
      bind('f2', 'F2', LEVEL, { kind: 'cycle-level' }),
      bind('f4', 'F4', 'all operations', SWITCH, 'operations'),
      bind('f5', 'F5', REPLICAS, { kind: 'open-replicas' }),
    ],
  },
  {
    title: 'From all operations to ordering',
    contexts: ['operations', 'results', 'log'],
    bindings: [bind('a', 'a', 'to the ordering screen', SWITCH, 'order')],
  },
  {
    title: 'From all operations to ordering, also in text',
    contexts: ['operations', 'form', 'results', 'log'],
    bindings: [bind('f4', 'F4', 'to the ordering screen', SWITCH, 'order')],
  },
];

function quantity(by: 1 | -1 | 'none') {
  return { kind: 'quantity', by } as const;
}
