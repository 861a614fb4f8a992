/** What the pages of the ordering screen have in common. */

import { cells, type Line, pad, type Role, span, widthOf } from '../line.js';
import type { Size, State } from '../state.js';
import type { Shop } from './shop.js';

/** What stands in a panel; lines beyond its size are cut off. */
export interface Side {
  readonly title: string;
  readonly lines: readonly Line[];
}

/** The panel in which one moves, and the one beside it. */
export interface Drawing {
  readonly left: Side;
  readonly right: Side;
}

export type DrawPage = (state: State, shop: Shop, left: Size, right: Size) => Drawing;

/** A text at the left, one at the right that is never cut, and blanks between. */
export function ends(left: string, right: string, width: number): string {
  const room = Math.max(0, width - widthOf(cells(right)) - 1);
  return `${pad(left, room)} ${right}`;
}

/** A line that can be chosen: marked and, where it is the chosen one, in full width. */
export const choice = (
  text: string,
  isChosen: boolean,
  width: number,
  role: Role = 'plain',
): Line => (isChosen ? [span(pad(` ▸ ${text}`, width), 'selected')] : [span(`   ${text}`, role)]);

/** Cells of the mark before a choice. */
export const MARK = 3;
