/** Where the panels stand on a screen of a given size. Two rows at the bottom are bars. */

import { PANELS, type Panel, type Size, type State, selectedOperation } from './state.js';

/** A place on the screen, border included. */
export interface Place {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

/** Below this nothing can be read; the screen then says so. */
export const SMALLEST: Size = { columns: 60, rows: 16 };

const BAR_ROWS = 2;

export const isTooSmall = ({ columns, rows }: Size): boolean =>
  columns < SMALLEST.columns || rows < SMALLEST.rows;

/** The place of each panel; null for those that a zoomed one hides. */
export function layoutOf(state: State): Readonly<Record<Panel, Place | null>> {
  const { columns, rows } = state.size;
  const bodyRows = rows - BAR_ROWS;
  if (state.zoomed) {
    const hidden = { operations: null, form: null, results: null, log: null };
    return { ...hidden, [state.focus]: { row: 0, column: 0, rows: bodyRows, columns } };
  }
  const names = state.operations.map(({ name }) => name.length);
  const listColumns = clamp(Math.max(0, ...names) + 6, 18, 28);
  const logRows = clamp(Math.round(bodyRows * 0.32), 5, 20);
  const topRows = bodyRows - logRows;
  const formRows = clamp(rowsOfForm(state), 6, Math.max(6, Math.floor(topRows * 0.55)));
  const right = { column: listColumns, columns: columns - listColumns };
  return {
    operations: { row: 0, column: 0, rows: topRows, columns: listColumns },
    form: { row: 0, rows: formRows, ...right },
    results: { row: formRows, rows: topRows - formRows, ...right },
    log: { row: topRows, column: 0, rows: logRows, columns },
  };
}

/** What fits inside a panel's border; nothing while it is hidden. */
export function insideOf(state: State, panel: Panel): Size {
  const place = layoutOf(state)[panel];
  if (place === null || isTooSmall(state.size)) return { columns: 0, rows: 0 };
  return { columns: place.columns - 2, rows: place.rows - 2 };
}

/** The panel before or after another; the last is followed by the first. */
export function neighbour(panel: Panel, by: 1 | -1): Panel {
  const index = (PANELS.indexOf(panel) + by + PANELS.length) % PANELS.length;
  return PANELS[index] ?? panel;
}

export const clamp = (value: number, least: number, most: number): number =>
  Math.max(least, Math.min(most, value));

/** Two rows for what the operation does, a blank, one a field, one for hints, and the border. */
function rowsOfForm(state: State): number {
  return 2 + 1 + (selectedOperation(state)?.arguments.length ?? 0) + 1 + 2;
}
