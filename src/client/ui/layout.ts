/** How large the panels are on a screen of a given size. Two rows at the bottom are bars. */

import { clamp } from './scroll.js';
import { PANELS, type Panel, type Size, type State, selectedOperation } from './state.js';

/** Below this nothing can be read; the screen then says so. */
export const SMALLEST: Size = { columns: 60, rows: 16 };

const BAR_ROWS = 2;

/** Parts of the height: the log's of all, and what the form may take of the rest. */
const LOG_SHARE = 0.32;
const FORM_SHARE = 0.55;

export const isTooSmall = ({ columns, rows }: Size): boolean =>
  columns < SMALLEST.columns || rows < SMALLEST.rows;

/**
 * The size of each panel, border included; null for those that a zoomed one hides. The operations stand
 * at the left of form and results, the log below all three.
 */
export function layoutOf(state: State): Readonly<Record<Panel, Size | null>> {
  const { columns } = state.size;
  const rows = state.size.rows - BAR_ROWS;
  if (state.zoomed) {
    const hidden = { operations: null, form: null, results: null, log: null };
    return { ...hidden, [state.focus]: { columns, rows } };
  }
  const names = state.operations.map(({ name }) => name.length);
  const listColumns = clamp(Math.max(0, ...names) + 6, 18, 28);
  const logRows = clamp(Math.round(rows * LOG_SHARE), 5, 20);
  const topRows = rows - logRows;
  const formRows = clamp(rowsOfForm(state), 6, Math.max(6, Math.floor(topRows * FORM_SHARE)));
  return {
    operations: { columns: listColumns, rows: topRows },
    form: { columns: columns - listColumns, rows: formRows },
    results: { columns: columns - listColumns, rows: topRows - formRows },
    log: { columns, rows: logRows },
  };
}

/** What fits inside the border of a panel; nothing where it is not drawn. */
export function insideOf(state: State, panel: Panel): Size {
  const size = layoutOf(state)[panel];
  if (size === null || isTooSmall(state.size)) return { columns: 0, rows: 0 };
  return { columns: size.columns - 2, rows: size.rows - 2 };
}

/** The panel before or after another; the last is followed by the first. */
export function neighbour(panel: Panel, by: 1 | -1): Panel {
  const index = (PANELS.indexOf(panel) + by + PANELS.length) % PANELS.length;
  return PANELS[index] ?? panel;
}

/** Two rows for what the operation does, a blank, one a field, one for hints, and the border. */
function rowsOfForm(state: State): number {
  return 2 + 1 + (selectedOperation(state)?.arguments.length ?? 0) + 1 + 2;
}
