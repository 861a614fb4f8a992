/**
 * How the ordering screen is shared out: message of the day and tabs above, then two panels side by
 * side, and below them what there is to say, above the two bars that all screens have.
 */

import { clip, type Line, plainText, type Role, span, wrap } from '../line.js';
import { clamp } from '../scroll.js';
import type { State } from '../state.js';
import { noticeOf } from './notice.js';
import type { Shop } from './shop.js';

/** The tabs, and the two bars at the bottom. */
const FIXED_ROWS = 3;

/** One row in so many may go to the message of the day, and one to notices. */
const ROWS_FOR_EACH = 8;

/** The panel at the right gets this part of the width. */
const RIGHT_SHARE = 0.4;

export interface ShopLayout {
  readonly motd: readonly Line[];
  readonly notice: readonly Line[];
  /** Rows of both panels, border included. */
  readonly rows: number;
  /** Columns of the panel in which one moves, and of the one that tells more. */
  readonly left: number;
  readonly right: number;
}

export function shopLayout({ size: { columns, rows } }: State, shop: Shop): ShopLayout {
  const most = Math.floor(rows / ROWS_FOR_EACH);
  const motd = wrapWithin(shop.answers.motd ?? '', columns, most, 'strong');
  const { text, role } = noticeOf(shop);
  const notice = wrapWithin(text, columns, most, role);
  const right = clamp(Math.round(columns * RIGHT_SHARE), 22, 48);
  return {
    motd,
    notice,
    rows: rows - FIXED_ROWS - motd.length - notice.length,
    left: columns - right,
    right,
  };
}

/** A text in at most so many lines, a blank before each; `…` where it is cut off. */
function wrapWithin(text: string, columns: number, most: number, role: Role): Line[] {
  const width = columns - 2;
  const lines = wrap(text, width).map(plainText);
  const shown = lines.slice(0, most);
  if (lines.length > most) shown[most - 1] = clip(lines.slice(most - 1).join(' '), width);
  return shown.map((line) => [span(` ${line}`, role)]);
}
