/**
 * An answer's value as lines for a person: a list of objects as a table, an object as names and values,
 * everything else as JSON. The raw form is JSON throughout, and whole: tables shorten wide cells.
 */

import { cells, type Line, pad, span, widthOf, wrap } from './line.js';

type Row = Readonly<Record<string, unknown>>;

/** Blanks between columns. */
const GAP = 2;
/** A column that is narrower says nothing. */
const NARROWEST = 4;

export function valueLines(value: unknown, width: number, raw: boolean): Line[] {
  if (raw) return jsonLines(value, width);
  if (Array.isArray(value)) {
    if (value.length === 0) return [[span('an empty list', 'faint')]];
    return value.every(isRow) ? tableLines(value, width) : jsonLines(value, width);
  }
  return isRow(value) ? objectLines(value, width) : jsonLines(value, width);
}

const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function jsonLines(value: unknown, width: number): Line[] {
  const text = JSON.stringify(value ?? null, null, 2);
  return text.split('\n').flatMap((line) => wrap(line, width));
}

function objectLines(object: Row, width: number): Line[] {
  const entries = Object.entries(object);
  if (entries.length === 0) return [[span('an empty object', 'faint')]];
  const nameWidth = Math.min(widest(entries.map(([name]) => cells(name))), Math.floor(width / 2));
  return entries.flatMap(([name, value]) =>
    wrap(cellText(value), width - nameWidth - GAP).map((line, index) => [
      span(pad(index === 0 ? name : '', nameWidth + GAP), 'faint'),
      ...line,
    ]),
  );
}

function tableLines(rows: readonly Row[], width: number): Line[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  // More columns than fit are no table for a person.
  if (names.length * (NARROWEST + GAP) > width) return jsonLines(rows, width);
  const table = rows.map((row) => names.map((name) => cellText(row[name])));
  const columns = names.map((name, index) => ({
    name: cells(name),
    width: widest([cells(name), ...table.map((row) => row[index] ?? '')]),
    align: rows.every((row) => isNumberOrNothing(row[name]))
      ? ('right' as const)
      : ('left' as const),
  }));
  const widths = shrink(
    columns.map((column) => column.width),
    width - GAP * (columns.length - 1),
  );
  const lineOf = (texts: readonly string[]): string =>
    columns
      .map(({ align }, index) => pad(texts[index] ?? '', widths[index] ?? 0, align))
      .join(' '.repeat(GAP))
      .trimEnd();
  const count = rows.length === 1 ? '1 row' : `${rows.length} rows`;
  return [
    [span(lineOf(columns.map(({ name }) => name)), 'faint')],
    ...table.map((texts): Line => [span(lineOf(texts))]),
    [span(count, 'faint')],
  ];
}

/** The width of the widest of these safe texts; there may be too many of them for Math.max(...). */
const widest = (texts: readonly string[]): number =>
  texts.reduce((width, text) => Math.max(width, widthOf(text)), 0);

const isNumberOrNothing = (value: unknown): boolean =>
  typeof value === 'number' || value === null || value === undefined;

/** Takes cell by cell from the widest columns until all fit. */
function shrink(widths: readonly number[], room: number): number[] {
  const shrunk = widths.map((width) => Math.min(width, room));
  let excess = shrunk.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    const most = Math.max(...shrunk);
    shrunk[shrunk.lastIndexOf(most)] = most - 1;
    excess--;
  }
  return shrunk;
}

/** One value in one cell: text as it is, a list of texts with commas, JSON for the rest. */
function cellText(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return cells(value);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return cells(value.join(', '));
  }
  return cells(JSON.stringify(value));
}
