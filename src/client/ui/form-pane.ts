/** The form of an operation, as lines. */

import type { ArgumentDescription, OperationDescription } from '../../wire/messages.js';
import { cells, clip, type Line, pad, type Span, span, widthOf, wrap } from './line.js';
import type { Draft, Size } from './state.js';
import { EMPTY_FIELD, type TextField } from './text-field.js';

/** Cells of a field; less where the screen is narrow. */
const FIELD_WIDTH = 24;

/** Cells of the mark of fields that are needed. */
const MARK_WIDTH = 3;

/** Cells of the widest name of an argument. */
const NAME_WIDTH = 16;

export function formLines(
  operation: OperationDescription,
  draft: Draft,
  isTyped: boolean,
  { columns, rows }: Size,
  fieldWidth = Math.min(FIELD_WIDTH, Math.floor(columns / 3)),
): Line[] {
  const hint = hintOf(operation, draft, isTyped);
  const below = wrap(hint.text, columns, hint.role).slice(0, 2);
  // What is said of the operation gives way to its fields, and those to the one being typed.
  const room = rows - below.length;
  const fields = fieldLines(operation, draft, isTyped, columns, fieldWidth);
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
  fieldWidth: number,
): Line[] {
  const nameWidth = nameWidthOf(operation);
  return operation.arguments.map((argument, index): Line => {
    const active = isTyped && index === draft.active;
    const start = [
      span(pad(argument.name, nameWidth), active ? 'strong' : 'plain'),
      span(argument.required ? ' * ' : '   ', 'warning'),
      ...inputSpans(draft.fields[index] ?? EMPTY_FIELD, fieldWidth, active),
      span('  '),
    ];
    const room = columns - nameWidth - MARK_WIDTH - fieldWidth - 2;
    return [...start, span(clip(describe(argument), room), 'faint')];
  });
}

function nameWidthOf(operation: OperationDescription): number {
  const names = operation.arguments.map(({ name }) => widthOf(cells(name)));
  return Math.min(NAME_WIDTH, Math.max(0, ...names));
}

/** The width of fields that leave no room for what they take; the one being typed tells it below. */
export const widestField = (operation: OperationDescription, columns: number): number =>
  columns - nameWidthOf(operation) - MARK_WIDTH - 2;

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
