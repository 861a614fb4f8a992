/** The list of operations, as lines: queries, then updates, under their headings. */

import { clip, type Line, pad, span } from './line.js';
import { around } from './scroll.js';
import { type Size, type State, visibleOperations } from './state.js';

export function operationLines(state: State, { columns, rows }: Size): Line[] {
  const operations = visibleOperations(state);
  if (operations.length === 0) return [[span('Nothing passes.', 'faint')]];
  const lines: Line[] = [];
  let chosen = 0;
  for (const [index, { name, kind }] of operations.entries()) {
    if (operations[index - 1]?.kind !== kind) {
      lines.push([span(kind === 'query' ? 'Queries' : 'Updates', kind)]);
    }
    const isChosen = name === state.selected;
    if (isChosen) chosen = lines.length;
    const role = state.focus === 'operations' ? 'selected' : 'strong';
    lines.push(
      isChosen ? [span(pad(` ▸ ${name}`, columns), role)] : [span(`   ${clip(name, columns - 3)}`)],
    );
  }
  return around(lines, chosen, rows);
}
