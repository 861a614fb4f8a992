/** The form of the selected operation, as lines. */

import type { ArgumentDescription, OperationDescription } from '../../wire/messages.js';
import { cells, clip, type Line, pad, type Span, span, widthOf, wrap } from './line.js';
import { type Draft, draftOf, type Size, type State, selectedOperation } from './state.js';
import type { TextField } from './text-field.js';

/** Cells of a field; less where the screen is narrow. */
const FIELD_WIDTH = 24;

export function formLines(state: State, { columns, rows }: Size): Line[] {
  const operation = selectedOperation(state);
  if (operation === null) return [[span('No operation is selected.', 'faint')]];
  const draft = draftOf(state, operation);
  const about = wrap(operation.about, columns, 'faint').slice(0, 2);
  const hint = wrap(...hintOf(state, operation, draft, columns)).slice(0, 2);
  // What is about the operation gives way to its fields, and those to the one being typed.
  const room = rows - hint.length;
  const fields = operation.arguments.map((argument, index) =>
    fieldLine(argument, draft, index, state, nameWidth(operation), columns),
  );
  const first = Math.max(0, Math.min(draft.active - room + 1, fields.length - 1));
  const shown = fields.slice(first, first + room);
  const above = [...about, []].slice(0, Math.max(0, room - shown.length));
  return [...above, ...shown, ...hint];
}

const nameWidth = (operation: OperationDescription): number =>
  Math.min(16, Math.max(0, ...operation.arguments.map(({ name }) => widthOf(cells(name)))));

function fieldLine(
  argument: ArgumentDescription,
  draft: Draft,
  index: number,
  state: State,
  labelWidth: number,
  columns: number,
): Line {
  const active = index === draft.active && state.focus === 'form';
  const width = Math.min(FIELD_WIDTH, Math.floor(columns / 3));
  const field = draft.fields[index];
  const used = labelWidth + 3 + width + 2;
  return [
    span(pad(argument.name, labelWidth), active ? 'strong' : 'plain'),
    span(argument.required ? ' * ' : '   ', 'warning'),
    ...(field === undefined ? [] : inputSpans(field, width, active)),
    span('  '),
    span(clip(describe(argument), columns - used), 'faint'),
  ];
}

/** `the film, a whole number from 1`. */
function describe({ about, type }: ArgumentDescription): string {
  return about === '' ? type : `${about}, ${type}`;
}

/** The part of a text around its cursor, on a ground that shows where to type. */
export function inputSpans(field: TextField, width: number, active: boolean): Span[] {
  if (!active) return [span(pad(field.before + field.after, width), 'input')];
  const [at = ' ', ...rest] = Array.from(cells(field.after));
  const before = endOf(cells(field.before), width - widthOf(at));
  const left = width - widthOf(before) - widthOf(at);
  return [
    span(before, 'input'),
    span(at, 'cursor'),
    span(pad(rest.join(''), Math.max(0, left)), 'input'),
  ];
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

function hintOf(
  state: State,
  operation: OperationDescription,
  draft: Draft,
  columns: number,
): [text: string, columns: number, role: 'bad' | 'faint' | 'warning'] {
  if (draft.note !== null) return [draft.note, columns, draft.confirmsEmpty ? 'warning' : 'bad'];
  if (state.focus !== 'form') return ['Press Enter to fill in this form.', columns, 'faint'];
  const argument = operation.arguments[draft.active];
  if (argument === undefined) return ['It takes no arguments: Enter runs it.', columns, 'faint'];
  const need = argument.required ? 'needed' : 'may stay empty';
  return [`${argument.name} (${need}): ${describe(argument)}`, columns, 'faint'];
}
