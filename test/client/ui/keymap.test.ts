import { expect } from 'chai';
import { helpLines } from '../../../src/client/ui/help-pane.js';
import { actionOf, bindingsIn, contextOf, keymapOf } from '../../../src/client/ui/keymap.js';
import { plainText } from '../../../src/client/ui/line.js';
import type { State } from '../../../src/client/ui/state.js';
import { Customer } from './shop/customer.js';
import { keyOf, pressed, startState } from './support.js';

const start = startState();
const everywhere: Record<string, State> = {
  operations: start,
  form: pressed(start, '2'),
  results: pressed(start, '3'),
  log: pressed(start, '4'),
  prompt: pressed(start, '/'),
  help: pressed(start, '?'),
};

describe('the keymap', () => {
  before(async () => {
    const { state } = await Customer.enter();
    Object.assign(everywhere, {
      menu: state,
      checkout: pressed(state, '2'),
      tip: pressed(state, '2', 'end', 'up', 'up'),
      orders: pressed(state, '3'),
      details: pressed(state, '4'),
      'operations, to order': pressed(state, 'a'),
      'form, to order': pressed(state, 'a', '2'),
      'log, to order': pressed(state, 'a', '4'),
    });
  });

  it('knows where it is', () => {
    for (const [name, state] of Object.entries(everywhere)) {
      expect(contextOf(state)).to.equal(name.split(',')[0]);
    }
  });

  it('is in the help, all that works with the service', () => {
    for (const state of [start, everywhere.menu ?? start]) {
      const help = helpLines(state, 78).map(plainText);
      for (const { title, bindings } of keymapOf(state)) {
        const at = help.indexOf(title);
        expect(at, title).to.be.at.least(0);
        for (const [index, { shown, about }] of bindings.entries()) {
          const line = help[at + 1 + index] ?? '';
          expect(line).to.include(shown);
          expect(line).to.include(about);
        }
      }
    }
    expect(helpLines(start, 78).map(plainText).join('\n')).to.not.match(/cart|order/);
  });

  it('gives each key one meaning in a context', () => {
    for (const [name, state] of Object.entries(everywhere)) {
      const keys = bindingsIn(state).flatMap((binding) => binding.keys);
      expect(keys, name).to.deep.equal([...new Set(keys)]);
    }
  });

  it('can be left everywhere', () => {
    for (const [name, state] of Object.entries(everywhere)) {
      expect(actionOf(keyOf('C-c'), state), name).to.deep.equal({ kind: 'quit' });
    }
  });

  it('tells how to quit and to get help in each bar', () => {
    for (const [name, state] of Object.entries(everywhere)) {
      if (['prompt', 'help', 'replicas'].includes(name)) continue;
      const words = bindingsIn(state).map(({ brief }) => brief);
      expect(words, name).to.include.members(['quit', 'help', 'next', 'back']);
    }
  });

  it('types characters only where text is typed', () => {
    for (const character of ['q', '1', '?', '/', 'é']) {
      const typed = { kind: 'edit', edit: { kind: 'insert', text: character } };
      for (const name of ['form', 'prompt', 'tip', 'details']) {
        expect(actionOf(keyOf(character), everywhere[name] ?? start), name).to.deep.equal(typed);
      }
    }
    const { form = start, log = start, menu = start } = everywhere;
    expect(actionOf(keyOf('space'), form)).to.have.nested.property('edit.text', ' ');
    expect(actionOf(keyOf('é'), log)).to.equal(null);
    expect(actionOf(keyOf('é'), menu)).to.equal(null);
  });

  it('types no control characters', () => {
    const { form = start } = everywhere;
    expect(actionOf({ name: 'C-x', character: '\u0018' }, form)).to.equal(null);
    expect(actionOf({ name: 'f9', character: '' }, form)).to.equal(null);
  });
});
