/**
 * The JSON form of events: one object a line with, in this order, `at` (ISO 8601, UTC, milliseconds),
 * `host, event, id?, from?, to?, before?, after?, detail?`. `hearsay log --format json` prints it, and
 * the gossip log of each process holds it.
 *
 * The objects are written by hand, because every update takes several lines of the gossip log. The
 * result is what JSON.stringify gives, save that control characters above U+007E are escaped as well:
 * a terminal may obey them.
 */

import type { Trace, TraceEvent } from '../wire/messages.js';

/** One line, without its end. */
export function formatJson(event: TraceEvent): string {
  const { before, after } = event;
  return lineOf(
    event,
    event.host,
    event.at,
    before === undefined ? null : Object.entries(before),
    after === undefined ? null : Object.entries(after),
  );
}

/** The line of the event that a trace of `host` makes at `atMs`: the same, without the detour. */
export function formatTraceJson(trace: Trace, host: string, atMs: number): string {
  const { before, after } = trace;
  return lineOf(trace, host, atMs, before?.entries() ?? null, after?.entries() ?? null);
}

type Entries = Iterable<readonly [string, number]>;

function lineOf(
  fields: Omit<Trace, 'before' | 'after'>,
  host: string,
  atMs: number,
  before: Entries | null,
  after: Entries | null,
): string {
  const { event, id, from, to, detail } = fields;
  let line = `{"at":${timeText(atMs)},"host":${quoted(host)},"event":${quoted(event)}`;
  if (id !== undefined) line += `,"id":${quoted(id)}`;
  if (from !== undefined) line += `,"from":${quoted(from)}`;
  if (to !== undefined) line += `,"to":${quoted(to)}`;
  if (before !== null) line += `,"before":${timestampText(before)}`;
  if (after !== null) line += `,"after":${timestampText(after)}`;
  if (detail !== undefined) line += `,"detail":${quoted(detail)}`;
  return `${line}}`;
}

function timestampText(entries: Entries): string {
  let text = '';
  for (const [origin, count] of entries) text += `${text && ','}${quoted(origin)}:${count}`;
  return `{${text}}`;
}

/** Nothing in it needs an escape. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** Control characters that JSON leaves as they are. */
const UNESCAPED_CONTROLS = /[\u007f-\u009f\u2028\u2029]/g;

function quoted(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(
    UNESCAPED_CONTROLS,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The time written last, and its text: under load there are many events a millisecond. */
let lastTime = { atMs: Number.NaN, text: 'null' };

/** Null where `atMs` is no time that a date can have. */
function timeText(atMs: number): string {
  if (atMs !== lastTime.atMs) lastTime = { atMs, text: JSON.stringify(new Date(atMs)) };
  return lastTime.text;
}
