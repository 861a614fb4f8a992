/**
 * Executing committed entries, in their order, each where the state covers its `prev` (PROTOCOL B,
 * normal case 6). The service executes one at a time and says what came of it.
 */

import { assert } from '../../base/assert.js';
import type { ForcedEntry } from '../../log/forced-log.js';
import type { ForcedAnswer, ForcedResult } from '../../log/results-table.js';
import { laterStamp } from '../../timestamp/stamp.js';
import type { VectorTimestamp } from '../../timestamp/vector-timestamp.js';
import type { ReplicaState, Ticket } from '../state.js';
import { onChange } from '../membership/committed.js';
import { trace, type Turn } from '../turn.js';
import { idOf } from './change.js';
import { answerPending } from './pending.js';
import { readyAll } from './ready.js';

type UpdateEntry = Extract<ForcedEntry, { kind: 'update' }>;

/** The place of an operation: what it depends on, with its own entry of the order. */
const placeOf = ({ membership }: ReplicaState, { prev, seq }: ForcedEntry): VectorTimestamp =>
  prev.with(membership.orderAt(seq), seq);

/** Executes what can be; answers the requests that waited for it. */
export function executeForced(turn: Turn): Ticket[] {
  const { state } = turn;
  const { forced } = state;
  const woken: Ticket[] = [];
  while (forced.executing === 0) {
    const entry = forced.log.at(forced.executed + 1);
    if (entry === undefined || entry.seq > forced.log.commit) break;
    if (!entry.prev.leq(state.value)) break;
    if (entry.kind === 'no-op') {
      forced.executedView = entry.born;
      woken.push(...finish(turn, entry));
      continue;
    }
    if (entry.kind === 'change') {
      // Others took effect when they were committed.
      if (entry.change.kind === 'drop') onChange(turn, entry.seq, entry.change);
      woken.push(...finish(turn, entry));
      continue;
    }
    const timestamp = placeOf(state, entry);
    const known = forced.results.find(entry.body);
    // An id that was ordered twice has one effect and one result.
    if (known !== undefined) woken.push(...conclude(turn, entry, known));
    else if (forced.results.isExpired(entry.body.stamp)) {
      const answer: ForcedAnswer = { outcome: { kind: 'expired' }, timestamp };
      forced.results.add(entry, answer);
      woken.push(...conclude(turn, entry, answer));
    } else {
      forced.executing = entry.seq;
      turn.effects.push({ kind: 'execute', body: entry.body });
    }
  }
  return woken;
}

/** The service has executed the entry that it was given. */
export function onExecuted(turn: Turn, result: ForcedResult): Ticket[] {
  const { state } = turn;
  const { forced } = state;
  const entry = forced.log.at(forced.executing);
  assert(entry?.kind === 'update', 'nothing was being executed');
  forced.executing = 0;
  const answer = { outcome: result, timestamp: placeOf(state, entry) };
  forced.results.add(entry, answer);
  state.latest = laterStamp(state.latest, entry.body.stamp);
  return conclude(turn, entry, answer);
}

function conclude(turn: Turn, entry: UpdateEntry, answer: ForcedAnswer): Ticket[] {
  const { state } = turn;
  trace(turn, () => ({
    event: `executed ${entry.body.operation}`,
    id: idOf(entry.body),
    from: state.membership.orderAt(entry.seq),
    before: state.value.value(),
    after: state.value.value().merge(answer.timestamp),
    detail: wordsOf(answer),
  }));
  state.forced.unexecuted.delete(idOf(entry.body));
  const order = state.membership.orderAt(entry.seq);
  state.value.advance(order, entry.seq);
  state.unexecuted.moved(order, entry.seq);
  const woken = finish(turn, entry);
  answerPending(turn, entry.body, answer);
  return woken;
}

/** The entry is done; whoever waits for it, or for any entry, is looked at again. */
function finish(turn: Turn, entry: ForcedEntry): Ticket[] {
  const { state } = turn;
  const { forced } = state;
  forced.executed = entry.seq;
  const woken = [...forced.awaitingTip];
  forced.awaitingTip.clear();
  // What waits may be ordered in this view now.
  if (entry.seq === forced.noOpSeq) readyAll(turn);
  if (entry.kind !== 'update') return woken;
  const order = state.membership.orderAt(entry.seq);
  for (const { pending } of forced.parked.release(order, entry.seq)) {
    forced.ready.add(pending);
  }
  return [...woken, ...state.waiting.release(order, entry.seq)];
}

/** An outcome for people, cut short. */
function wordsOf({ outcome }: Pick<ForcedAnswer, 'outcome'>): string {
  if (outcome.kind === 'refused') return `refused: ${outcome.message}`;
  if (outcome.kind !== 'value') return outcome.kind;
  const text = JSON.stringify(outcome.value);
  return text.length <= SHOWN_LENGTH ? text : `${text.slice(0, SHOWN_LENGTH)}…`;
}

const SHOWN_LENGTH = 60;
