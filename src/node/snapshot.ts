/** Snapshots as bytes: the core's part and the exported database, of one instant (PROTOCOL A14). */

import { HearsayError } from '../base/errors.js';
import { isOrigin, isSessionId, type Origin } from '../base/ids.js';
import type { ExecutedEntries, Interval } from '../log/executed-table.js';
import { NOTHING_COLLECTED } from '../log/update-log.js';
import { EMPTY_SNAPSHOT, type SnapshotState } from '../replica/state.js';
import { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { Stamp } from '../timestamp/stamp.js';
import { decodeKept, encodeKept } from '../wire/kept.js';
import { pack, unpack } from '../wire/msgpack.js';
import { decodeResults, encodeResults } from '../wire/results.js';

/** The form of releases without forced operations: no results. */
const BEFORE_RESULTS = 1;

/** The form of releases that never let go of a record: they keep nothing of logs and members. */
const BEFORE_COLLECTION = 2;

/** Raised when the form below changes; older forms are then read by older code paths. */
const FORMAT = 3;

/** `transitions`: how many changes of the forced log the journal had got when it was taken. */
export function encodeSnapshot(
  state: SnapshotState,
  database: Uint8Array,
  transitions = 0,
): Uint8Array {
  return pack([
    FORMAT,
    [...state.valueTimestamp.entries()],
    state.executed.map(([session, intervals, latest]) => [session, intervals, stampOf(latest)]),
    stampOf(state.latest),
    database,
    encodeResults(state.results),
    encodeKept(state),
    transitions,
  ]);
}

const stampOf = ({ physicalMs, logical }: Stamp) => [physicalMs, logical];

export interface DecodedSnapshot {
  readonly state: SnapshotState;
  readonly database: Uint8Array;
  /** The journal's transitions of the forced log that are in it: those after it come on top. */
  readonly transitions: number;
}

/** Throws HearsayError INVALID when the bytes are no snapshot of this form. */
export function decodeSnapshot(bytes: Uint8Array): DecodedSnapshot {
  const parts = unpack(bytes);
  const format: unknown = Array.isArray(parts) ? parts[0] : undefined;
  if (format !== FORMAT && format !== BEFORE_COLLECTION && format !== BEFORE_RESULTS) {
    throw wrong('of another format');
  }
  const [, timestamp, executed, latest, database, results, kept, transitions] = parts as unknown[];
  if (!isPairs(timestamp) || !Array.isArray(executed)) throw wrong('with parts missing');
  if (!(database instanceof Uint8Array)) throw wrong('without a database');
  const state = {
    valueTimestamp: VectorTimestamp.of(timestamp.map(asEntry)),
    latest: asStamp(latest),
    results: format === BEFORE_RESULTS ? EMPTY_SNAPSHOT.results : decodeResults(results),
  };
  if (format !== FORMAT) {
    const nothing = { membership: null, forced: null, log: NOTHING_COLLECTED };
    // Nothing says when a session was last used: it is as old as the snapshot at most.
    const sessions = executed.map((each) => asSession(each, state.latest));
    return { state: { ...state, executed: sessions, ...nothing }, database, transitions: 0 };
  }
  if (typeof transitions !== 'number' || !Number.isSafeInteger(transitions) || transitions < 0) {
    throw wrong('without a place in its journal');
  }
  const sessions = executed.map((each) => asSession(each, null));
  return { state: { ...state, executed: sessions, ...decodeKept(kept) }, database, transitions };
}

const wrong = (how: string): HearsayError => new HearsayError('INVALID', `a snapshot ${how}`);

function isPairs(value: unknown): value is [unknown, unknown][] {
  return Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2);
}

function asEntry([origin, count]: [unknown, unknown]): [Origin, number] {
  const isCount = typeof count === 'number' && Number.isSafeInteger(count) && count >= 0;
  if (typeof origin !== 'string' || !isOrigin(origin) || !isCount) {
    throw wrong('with a wrong timestamp');
  }
  return [origin, count];
}

function asStamp(value: unknown): Stamp {
  const [physicalMs, logical] = Array.isArray(value) ? (value as unknown[]) : [];
  if (typeof physicalMs !== 'number' || typeof logical !== 'number') {
    throw wrong('with a wrong stamp');
  }
  return { physicalMs, logical };
}

/** `[session, intervals, last stamp]`; without the last before it was kept. */
function asSession(value: unknown, latest: Stamp | null): ExecutedEntries[number] {
  const [session, intervals, stamp] = Array.isArray(value) ? (value as unknown[]) : [];
  if (typeof session !== 'string' || !isSessionId(session) || !isPairs(intervals)) {
    throw wrong('with a wrong executed table');
  }
  return [session, intervals as Interval[], latest ?? asStamp(stamp)];
}
