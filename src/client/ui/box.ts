/** Frames around panels, and panels put beside and below each other. */

import { fit, type Line, lineWidth, type Role, span } from './line.js';

interface BoxInit {
  /** Border included; at least 2 each way. */
  readonly rows: number;
  readonly columns: number;
  readonly title: Line;
  /** At the right of the upper border. */
  readonly note: Line;
  readonly focused: boolean;
  readonly lines: readonly Line[];
}

/** Exactly `rows` lines of exactly `columns` cells; what is beyond is cut off. */
export function box({ rows, columns, title, note, focused, lines }: BoxInit): Line[] {
  const role: Role = focused ? 'focus' : 'border';
  const inside = columns - 2;
  const body = Array.from(
    { length: rows - 2 },
    (_, index): Line => [span('│', role), ...fit(lines[index] ?? [], inside), span('│', role)],
  );
  return [
    [span('┌', role), ...rule(title, note, inside, role), span('┐', role)],
    ...body,
    [span(`└${'─'.repeat(inside)}┘`, role)],
  ];
}

/** A horizontal border with words in it. */
function rule(title: Line, note: Line, width: number, role: Role): Line {
  const room = width - 2;
  const left = lineWidth(title) > room ? fit(title, room) : title;
  const right = lineWidth(left) + lineWidth(note) + 1 > room ? [] : note;
  const dashes = width - 2 - lineWidth(left) - lineWidth(right);
  return [span('─', role), ...left, span('─'.repeat(dashes), role), ...right, span('─', role)];
}

/** Two blocks of the same height side by side. */
export function beside(left: readonly Line[], right: readonly Line[]): Line[] {
  return left.map((line, index) => [...line, ...(right[index] ?? [])]);
}

/** ` 12-30 of 200 `, or nothing where all is in view. */
export function positionNote(first: number, shown: number, all: number): Line {
  if (shown >= all) return [];
  return [span(` ${first + 1}-${first + shown} of ${all} `, 'faint')];
}
