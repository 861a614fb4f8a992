import { expect } from 'chai';
import { helpLines } from '../../../src/client/ui/help-pane.js';
import { actionOf, bindingsIn, type Context, KEYMAP } from '../../../src/client/ui/keymap.js';
import { plainText } from '../../../src/client/ui/line.js';
import { keyOf } from './support.js';

const CONTEXTS: readonly Context[] = ['operations', 'form', 'results', 'log', 'prompt', 'help'];

describe('the keymap', () => {
  it('is in the help, all of it', () => {
    const help = helpLines(78).map(plainText);
    for (const { title, bindings } of KEYMAP) {
      const at = help.indexOf(title);
      expect(at, title).to.be.at.least(0);
      for (const [index, { shown, about }] of bindings.entries()) {
        const line = help[at + 1 + index] ?? '';
        expect(line).to.include(shown);
        expect(line).to.include(about);
      }
    }
  });

  it('gives each key one meaning in a context', () => {
    for (const context of CONTEXTS) {
      const keys = bindingsIn(context).flatMap((binding) => binding.keys);
      expect(keys, context).to.deep.equal([...new Set(keys)]);
    }
  });

  it('can be left everywhere', () => {
    for (const context of CONTEXTS) {
      expect(actionOf(keyOf('C-c'), context), context).to.deep.equal({ kind: 'quit' });
    }
  });

  it('tells how to quit and to get help in the bar of each panel', () => {
    for (const context of ['operations', 'form', 'results', 'log'] as const) {
      const words = bindingsIn(context).map(({ brief }) => brief);
      expect(words, context).to.include.members(['quit', 'help', 'next', 'back', 'level']);
    }
  });

  it('types characters only where text is typed', () => {
    for (const character of ['q', '1', '?', '/', 'é']) {
      const typed = { kind: 'edit', edit: { kind: 'insert', text: character } };
      expect(actionOf(keyOf(character), 'form')).to.deep.equal(typed);
      expect(actionOf(keyOf(character), 'prompt')).to.deep.equal(typed);
    }
    expect(actionOf(keyOf('space'), 'form')).to.have.nested.property('edit.text', ' ');
    expect(actionOf(keyOf('é'), 'log')).to.equal(null);
  });

  it('types no control characters', () => {
    expect(actionOf({ name: 'C-x', character: '\u0018' }, 'form')).to.equal(null);
    expect(actionOf({ name: 'f5', character: '' }, 'form')).to.equal(null);
  });
});
