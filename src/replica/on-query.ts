/** Answering a query, or an update's precondition (PROTOCOL A9, A10): when the state covers `prev`. */

import type { Tip } from '../wire/forced-messages.js';
import type { Query } from '../wire/messages.js';
import type { AnswerBasis } from './effects.js';
import type { LinkId } from './events.js';
import { refusalOf } from './load.js';
import { isCountedNow, toldEpoch } from './membership/label.js';
import { type Turn, send, trace } from './turn.js';
import { coveredPast, reachesTip, waitFor } from './waiting.js';

/** A query as it arrives: `collect` is answered at once, whatever the state. */
export function onQueryArrival(turn: Turn, link: LinkId, query: Query): void {
  const { state } = turn;
  const refusal = refusalOf(state, query.precondition === null ? 'query' : 'update');
  if (refusal !== null) {
    return send(turn, link, { kind: 'declined', requestId: query.requestId, ...refusal });
  }
  if (query.collect && coveredPast(turn, query) === null) {
    send(turn, link, {
      kind: 'collected',
      requestId: query.requestId,
      replicaTimestamp: state.durable.value(),
      counted: isCountedNow(state),
      epoch: toldEpoch(state),
      tip: tipOf(turn),
    });
  }
  onQuery(turn, link, query, turn.nowMs + query.timeoutMs);
}

export function onQuery(turn: Turn, link: LinkId, query: Query, deadlineMs: number): void {
  const { state } = turn;
  if (coveredPast(turn, query) === null || !reachesTip(turn, query.tip)) {
    return waitFor(turn, { kind: 'query', link, request: query, deadlineMs });
  }
  if (query.precondition !== null && wasExecuted(turn, query.precondition)) {
    return send(turn, link, {
      kind: 'answer',
      requestId: query.requestId,
      ...basis(turn),
      outcome: { kind: 'executed' },
    });
  }
  trace(turn, () => ({
    event: `${query.precondition === null ? 'query' : 'check'} ${query.operation}`,
    id: String(query.requestId),
    from: state.frontends.get(link)?.name ?? '?',
    before: query.prev,
    after: state.value.value(),
  }));
  turn.effects.push({ kind: 'read', link, query, basis: basis(turn) });
}

/** `prev` of the request may be older than the update: the id is looked up in the executed table. */
function wasExecuted(turn: Turn, id: NonNullable<Query['precondition']>): boolean {
  const { executed, forced } = turn.state;
  return executed.has(id.session, id.n) || forced.results.find(id) !== undefined;
}

function basis(turn: Turn): AnswerBasis {
  const { state } = turn;
  return {
    valueTimestamp: state.value.value(),
    replicaTimestamp: state.durable.value(),
    counted: isCountedNow(state),
    epoch: toldEpoch(state),
    tip: tipOf(turn),
    executedView: state.forced.executedView,
    latest: state.latest,
  };
}

/** How far the forced log on this disk goes. */
function tipOf({ state }: Turn): Tip {
  const { lnv, lastUpdate } = state.forced.durable;
  return { view: lnv, seq: lastUpdate };
}
