/**
 * Putting records into the log: own ones, and those that arrived. One that arrived is stored only when
 * the log has all that its `prev` names (PROTOCOL A3); until then it waits in bounded memory. An alias
 * is stored only when its body is here (PROTOCOL A4).
 */

import { isReservedOrigin } from '../base/ids.js';
import { LIMITS } from '../base/limits.js';
import { type LogRecord, type TravellingRecord, idOf, isAlias, keyOf } from '../log/record.js';
import { mayStore } from './membership/freeze.js';
import type { Peer } from './state.js';
import { type Turn, wakeBy } from './turn.js';

/** A body that has not come after this long is asked for: the first holder's gossip is usually faster. */
export const BODY_PATIENCE_MS = 5;

/** How long early records wait for what is on its way before it is asked for. */
export const EARLY_PATIENCE_MS = 10;

/** Appends a record made here; answers its position. */
export function appendOwn(turn: Turn, record: LogRecord): number {
  const position = append(turn, record);
  turn.state.early.moved(record.origin, record.seq);
  return position;
}

/** Takes records that arrived, in any order; stores those that can be, and keeps the rest for later. */
export function storeArrived(turn: Turn, from: Peer, records: readonly TravellingRecord[]): void {
  const { state } = turn;
  for (const record of records) {
    // Nobody else makes records of this start, and no causal record has a reserved origin; of a closed
    // origin only what counts is taken.
    if (record.origin === state.self.origin || isReservedOrigin(record.origin)) continue;
    if (!mayStore(state, from, record.origin, record.seq)) continue;
    // A copy without body never takes the place of a whole one that waits.
    if (isAlias(record) && state.early.has(record.origin, record.seq)) continue;
    // One too many is dropped (anti-entropy or a fetch brings it again), but never the next of its
    // origin: others may wait for it.
    const isNext = record.seq === state.received.get(record.origin) + 1;
    if (isNext || state.early.size < LIMITS.earlyRecords) state.early.add(record);
  }
  storeReady(turn);
}

/** Stores the early records that have become ready, in causal order. */
export function storeReady(turn: Turn): void {
  const { state } = turn;
  if (state.early.size === 0) return;
  const before = state.log.length;
  state.early.take((record) => {
    const whole = isAlias(record) ? withBody(turn, record) : record;
    if (whole === null) return false;
    append(turn, whole);
    state.missingBodies.delete(record.origin);
    return true;
  });
  if (state.early.size === 0) state.earlySinceMs = null;
  else if (state.earlySinceMs === null || state.log.length > before) {
    state.earlySinceMs = turn.nowMs;
    wakeBy(turn, turn.nowMs + EARLY_PATIENCE_MS);
  }
}

function append(turn: Turn, record: LogRecord): number {
  const { state } = turn;
  const position = state.log.length;
  const held = state.log.append(record);
  const isFirst = held.bodyAt === position;
  state.received.advance(record.origin, record.seq);
  // What was made elsewhere is durable there; what is made here waits for the disk (PROTOCOL A2).
  if (record.origin !== state.self.origin) state.unexecuted.add(record);
  if (isFirst && state.missingBodies.size > 0) {
    const key = keyOf(record.body);
    for (const [origin, missing] of state.missingBodies) {
      if (missing.key === key) state.early.retry(origin);
    }
  }
  turn.effects.push({
    kind: 'append',
    record: isFirst
      ? record
      : { origin: record.origin, seq: record.seq, prev: record.prev, id: held.body },
  });
  return position;
}

function withBody(turn: Turn, alias: TravellingRecord): LogRecord | null {
  const { state } = turn;
  const { origin, seq, prev } = alias;
  const id = idOf(alias);
  const held = state.log.find(id);
  if (held !== undefined) return { origin, seq, prev, body: held.body };
  if (state.missingBodies.get(origin)?.seq !== seq) {
    state.missingBodies.set(origin, { key: keyOf(id), seq, sinceMs: turn.nowMs });
    wakeBy(turn, turn.nowMs + BODY_PATIENCE_MS);
  }
  return null;
}
