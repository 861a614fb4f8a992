/**
 * The whole screen of a state, as lines of styled text: `rows` lines of `columns` cells each, whatever
 * the state. It is a pure function, so tests compare what a person would see.
 */

import { keyBar, statusBar } from './bars.js';
import { beside, box, positionNote } from './box.js';
import { formLines } from './form-pane.js';
import { helpLines } from './help-pane.js';
import { clamp, insideOf, isTooSmall, layoutOf, type Place, SMALLEST } from './layout.js';
import { fit, type Line, pad, span, wrap } from './line.js';
import { logHints, logLines, visibleLog } from './log-pane.js';
import { operationLines } from './operations-pane.js';
import { RESULT_HINTS, resultLines } from './results-pane.js';
import { type FilterPanel, PANELS, type Panel, type State, selectedOperation } from './state.js';

export function frameOf(state: State): Line[] {
  const { columns, rows } = state.size;
  if (isTooSmall(state.size)) return tooSmall(state);
  if (state.help !== null) {
    return [...helpPanel(state, state.help), statusBar(state), keyBar(state)];
  }
  const places = layoutOf(state);
  const drawn = new Map(
    PANELS.map((panel) => {
      const place = places[panel];
      return [panel, place === null ? [] : DRAW[panel](state, place)];
    }),
  );
  const block = (panel: Panel): Line[] => drawn.get(panel) ?? [];
  const right = [...block('form'), ...block('results')];
  const top = state.zoomed ? block(state.focus) : beside(block('operations'), right);
  const body = state.zoomed ? top : [...top, ...block('log')];
  return [...body, statusBar(state), keyBar(state)]
    .slice(0, rows)
    .map((line) => fit(line, columns));
}

const DRAW: Readonly<Record<Panel, (state: State, place: Place) => Line[]>> = {
  operations(state, place) {
    const content = operationLines(state, place.rows - 2, place.columns - 2);
    return panelBox(state, 'operations', place, state.service, [], content);
  },
  form(state, place) {
    const inside = insideOf(state, 'form');
    const operation = selectedOperation(state);
    const note = operation === null ? [] : [span(` ${operation.kind} `, operation.kind)];
    return panelBox(
      state,
      'form',
      place,
      operation?.name ?? 'form',
      note,
      formLines(state, inside),
    );
  },
  results(state, place) {
    const inside = insideOf(state, 'results');
    const lines = resultLines(state, inside.columns);
    const hints = state.exchanges.length === 0 ? RESULT_HINTS : ['Nothing passes the filter.'];
    const first = clamp(state.resultsScroll, 0, Math.max(0, lines.length - inside.rows));
    const shown = lines.slice(first, first + inside.rows);
    const note = positionNote(first, shown.length, lines.length);
    const content = lines.length === 0 ? hintLines(hints, inside.columns) : shown;
    const title = state.rawResults ? 'results, as JSON' : 'results';
    return panelBox(state, 'results', place, title, note, content);
  },
  log(state, place) {
    const inside = insideOf(state, 'log');
    const { paused, unseen, lines } = state.log;
    const hints = lines.length === 0 ? logHints(state) : ['Nothing passes the filter.'];
    const content =
      visibleLog(state).length === 0
        ? hintLines(hints, inside.columns)
        : logLines(state, inside.rows);
    const note = paused
      ? [span(` paused, ${unseen} new `, 'warning')]
      : [span(' following ', 'good')];
    return panelBox(state, 'log', place, 'gossip and timestamps', note, content);
  },
};

function panelBox(
  state: State,
  panel: Panel,
  place: Place,
  name: string,
  note: Line,
  content: readonly Line[],
): Line[] {
  const focused = state.focus === panel;
  const filter = panel === 'form' ? '' : state.filters[panel satisfies FilterPanel];
  const title = [
    span(` ${PANELS.indexOf(panel) + 1} `, focused ? 'focus' : 'border'),
    span(`${name} `, focused ? 'strong' : 'plain'),
    ...(filter === '' ? [] : [span(`/${filter} `, 'warning')]),
  ];
  return box({ rows: place.rows, columns: place.columns, title, note, focused, content });
}

const hintLines = (texts: readonly string[], width: number): Line[] =>
  texts.flatMap((text) => wrap(text, width, 'faint'));

function helpPanel(state: State, scroll: number): Line[] {
  const { columns, rows } = state.size;
  const inside = rows - 4;
  const lines = helpLines(columns - 2);
  const first = clamp(scroll, 0, Math.max(0, lines.length - inside));
  const content = lines.slice(first, first + inside);
  return box({
    rows: rows - 2,
    columns,
    title: [span(' help ', 'strong'), span('(arrow keys scroll) ', 'faint')],
    note: positionNote(first, content.length, lines.length),
    focused: true,
    content,
  });
}

function tooSmall({ size: { columns, rows } }: State): Line[] {
  const text = `hearsay needs ${SMALLEST.columns} columns and ${SMALLEST.rows} rows; this terminal has ${columns} and ${rows}. Ctrl-C quits.`;
  const lines = wrap(text, Math.max(2, columns), 'warning');
  return Array.from({ length: rows }, (_, row) =>
    fit(lines[row] ?? [span(pad('', columns))], columns),
  );
}
