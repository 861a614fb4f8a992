/**
 * The state of a core as text: two states with one text behave alike from here on, whatever happens to
 * them. The walk takes in every field, so a field that is added later is part of the text by itself;
 * what is left out, or put in order, is listed here with the reason.
 */

import { CausalQueue } from '../log/causal-queue.js';
import { ExecutedTable } from '../log/executed-table.js';
import { ForcedLog } from '../log/forced-log.js';
import { Membership } from '../log/membership.js';
import { ResultsTable } from '../log/results-table.js';
import { UpdateLog } from '../log/update-log.js';
import { WaitIndex } from '../log/wait-index.js';
import { TimestampBuilder, VectorTimestamp } from '../timestamp/vector-timestamp.js';

/**
 * Maps and sets whose order decides nothing: they are looked up by key, counted, merged, or sorted
 * before use. The order of every other one is part of the text.
 */
const UNORDERED: ReadonlySet<string> = new Set([
  'acknowledged',
  'answeredAbove',
  'collected',
  'frontends',
  'granted',
  'outstanding',
  'owedGrants',
  'peerByLink',
  'replicaByLink',
  'reports',
  'supporters',
  'tried',
  'unacknowledged',
]);

/**
 * Tuning is the same in all states of a world, and chance does not move there; tickets are in the index
 * in which they wait, and name who has them; the place in the ring of latencies matters only once 512 of
 * them have filled it.
 */
const LEFT_OUT: ReadonlySet<string> = new Set(['tuning', 'random', 'tickets', 'latencyIndex']);

/** The text of a value that a core's state may hold. */
export function fingerprint(value: unknown): string {
  return describe(value, '');
}

function describe(value: unknown, field: string): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof VectorTimestamp) return textOf(value);
  if (value instanceof TimestampBuilder) return textOf(value.value());
  if (Array.isArray(value)) {
    // Below a hundred of them the 99th percentile of latencies is their greatest.
    if (field === 'latenciesMs') return String(Math.max(0, ...(value as number[])));
    return `[${value.map((item) => describe(item, '')).join()}]`;
  }
  if (value instanceof Map) {
    return collection(
      [...value].map(([key, item]) => `${key}:${describe(item, '')}`),
      field,
    );
  }
  if (value instanceof Set)
    return collection(
      [...value].map((item) => describe(item, '')),
      field,
    );
  if (value instanceof UpdateLog) return describeLog(value);
  if (value instanceof ExecutedTable) return describe(value.entries(), '');
  if (value instanceof ForcedLog) return describeForcedLog(value);
  if (value instanceof Membership) return value.isFixed ? '' : describe(value.kept(), '');
  if (value instanceof ResultsTable) return describe(value.kept(), '');
  if (value instanceof CausalQueue || value instanceof WaitIndex)
    return describe(value.describe(), '');
  return describeFields(value as Readonly<Record<string, unknown>>);
}

function describeFields(object: Readonly<Record<string, unknown>>): string {
  // A body is what its digest says, in every message and record; a message with a digest says more.
  if (typeof object['digest'] === 'string' && object['kind'] === undefined) {
    return `${String(object['session'])}:${String(object['n'])}:${object['digest']}`;
  }
  let text = '{';
  for (const field of Object.keys(object)) {
    if (!LEFT_OUT.has(field)) text += `${field}=${describe(object[field], field)};`;
  }
  return `${text}}`;
}

const collection = (items: string[], field: string): string =>
  `{${(UNORDERED.has(field) ? items.sort() : items).join()}}`;

function describeLog(log: UpdateLog): string {
  let text = '';
  for (let position = 0; position < log.length; position++) {
    const record = log.at(position);
    text += `${describe(record, '')}${log.heldAt(position).executed ? '+' : '-'}`;
  }
  return text;
}

function describeForcedLog(log: ForcedLog): string {
  const { view, lnv, commit, mayVote, entries, promises, notes } = log.kept();
  // What was promised is counted for those who have noted a start: where members are given, nobody has.
  const counted = notes.length === 0 ? '' : describe([promises, notes], '');
  return describe({ view, lnv, commit, mayVote, entries, counted }, '');
}

const texts = new WeakMap<VectorTimestamp, string>();

/** Entries in a fixed order: which of several missing ones is waited for first decides nothing. */
function textOf(timestamp: VectorTimestamp): string {
  let text = texts.get(timestamp);
  if (text === undefined) {
    text = `<${[...timestamp.entries()]
      .map(([origin, count]) => `${origin}:${count}`)
      .sort()
      .join()}>`;
    texts.set(timestamp, text);
  }
  return text;
}
