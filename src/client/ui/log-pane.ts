/** The pane of gossip: what the front end and the replicas do, as it happens, and the launcher's notices. */

import { formatText } from '../../observe/text.js';
import type { TraceEvent } from '../../wire/messages.js';
import { dropCells, type Line, type Role, span } from './line.js';
import { LOG_LINES_KEPT, type LogLine, passes, type State } from './state.js';

/** The line of an event, coloured by what happened. */
export function logLineOf(event: TraceEvent): LogLine {
  return { text: formatText(event), role: roleOf(event.event) };
}

/** What the launcher or the client itself has to say. */
export const noticeLine = (text: string): LogLine => ({ text, role: 'warning' });

export function visibleLog({ log, filters }: State): readonly LogLine[] {
  return filters.log === '' ? log.lines : log.lines.filter(({ text }) => passes(text, filters.log));
}

/** The lines in view: the newest ones, or those up to where it was scrolled or paused. */
export function logLines(state: State, rows: number): Line[] {
  const visible = visibleLog(state);
  // Once old lines are forgotten, even a view that stands still has to let them go.
  const isFull = state.log.lines.length === LOG_LINES_KEPT;
  const least = isFull ? Math.min(rows, visible.length) : 0;
  const end = Math.max(visible.length - state.log.scroll, least);
  return visible
    .slice(Math.max(0, end - rows), end)
    .map(({ text, role }) => dropCells([span(text, role)], state.log.shift));
}

export function logHints(state: State): string[] {
  const update = state.operations.find(({ kind }) => kind === 'update')?.name ?? 'an update';
  return [
    `What the replicas do and tell each other will stand here: send ${update} and watch it spread.`,
    'Each line has the time, who, what, and the timestamp: how many updates of each replica.',
  ];
}

function roleOf(event: string): Role {
  if (/failed$|^disconnected/.test(event)) return 'bad';
  if (/^fetch|waits$|asks again$/.test(event)) return 'warning';
  if (/^(?:update|accepted|executed|merged)/.test(event)) return 'update';
  return /^(?:query|check)/.test(event) ? 'query' : 'plain';
}
