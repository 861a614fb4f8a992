/**
 * The form of events that a person follows in a terminal, one line each:
 *
 *     12:03:04.123 rm-2  executed rate V1StGX:7       ← rm-1       rm-1:12→13 | rm-2:3
 *
 * local time, host, what happened to which update or message, from or to whom, and the timestamp:
 * entries that moved, then `|` and those that did not. Origins go by their member's name, and by
 * `rm-1~3f` where two starts of a member meet in one line. Nothing in a line can control a terminal.
 */

import { type Origin, nameOf } from '../base/ids.js';
import type { TraceEvent } from '../wire/messages.js';

const HOST_WIDTH = 5;
const WHAT_WIDTH = 30;
const ROUTE_WIDTH = 11;

/** Entries shown of a long timestamp, of those that moved and of those that did not. */
const ENTRIES_SHOWN = 6;

/** Characters of a session that tell it from others on a screen. */
const SESSION_SHOWN = 6;

/** Characters of a start that tell it from other starts, where more are not needed. */
const START_SHOWN = 2;

/** One line, without its end. */
export function formatText(event: TraceEvent): string {
  const { what, route, rest } = partsOf(event);
  const columns = [
    localTime(event.at),
    event.host.padEnd(HOST_WIDTH),
    what.padEnd(WHAT_WIDTH),
    route.padEnd(ROUTE_WIDTH),
    rest,
  ];
  return withoutControls(columns.join(' ')).trimEnd();
}

/** The same without time, host and columns: what happened, for the label of a diagram. */
export function describeEvent(event: TraceEvent): string {
  const { what, route, rest } = partsOf(event);
  return withoutControls([what, route, rest].filter((part) => part !== '').join(' '));
}

interface Parts {
  readonly what: string;
  readonly route: string;
  readonly rest: string;
}

function partsOf(event: TraceEvent): Parts {
  const { id, from, to, before, after, detail } = event;
  const label = labelsFor([
    ...Object.keys(before ?? {}),
    ...Object.keys(after ?? {}),
    ...(from?.split(' ') ?? []),
  ]);
  const route: string[] = [];
  if (from !== undefined) route.push(`← ${from.split(' ').map(label).join(' ')}`);
  if (to !== undefined) route.push(`→ ${to}`);
  const rest: string[] = [];
  const timestamp = describeTimestamps(before, after, label);
  if (timestamp !== '') rest.push(timestamp);
  if (detail !== undefined) rest.push(`(${detail})`);
  return {
    what: id === undefined ? event.event : `${event.event} ${shortId(id)}`,
    route: route.join(' '),
    rest: rest.join(' '),
  };
}

type PlainTimestamp = Readonly<Record<string, number>>;
type Label = (origin: string) => string;

/** `rm-1:12→13 | rm-2:3` where it moved, `still rm-1:12` where not, `at rm-1:12` where there is one. */
function describeTimestamps(
  before: PlainTimestamp | undefined,
  after: PlainTimestamp | undefined,
  label: Label,
): string {
  const moved: string[] = [];
  const same: string[] = [];
  const last = after ?? before ?? {};
  for (const origin of Object.keys({ ...before, ...after })) {
    const from = (before ?? last)[origin] ?? 0;
    const to = last[origin] ?? 0;
    if (from === to) same.push(`${label(origin)}:${to}`);
    else moved.push(`${label(origin)}:${from}→${to}`);
  }
  if (moved.length > 0) return list(moved) + (same.length > 0 ? ` | ${list(same)}` : '');
  if (same.length === 0) return '';
  const word = before === undefined || after === undefined ? 'at' : 'still';
  return `${word} ${list(same)}`;
}

function list(entries: readonly string[]): string {
  const shown = entries.toSorted().slice(0, ENTRIES_SHOWN).join(' ');
  const more = entries.length - ENTRIES_SHOWN;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** How to call these origins: by name, by name and start where several starts of a member meet. */
function labelsFor(origins: Iterable<string>): Label {
  const originsByName = new Map<string, string[]>();
  for (const origin of new Set(origins)) {
    if (!origin.includes('.')) continue;
    const name = memberName(origin);
    originsByName.set(name, [...(originsByName.get(name) ?? []), origin]);
  }
  return (origin) => {
    const name = memberName(origin);
    const namesakes = originsByName.get(name) ?? [];
    return origin === name || namesakes.length < 2 ? name : labelAmong(namesakes, origin);
  };
}

/** `rm-1~3f`, with as much of the start as tells it from its namesakes; the whole where none does. */
function labelAmong(namesakes: readonly string[], origin: string): string {
  const start = startOf(origin);
  for (let length = START_SHOWN; length <= start.length; length++) {
    const shown = start.slice(0, length);
    if (namesakes.every((other) => other === origin || !startOf(other).startsWith(shown))) {
      return `${memberName(origin)}~${shown}`;
    }
  }
  return origin;
}

const memberName = (origin: string): string => nameOf(origin as Origin);
const startOf = (origin: string): string => origin.slice(origin.indexOf('~') + 1);

/** `V1StGX:7` for an update id, `#41` for a number. */
function shortId(id: string): string {
  if (NUMBER.test(id)) return `#${id}`;
  const colon = id.lastIndexOf(':');
  return colon > SESSION_SHOWN ? id.slice(0, SESSION_SHOWN) + id.slice(colon) : id;
}

const NUMBER = /^[0-9]+$/;

function localTime(atMs: number): string {
  const date = new Date(atMs);
  if (Number.isNaN(date.getTime())) return '??:??:??.???';
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Control and format characters (those that turn the direction of writing are among the latter). */
const CONTROLS = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu;

const withoutControls = (text: string): string => text.replace(CONTROLS, ' ');
