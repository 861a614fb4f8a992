/** Snapshots as bytes: the core's part and the exported database, of one instant (PROTOCOL A14). */

import { HearsayError } from '../base/errors.js';
import { isOrigin, isSessionId, type Origin, type SessionId } from '../base/ids.js';
import type { Interval } from '../log/executed-table.js';
import type { KeptResults } from '../log/results-table.js';
import type { SnapshotState } from '../replica/state.js';
import { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import { ZERO_STAMP } from '../timestamp/stamp.js';
import { pack, unpack } from '../wire/msgpack.js';
import { decodeResults, encodeResults } from '../wire/results.js';

/** The form of releases without forced operations: no results. */
const BEFORE_RESULTS = 1;

/** Raised when the form below changes; older forms are then read by older code paths. */
const FORMAT = 2;

const NO_RESULTS: KeptResults = { latest: ZERO_STAMP, sessions: [] };

export function encodeSnapshot(state: SnapshotState, database: Uint8Array): Uint8Array {
  const { physicalMs, logical } = state.latest;
  return pack([
    FORMAT,
    [...state.valueTimestamp.entries()],
    state.executed,
    [physicalMs, logical],
    database,
    encodeResults(state.results),
  ]);
}

export interface DecodedSnapshot {
  readonly state: SnapshotState;
  readonly database: Uint8Array;
}

/** Throws HearsayError INVALID when the bytes are no snapshot of this form. */
export function decodeSnapshot(bytes: Uint8Array): DecodedSnapshot {
  const parts = unpack(bytes);
  if (!Array.isArray(parts) || (parts[0] !== FORMAT && parts[0] !== BEFORE_RESULTS)) {
    throw new HearsayError('INVALID', 'a snapshot of another format');
  }
  const [, timestamp, executed, latest, database, results] = parts as unknown[];
  if (!isPairs(timestamp) || !isPairs(executed) || !Array.isArray(latest)) {
    throw new HearsayError('INVALID', 'a snapshot with parts missing');
  }
  const [physicalMs, logical] = latest as unknown[];
  if (typeof physicalMs !== 'number' || typeof logical !== 'number') {
    throw new HearsayError('INVALID', 'a snapshot with a wrong stamp');
  }
  if (!(database instanceof Uint8Array)) {
    throw new HearsayError('INVALID', 'a snapshot without a database');
  }
  return {
    state: {
      valueTimestamp: VectorTimestamp.of(timestamp.map(asEntry)),
      executed: executed.map(asSession),
      latest: { physicalMs, logical },
      results: results === undefined ? NO_RESULTS : decodeResults(results),
    },
    database,
  };
}

function isPairs(value: unknown): value is [unknown, unknown][] {
  return Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2);
}

function asEntry([origin, count]: [unknown, unknown]): [Origin, number] {
  if (typeof origin !== 'string' || !isOrigin(origin) || typeof count !== 'number') {
    throw new HearsayError('INVALID', 'a snapshot with a wrong timestamp');
  }
  return [origin, count];
}

function asSession([session, intervals]: [unknown, unknown]): [SessionId, Interval[]] {
  if (typeof session !== 'string' || !isSessionId(session) || !isPairs(intervals)) {
    throw new HearsayError('INVALID', 'a snapshot with a wrong executed table');
  }
  return [session, intervals as Interval[]];
}
