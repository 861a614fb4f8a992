/** Positions in lists and views, moved by keys. */

import type { KeyAction } from './actions.js';

export type Move = Extract<KeyAction, { kind: 'move' }>;

export const clamp = (value: number, least: number, most: number): number =>
  Math.max(least, Math.min(most, value));

/** A position moved by a line, a page of `rows` or all the way, within 0 and `most`. */
export function scrolled(position: number, { by, unit }: Move, rows: number, most: number): number {
  const distance = { line: 1, page: Math.max(1, rows - 1), end: Number.POSITIVE_INFINITY }[unit];
  return clamp(clamp(position, 0, Math.max(0, most)) + by * distance, 0, Math.max(0, most));
}

/** As many of the lines as fit, with the chosen one among them and what is around it. */
export function around<Item>(lines: readonly Item[], chosen: number, rows: number): Item[] {
  const first = clamp(chosen - Math.floor(rows / 2), 0, Math.max(0, lines.length - rows));
  return lines.slice(first, first + rows);
}
