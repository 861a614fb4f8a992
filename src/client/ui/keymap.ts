/**
 * What each key means where. This one table is looked up for keys, prints the help, and fills the bar at
 * the bottom, so no key can work without being told. Where text is typed, characters without a meaning
 * of their own are text.
 */

import type { KeyAction } from './actions.js';
import { type Binding, bind, type Context, edit, move, type Section } from './binding.js';
import { chosenRow } from './shop/shop.js';
import { SHOP_KEYMAP } from './shop/shop-keymap.js';
import type { State } from './state.js';

/** A key as terminals tell it. */
export interface Key {
  /** `a`, `S-tab`, `C-c`, `enter`, `?`: letters with their modifiers. */
  readonly name: string;
  /** What it types; empty for keys that type nothing. */
  readonly character: string;
}

const LEVEL = 'level that the next queries ask for: auto, fresh, causal';
const REPLICAS = 'the replicas, and their statuses to set';
const RAW = 'show answers as JSON, or as tables again';

/** What works with every service. */
export const KEYMAP: readonly Section[] = [
  {
    title: 'In the list of operations',
    contexts: ['operations'],
    bindings: [
      bind('enter', 'Enter', 'fill in the form', { kind: 'focus', panel: 'form' }, 'open'),
    ],
  },
  {
    title: 'In the form',
    contexts: ['form'],
    bindings: [
      bind('enter', 'Enter', 'run the operation', { kind: 'run' }, 'run'),
      bind('up', 'Up', 'previous field', move(-1, 'line')),
      bind('down', 'Down', 'next field', move(1, 'line'), 'field'),
    ],
  },
  {
    title: 'In the list of replicas',
    contexts: ['replicas'],
    bindings: [
      bind('left h', 'Left, h', 'the status before', { kind: 'choose-status', by: -1 }),
      bind(
        'right l tab',
        'Right, l',
        'the next status',
        { kind: 'choose-status', by: 1 },
        'status',
      ),
      bind('enter', 'Enter', 'give the replica that status', { kind: 'set-status' }, 'set'),
      bind('escape s f5 q', 'Esc, s, F5, q', 'close', { kind: 'back' }, 'close'),
      bind('? f1', '?, F1', 'this help', { kind: 'toggle-help' }, 'help'),
    ],
  },
  {
    title: 'In the log',
    contexts: ['log'],
    bindings: [
      bind('p space', 'p, Space', 'pause, or follow again', { kind: 'toggle-pause' }, 'pause'),
      bind('left h', 'Left, h', 'move the view to the left', { kind: 'shift', by: -1 }),
      bind('right l', 'Right, l', 'move it to the right', { kind: 'shift', by: 1 }, 'more'),
    ],
  },
  {
    title: 'In lists and panes',
    contexts: ['operations', 'results', 'log', 'replicas', 'help', 'menu', 'checkout', 'orders'],
    bindings: [
      bind('up k', 'Up, k', 'up', move(-1, 'line')),
      bind('down j', 'Down, j', 'down', move(1, 'line')),
      bind('pageup C-b', 'PgUp, Ctrl-B', 'a page up', move(-1, 'page')),
      bind('pagedown C-f', 'PgDn, Ctrl-F', 'a page down', move(1, 'page')),
      bind('home g', 'Home, g', 'to the top', move(-1, 'end')),
      bind('end S-g', 'End, G', 'to the bottom; the log follows again', move(1, 'end')),
    ],
  },
  {
    title: 'Outside the form',
    contexts: ['operations', 'results', 'log'],
    bindings: [
      bind('/', '/', 'show only what contains a text', { kind: 'open-filter' }, 'filter'),
      bind('z', 'z', 'this panel alone, or all again', { kind: 'toggle-zoom' }, 'zoom'),
      bind('c', 'c', LEVEL, { kind: 'cycle-level' }, 'level'),
      bind('r', 'r', RAW, { kind: 'toggle-raw' }),
      bind('s', 's', REPLICAS, { kind: 'open-replicas' }),
      bind('1', '1', 'to the operations', { kind: 'focus', panel: 'operations' }),
      bind('2', '2', 'to the form', { kind: 'focus', panel: 'form' }),
      bind('3', '3', 'to the results', { kind: 'focus', panel: 'results' }),
      bind('4', '4', 'to the log', { kind: 'focus', panel: 'log' }),
      bind('?', '?', 'this help', { kind: 'toggle-help' }, 'help'),
      bind('q', 'q', 'quit', { kind: 'quit' }, 'quit'),
    ],
  },
  {
    title: 'In all panels',
    contexts: ['operations', 'form', 'results', 'log'],
    bindings: [
      bind('tab', 'Tab', 'next field of the form, next panel', { kind: 'step', by: 1 }, 'next'),
      bind('S-tab', 'Shift-Tab', 'previous field, previous panel', { kind: 'step', by: -1 }),
      bind('escape', 'Esc', 'drop the filter; back to the operations', { kind: 'back' }, 'back'),
      bind('f1', 'F1', 'this help', { kind: 'toggle-help' }, 'help'),
      bind('f2', 'F2', LEVEL, { kind: 'cycle-level' }, 'level'),
      bind('f3', 'F3', RAW, { kind: 'toggle-raw' }),
      bind('f5', 'F5', REPLICAS, { kind: 'open-replicas' }),
    ],
  },
  {
    title: 'While a filter is typed',
    contexts: ['prompt'],
    bindings: [
      bind('enter tab', 'Enter, Tab', 'keep the filter', { kind: 'accept-filter' }, 'keep'),
      bind('escape', 'Esc', 'drop the filter', { kind: 'back' }, 'drop'),
    ],
  },
  {
    title: 'Where text is typed',
    contexts: ['form', 'prompt', 'details', 'tip'],
    bindings: [
      bind('left', 'Left', 'a character back', edit('left')),
      bind('right', 'Right', 'a character on', edit('right')),
      bind('home C-a', 'Home, Ctrl-A', 'to the start', edit('home')),
      bind('end C-e', 'End, Ctrl-E', 'to the end', edit('end')),
      bind('backspace', 'Backspace', 'delete the character before', edit('backspace')),
      bind('delete C-d', 'Delete, Ctrl-D', 'delete the character here', edit('delete')),
      bind('C-w', 'Ctrl-W', 'delete the word before', edit('delete-word')),
      bind('C-u', 'Ctrl-U', 'delete all', edit('clear')),
    ],
  },
  {
    title: 'In this help',
    contexts: ['help'],
    bindings: [
      bind('escape f1 ? q enter', 'Esc, F1, ?, q, Enter', 'close', { kind: 'back' }, 'close'),
    ],
  },
  {
    title: 'Everywhere',
    contexts: [
      ...(['operations', 'form', 'results', 'log', 'prompt', 'replicas', 'help'] as const),
      ...(['menu', 'checkout', 'tip', 'orders', 'details'] as const),
    ],
    bindings: [
      bind('C-l', 'Ctrl-L', 'draw the screen again', { kind: 'redraw' }),
      bind('C-c', 'Ctrl-C', 'quit', { kind: 'quit' }, 'quit'),
    ],
  },
];

/** What works with the service: how to order, where one can, comes first. */
export const keymapOf = ({ shop }: State): readonly Section[] =>
  shop === null ? KEYMAP : [...SHOP_KEYMAP, ...KEYMAP];

export function contextOf({ help, replicas, prompt, focus, screen, shop }: State): Context {
  if (help !== null) return 'help';
  if (replicas !== null) return 'replicas';
  if (screen === 'shop' && shop !== null) {
    const { page } = shop;
    return page === 'checkout' && chosenRow(shop).kind === 'tip' ? 'tip' : page;
  }
  return prompt === null ? focus : 'prompt';
}

/** What works now, in the order of the keymap; of two bindings of a key the earlier one wins. */
export function bindingsIn(state: State): Binding[] {
  const context = contextOf(state);
  return keymapOf(state)
    .filter(({ contexts }) => contexts.includes(context))
    .flatMap(({ bindings }) => bindings);
}

const TEXT_CONTEXTS: readonly Context[] = ['form', 'prompt', 'details', 'tip'];

/** What a key means now, or null. */
export function actionOf(key: Key, state: State): KeyAction | null {
  const found = bindingsIn(state).find(({ keys }) => keys.includes(key.name));
  if (found !== undefined) return found.action;
  const typesText = TEXT_CONTEXTS.includes(contextOf(state));
  if (!typesText || /^\p{Control}?$/u.test(key.character)) return null;
  return { kind: 'edit', edit: { kind: 'insert', text: key.character } };
}
