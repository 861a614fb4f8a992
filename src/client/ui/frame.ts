/**
 * The whole screen of a state, as lines of styled text: `rows` lines of `columns` cells each, whatever
 * the state. It is a pure function, so tests compare what a person would see.
 */

import type { OperationDescription } from '../../wire/messages.js';
import { keyBar, statusBar } from './bars.js';
import { beside, box, positionNote } from './box.js';
import { formLines } from './form-pane.js';
import { helpLines } from './help-pane.js';
import { insideOf, isTooSmall, layoutOf, SMALLEST } from './layout.js';
import { fit, type Line, span, wrap } from './line.js';
import { logHints, logLines, visibleLog } from './log-pane.js';
import { operationLines } from './operations-pane.js';
import type { Replicas } from './replicas/replicas.js';
import { replicasLines } from './replicas/replicas-pane.js';
import { RESULT_HINTS, resultLines } from './results-pane.js';
import { clamp } from './scroll.js';
import { shopBody } from './shop/frame.js';
import { draftOf, PANELS, type Panel, type Size, type State, selectedOperation } from './state.js';

/** What stands in a panel; its lines are cut to its size. */
interface Drawing {
  readonly title: string;
  /** At the right of the upper border. */
  readonly note: Line;
  readonly lines: readonly Line[];
}

const DRAW: Readonly<Record<Panel, (state: State, inside: Size) => Drawing>> = {
  operations: (state, inside) => ({
    title: state.service,
    note: [],
    lines: operationLines(state, inside),
  }),

  form(state, inside) {
    const operation = selectedOperation(state);
    return {
      title: operation?.name ?? 'form',
      note: operation === null ? [] : [span(` ${kindOf(operation)} `, operation.kind)],
      lines:
        operation === null
          ? [[span('No operation is selected.', 'faint')]]
          : formLines(operation, draftOf(state, operation), state.focus === 'form', inside),
    };
  },

  results(state, { columns, rows }) {
    const lines = resultLines(state, columns);
    const hints = state.exchanges.length === 0 ? RESULT_HINTS : NOTHING_PASSES;
    const view = viewOf(
      lines.length === 0 ? hintLines(hints, columns) : lines,
      state.resultsScroll,
      rows,
    );
    return { title: state.rawResults ? 'results, as JSON' : 'results', ...view };
  },

  log(state, { columns, rows }) {
    const { paused, unseen, lines } = state.log;
    const hints = lines.length === 0 ? logHints(state) : NOTHING_PASSES;
    const isEmpty = visibleLog(state).length === 0;
    return {
      title: 'gossip and timestamps',
      note: paused ? [span(` paused, ${unseen} new `, 'warning')] : [span(' following ', 'good')],
      lines: isEmpty ? hintLines(hints, columns) : logLines(state, rows),
    };
  },
};

/** What is forced goes through the primary, so it may be refused and needs most of the replicas. */
const kindOf = ({ kind, ordering }: OperationDescription): string =>
  ordering === 'forced' ? `forced ${kind}` : kind;

const NOTHING_PASSES = ['Nothing passes the filter; Esc drops it.'];

export function frameOf(state: State): Line[] {
  if (isTooSmall(state.size)) return tooSmall(state.size);
  return [...bodyOf(state), statusBar(state), keyBar(state)];
}

function bodyOf(state: State): Line[] {
  if (state.help !== null) return helpPanel(state, state.help);
  if (state.replicas !== null) return replicasPanel(state, state.replicas);
  if (state.screen === 'shop' && state.shop !== null) return shopBody(state, state.shop);
  if (state.zoomed) return panelOf(state, state.focus);
  const right = [...panelOf(state, 'form'), ...panelOf(state, 'results')];
  return [...beside(panelOf(state, 'operations'), right), ...panelOf(state, 'log')];
}

function panelOf(state: State, panel: Panel): Line[] {
  const size = layoutOf(state)[panel];
  if (size === null) return [];
  const { title, note, lines } = DRAW[panel](state, insideOf(state, panel));
  const focused = state.focus === panel;
  const filter = panel === 'form' ? '' : state.filters[panel];
  const heading = [
    span(` ${PANELS.indexOf(panel) + 1} `, focused ? 'focus' : 'border'),
    span(`${title} `, focused ? 'strong' : 'plain'),
    ...(filter === '' ? [] : [span(`/${filter} `, 'warning')]),
  ];
  return box({ ...size, title: heading, note, focused, lines });
}

function helpPanel(state: State, scroll: number): Line[] {
  const { columns, rows } = state.size;
  return box({
    columns,
    rows: rows - 2,
    title: [span(' help ', 'strong'), span('(arrow keys scroll) ', 'faint')],
    focused: true,
    ...viewOf(helpLines(state, columns - 2), scroll, rows - 4),
  });
}

function replicasPanel({ size }: State, replicas: Replicas): Line[] {
  const { columns } = size;
  const rows = size.rows - 2;
  return box({
    columns,
    rows,
    title: [span(' replicas ', 'strong')],
    note: [],
    focused: true,
    lines: replicasLines(replicas, { columns: columns - 2, rows: rows - 2 }),
  });
}

/** The lines in view, and a note which they are. */
function viewOf(
  lines: readonly Line[],
  scroll: number,
  rows: number,
): Pick<Drawing, 'note' | 'lines'> {
  const first = clamp(scroll, 0, Math.max(0, lines.length - rows));
  const shown = lines.slice(first, first + rows);
  return { note: positionNote(first, shown.length, lines.length), lines: shown };
}

const hintLines = (texts: readonly string[], width: number): Line[] =>
  texts.flatMap((text) => wrap(text, width, 'faint'));

function tooSmall({ columns, rows }: Size): Line[] {
  const needed = `hearsay needs ${SMALLEST.columns} columns and ${SMALLEST.rows} rows`;
  const text = `${needed}; this terminal has ${columns} and ${rows}. Ctrl-C quits.`;
  const lines = wrap(text, columns, 'warning');
  return Array.from({ length: rows }, (_, row) => fit(lines[row] ?? [], columns));
}
