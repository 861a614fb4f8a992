/** The form of the selected operation, as lines. */

import type { ArgumentDescription, OperationDescription } from '../../wire/messages.js';
import { cells, clip, type Line, pad, type Span, span, widthOf, wrap } from './line.js';
import { type Draft, draftOf, type Size, type State, selectedOperation } from './state.js';
import { EMPTY_FIELD, type TextField } from './text-field.js';

/** Cells of a field; less where the screen is narrow. */
const FIELD_WIDTH = 24;

/** Cells of the widest name of an argument. */
const NAME_WIDTH = 16;

export function formLines(state: State, { columns, rows }: Size): Line[] {
  const operation = selectedOperation(state);
  if (operation === null) return [[span('No operation is selected.', 'faint')]];
  const isTyped = state.focus === 'form';
  const draft = draftOf(state, operation);
  const hint = hintOf(operation, draft, isTyped);
  const below = wrap(hint.text, columns, hint.role).slice(0, 2);
  // What is said of the operation gives way to its fields, and those to the one being typed.
  const room = rows - below.length;
  const fields = fieldLines(operation, draft, isTyped, columns);
  const first = Math.max(0, draft.active - room + 1);
  const shown = fields.slice(first, first + room);
  const about = wrap(operation.about, columns, 'faint').slice(0, 2);
  const above = [...about, []].slice(0, Math.max(0, room - shown.length));
  return [...above, ...shown, ...below];
}

/** Name, mark of those that are needed, field, and what it takes. */
function fieldLines(
  operation: OperationDescription,
  draft: Draft,
  isTyped: boolean,
  columns: number,
): Line[] {
  const names = operation.arguments.map(({ name }) => widthOf(cells(name)));
  const nameWidth = Math.min(NAME_WIDTH, Math.max(0, ...names));
  const fieldWidth = Math.min(FIELD_WIDTH, Math.floor(columns / 3));
  return operation.arguments.map((argument, index): Line => {
    const active = isTyped && index === draft.active;
    const start = [
      span(pad(argument.name, nameWidth), active ? 'strong' : 'plain'),
      span(argument.required ? ' * ' : '   ', 'warning'),
      ...inputSpans(draft.fields[index] ?? EMPTY_FIELD, fieldWidth, active),
      span('  '),
    ];
    const room = columns - nameWidth - fieldWidth - 5;
    return [...start, span(clip(describe(argument), room), 'faint')];
  });
}

/** `the film, a whole number from 1`. */
function describe({ about, type }: ArgumentDescription): string {
  return about === '' ? type : `${about}, ${type}`;
}

function hintOf(
  operation: OperationDescription,
  draft: Draft,
  isTyped: boolean,
): { readonly text: string; readonly role: 'bad' | 'faint' | 'warning' } {
  if (draft.note !== null) {
    return { text: draft.note, role: draft.confirmsEmpty ? 'warning' : 'bad' };
  }
  if (!isTyped) return { text: 'Press Enter to fill in this form.', role: 'faint' };
  const argument = operation.arguments[draft.active];
  if (argument === undefined)
    return { text: 'It takes no arguments: Enter runs it.', role: 'faint' };
  const need = argument.required ? 'needed' : 'may stay empty';
  return { text: `${argument.name} (${need}): ${describe(argument)}`, role: 'faint' };
}

/** The part of a text around its cursor, on a ground that shows where to type. */
export function inputSpans(field: TextField, width: number, active: boolean): Span[] {
  if (!active) return [span(pad(field.before + field.after, width), 'input')];
  const [at = ' ', ...rest] = Array.from(cells(field.after));
  const before = endOf(cells(field.before), width - widthOf(at));
  const left = Math.max(0, width - widthOf(before) - widthOf(at));
  return [span(before, 'input'), span(at, 'cursor'), span(pad(rest.join(''), left), 'input')];
}

/** The longest end of a safe text that fits. */
function endOf(text: string, width: number): string {
  const characters = Array.from(text);
  let used = 0;
  let first = characters.length;
  while (first > 0) {
    used += widthOf(characters[first - 1] ?? '');
    if (used > width) break;
    first--;
  }
  return characters.slice(first).join('');
}
