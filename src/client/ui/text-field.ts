/**
 * A line of text under edit, as a value: what stands before the cursor and what stands after it.
 * Nothing here knows keys or the screen.
 */

export interface TextField {
  readonly before: string;
  readonly after: string;
}

export type Edit =
  | { readonly kind: 'insert'; readonly text: string }
  | { readonly kind: 'left' | 'right' | 'home' | 'end' }
  | { readonly kind: 'backspace' | 'delete' | 'delete-word' | 'clear' };

export const EMPTY_FIELD: TextField = { before: '', after: '' };

export const textOf = ({ before, after }: TextField): string => before + after;

export function editField(field: TextField, edit: Edit): TextField {
  const { before, after } = field;
  switch (edit.kind) {
    case 'insert':
      return { before: before + edit.text, after };
    case 'left':
      return { before: withoutLast(before), after: lastOf(before) + after };
    case 'right':
      return { before: before + firstOf(after), after: after.slice(firstOf(after).length) };
    case 'home':
      return { before: '', after: before + after };
    case 'end':
      return { before: before + after, after: '' };
    case 'backspace':
      return { before: withoutLast(before), after };
    case 'delete':
      return { before, after: after.slice(firstOf(after).length) };
    case 'delete-word':
      return { before: before.replace(/\S*\s*$/u, ''), after };
    case 'clear':
      return EMPTY_FIELD;
  }
}

/** Whole characters, never half of a pair of surrogates. */
const lastOf = (text: string): string => /.$/su.exec(text)?.[0] ?? '';
const firstOf = (text: string): string => /^./su.exec(text)?.[0] ?? '';
const withoutLast = (text: string): string => text.slice(0, text.length - lastOf(text).length);
