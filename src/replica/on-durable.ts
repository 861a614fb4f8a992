/**
 * The log reached the disk up to some length: records made here are executed now, then acknowledged and
 * gossiped, in this order (PROTOCOL A2.5). An update executes at its first record only (A4).
 */

import type { LogRecord } from '../log/record.js';
import type { HeldUpdate } from '../log/update-log.js';
import { laterStamp } from '../timestamp/stamp.js';
import { timestampOf } from '../log/record.js';
import { onTransitionsDurable } from './forced/change.js';
import { executeForced } from './forced/execute.js';
import { gossipToAll } from './gossip.js';
import { onQuery } from './on-query.js';
import { acknowledge, onUpdate } from './on-update.js';
import type { ReplicaState, Ticket } from './state.js';
import { type Turn, trace } from './turn.js';
import { updateCounted } from './counted.js';
import { unlist } from './waiting.js';

export function onDurable(turn: Turn, length: number, transitions: number): void {
  const { state } = turn;
  const from = state.durableLength;
  onTransitionsDurable(turn, transitions);
  for (let position = from; position < length; position++) {
    const record = state.log.at(position);
    state.durable.advance(record.origin, record.seq);
    if (record.origin === state.self.origin) state.unexecuted.add(record);
  }
  state.durableLength = length;
  executeStable(turn);
  for (let position = from; position < length; position++) {
    const askers = state.unacknowledged.get(position);
    if (askers === undefined) continue;
    state.unacknowledged.delete(position);
    for (const { link, requestId } of askers) acknowledge(turn, position, link, requestId);
  }
  updateCounted(turn);
  gossipToAll(turn);
}

/** Executes what is stable, in both logs, and serves the requests that waited for it. */
export function executeStable(turn: Turn, served: readonly Ticket[] = []): void {
  const { state } = turn;
  const { forced } = state;
  const woken: Ticket[] = [...served];
  let executed: number;
  do {
    state.unexecuted.take((record) => {
      execute(turn, record);
      woken.push(...state.waiting.release(record.origin, record.seq));
      for (const { pending } of forced.parked.release(record.origin, record.seq)) {
        forced.ready.add(pending);
      }
      return true;
    });
    executed = forced.executed;
    woken.push(...executeForced(turn));
  } while (forced.executed > executed);
  for (const { waiting } of woken) {
    if (!unlist(turn, waiting)) continue;
    if (waiting.kind === 'update') onUpdate(turn, waiting);
    else onQuery(turn, waiting.link, waiting.request, waiting.deadlineMs);
  }
}

function execute(turn: Turn, record: LogRecord): void {
  const { state } = turn;
  const { body } = record;
  const held = state.log.heldBy(record.origin, record.seq);
  const isAlias = held.executed || wasCollected(state, held);
  trace(turn, () => {
    const before = state.value.value();
    return {
      event: isAlias ? 'merged second record' : `executed ${body.operation}`,
      id: `${body.session}:${body.n}`,
      from: record.origin,
      before,
      after: before.merge(timestampOf(record)),
    };
  });
  held.executed = true;
  if (isAlias) return;
  state.executed.add(body.session, body.n, body.stamp);
  state.latest = laterStamp(state.latest, body.stamp);
  turn.effects.push({ kind: 'apply', body });
}

/** It was executed by a record that the log has let go of, with the body: only the table knows (A5). */
function wasCollected({ executed, log }: ReplicaState, held: HeldUpdate): boolean {
  const { session, n } = held.body;
  // Of a client that lied the number may be another update's, which is still here (A6).
  return executed.has(session, n) && !log.withNumber(session, n).some((each) => each.executed);
}
