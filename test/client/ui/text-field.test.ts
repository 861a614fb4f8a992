import { expect } from 'chai';
import { type Edit, EMPTY_FIELD, editField } from '../../../src/client/ui/text-field.js';

/** The field after edits, `|` for the cursor; a text is typed, other words are kinds of edit. */
function after(...edits: (Exclude<Edit['kind'], 'insert'> | { type: string })[]): string {
  let field = EMPTY_FIELD;
  for (const edit of edits) {
    field = editField(
      field,
      typeof edit === 'string' ? { kind: edit } : { kind: 'insert', text: edit.type },
    );
  }
  return `${field.before}|${field.after}`;
}

describe('a text field', () => {
  it('takes text at the cursor', () => {
    expect(after({ type: 'ac' }, 'left', { type: 'b' })).to.equal('ab|c');
  });

  it('moves the cursor, and stops at both ends', () => {
    expect(after({ type: 'ab' }, 'home', 'left')).to.equal('|ab');
    expect(after({ type: 'ab' }, 'home', 'right')).to.equal('a|b');
    expect(after({ type: 'ab' }, 'left', 'end', 'right')).to.equal('ab|');
  });

  it('deletes characters, words and all', () => {
    expect(after({ type: 'abc' }, 'left', 'backspace')).to.equal('a|c');
    expect(after({ type: 'abc' }, 'home', 'delete')).to.equal('|bc');
    expect(after('backspace', 'delete')).to.equal('|');
    expect(after({ type: 'toy story ' }, 'delete-word')).to.equal('toy |');
    expect(after({ type: 'toy' }, 'left', 'clear')).to.equal('|');
  });

  it('treats a character of two halves as one, also when the halves come one by one', () => {
    expect(after({ type: 'a\ud83d' }, { type: '\ude00' }, 'backspace')).to.equal('a|');
    expect(after({ type: '😀b' }, 'home', 'right')).to.equal('😀|b');
  });
});
