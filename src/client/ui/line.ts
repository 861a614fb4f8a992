/**
 * Lines of the screen: spans of text, each with the role that its colour tells. `span` is the only way
 * to make one, and what it makes is safe and measured: no control characters, no marks without a cell of
 * their own, so that `widthOf` is what the terminal uses and no text of a user can draw outside its place.
 */

import { printable } from '../printable.js';

/** What a text is, not how it looks: main.ts has the colours, so that each always means the same. */
export type Role =
  | 'plain'
  | 'faint'
  | 'strong'
  | 'query'
  | 'update'
  | 'good'
  | 'warning'
  | 'bad'
  | 'border'
  | 'focus'
  | 'selected'
  | 'input'
  | 'cursor';

declare const made: unique symbol;

export interface Span {
  readonly text: string;
  readonly role: Role;
  readonly [made]: true;
}

export type Line = readonly Span[];

/** Characters that fill two cells: the East Asian ones that blessed and terminals agree on. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3040-\u4dbf\u4e00-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]/;
const ALL_WIDE = new RegExp(WIDE, 'g');

/** Marks and format characters, which have no cell; NFC has put most marks into their letter before. */
const WITHOUT_CELL = /[\p{Mn}\p{Me}\p{Cf}]/gu;

/** Terminals disagree on how wide these are, and blessed draws them wrong. */
const UNSURE =
  /[\u{10000}-\u{10ffff}\u4dc0-\u4dff\ufe10-\ufe19\p{Emoji_Presentation}\p{Co}\p{Cn}]/gu;

const ASCII = /^[ -~]*$/;

/** Text in a role, made safe. */
export function span(text: string, role: Role = 'plain'): Span {
  return { text: cells(text), role } as Span;
}

/** The text as it stands on the screen: `?` for what terminals draw in different widths. */
export function cells(text: string): string {
  if (ASCII.test(text)) return text;
  return printable(text.normalize('NFC')).replace(WITHOUT_CELL, '').replace(UNSURE, '?');
}

/** Cells that a text which went through `cells` fills. */
export function widthOf(text: string): number {
  return ASCII.test(text) ? text.length : text.length + (text.match(ALL_WIDE)?.length ?? 0);
}

export const lineWidth = (line: Line): number =>
  line.reduce((width, { text }) => width + widthOf(text), 0);

/** The text without role, as tests and filters read it. */
export const plainText = (line: Line): string => line.map(({ text }) => text).join('');

/** At most `width` cells of a text; `…` at the end says that something is missing. */
export function clip(text: string, width: number): string {
  const safe = cells(text);
  if (widthOf(safe) <= width) return safe;
  return width < 1 ? '' : `${take(safe, width - 1)}…`;
}

/** A text brought to exactly `width` cells. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const clipped = clip(text, width);
  const blanks = ' '.repeat(Math.max(0, width - widthOf(clipped)));
  return align === 'left' ? clipped + blanks : blanks + clipped;
}

/** A line brought to exactly `width` cells. */
export function fit(line: Line, width: number): Line {
  const fitted: Span[] = [];
  let left = width;
  for (const part of line) {
    const wanted = widthOf(part.text);
    if (wanted > left) {
      fitted.push(span(clip(part.text, left), part.role));
      return fill(fitted, width);
    }
    fitted.push(part);
    left -= wanted;
  }
  return fill(fitted, width);
}

/** A line without its first cells, for views that are moved sideways. */
export function dropCells(line: Line, count: number): Line {
  let left = count;
  return line.flatMap((part) => {
    const dropped = take(part.text, left);
    left -= widthOf(dropped);
    return dropped.length === part.text.length
      ? []
      : [span(part.text.slice(dropped.length), part.role)];
  });
}

/** One line with something at either end; the left side gives way where there is not room for both. */
export function between(left: Line, right: Line, width: number): Line {
  const taken = lineWidth(right);
  return taken + 4 > width
    ? fit(left, width)
    : [...fit(left, width - taken - 1), span(' '), ...right];
}

/** Cuts a text into lines of at most `width` cells (2 at least), at blanks where there are any. */
export function wrap(text: string, width: number, role: Role = 'plain'): Line[] {
  const lines: Line[] = [];
  const most = Math.max(width, 2);
  let rest = cells(text);
  while (widthOf(rest) > most) {
    const whole = take(rest, most);
    const blank = rest.charAt(whole.length) === ' ' ? whole.length : whole.lastIndexOf(' ');
    // A line of nothing but an indentation would say nothing.
    const end = blank > 0 && whole.slice(0, blank).trim() !== '' ? blank : whole.length;
    lines.push([span(rest.slice(0, end), role)]);
    rest = rest.slice(end).trimStart();
  }
  if (rest !== '' || lines.length === 0) lines.push([span(rest, role)]);
  return lines;
}

function fill(line: Span[], width: number): Line {
  const missing = width - lineWidth(line);
  return missing > 0 ? [...line, span(' '.repeat(missing))] : line;
}

/** The longest beginning of a safe text that fits into `width` cells. */
function take(text: string, width: number): string {
  if (ASCII.test(text)) return text.slice(0, Math.max(0, width));
  let used = 0;
  let end = 0;
  for (const character of text) {
    used += WIDE.test(character) ? 2 : 1;
    if (used > width) break;
    end += character.length;
  }
  return text.slice(0, end);
}
