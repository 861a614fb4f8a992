/** The two rows at the bottom: how this session stands, and the keys that work here. */

import { inputSpans } from './form-pane.js';
import { bindingsIn } from './keymap.js';
import { fit, type Line, type Span, span } from './line.js';
import { copiesRole, guaranteeRole } from './results-pane.js';
import { shortTimestamp } from './short-timestamp.js';
import type { State } from './state.js';

const PROMPT_WIDTH = 30;

/** User, front end, level asked for and guarantee reached, copies of the last update, timestamp. */
export function statusBar(state: State): Line {
  const { user, frontend, consistency, guarantee, copies } = state;
  const seen = shortTimestamp(state.timestamp);
  const parts: Span[][] = [
    [span('user ', 'faint'), span(user === '' ? 'nobody' : user, 'strong')],
    frontend === null
      ? [span('no front end', 'bad')]
      : [span('via ', 'faint'), span(frontend.replace(/^wss?:\/\//, ''))],
    [
      span('level ', 'faint'),
      span(consistency, 'strong'),
      ...(guarantee === null
        ? []
        : [span(' → ', 'faint'), span(guarantee, guaranteeRole(guarantee, consistency))]),
    ],
    copies === null ? [] : [span('copies ', 'faint'), span(`${copies}`, copiesRole(copies))],
    seen === '' ? [span('nothing seen yet', 'faint')] : [span(seen)],
  ];
  const shown = parts.filter((part) => part.length > 0);
  const spans = shown.flatMap((part, index) => [
    span(index === 0 ? ' ' : ' │ ', 'border'),
    ...part,
  ]);
  return fit(spans, state.size.columns);
}

/** Keys with a word each; or the filter that is being typed. */
export function keyBar(state: State): Line {
  const keys = keySpans(state);
  if (state.prompt === null) return fit([span(' '), ...keys], state.size.columns);
  const prompt = [
    span(' filter /', 'strong'),
    ...inputSpans(state.prompt.field, PROMPT_WIDTH, true),
    span('  '),
  ];
  return fit([...prompt, ...keys], state.size.columns);
}

function keySpans(state: State): Span[] {
  const told = new Set<string>();
  return bindingsIn(state).flatMap(({ shown, brief }) => {
    if (brief === null || told.has(brief)) return [];
    told.add(brief);
    // Of several keys the first: the bar is short, help tells all.
    const [key = ''] = shown.split(', ');
    return [span(key, 'strong'), span(` ${brief}  `, 'faint')];
  });
}
