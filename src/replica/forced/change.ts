/**
 * Changing the forced log: in memory at once, on disk as one batch a transition. Whatever is told of it
 * is told from what is durable; `settle.ts` looks at that after each step.
 */

import { FORCED_ORIGIN, type ForcedTransition } from '../../log/forced-log.js';
import type { Turn } from '../turn.js';

export function change(turn: Turn, transition: ForcedTransition): void {
  const { forced } = turn.state;
  const { log, unexecuted } = forced;
  const { keep = log.op, entries = [] } = transition;
  for (const entry of log.slice(keep + 1, log.op)) {
    if (entry.kind === 'update') unexecuted.delete(idOf(entry.body));
  }
  const commit = log.commit;
  log.apply(transition);
  for (const entry of entries) {
    if (entry.kind === 'update') unexecuted.set(idOf(entry.body), entry);
  }
  forced.underWay.push(transition);
  turn.effects.push({ kind: 'persist', transition });
  if (log.commit > commit) onCommit(turn, commit);
}

/** Entries up to `commit` are committed, as far as they are in this log. */
export function commitTo(turn: Turn, commit: number): void {
  const { log } = turn.state.forced;
  const seq = Math.min(commit, log.op);
  if (seq > log.commit) change(turn, { commit: seq });
}

/** By session and number: the id of an update, whatever its body. */
export const idOf = ({ session, n }: { readonly session: string; readonly n: number }): string =>
  `${session}:${n}`;

/** So many transitions are durable now. */
export function onTransitionsDurable(turn: Turn, count: number): void {
  const { state } = turn;
  const { durable, underWay } = state.forced;
  for (const transition of underWay.splice(0, count)) {
    const before = durable.commit;
    durable.apply(transition);
    state.durable.advance(FORCED_ORIGIN, lastUpdateIn(turn, before + 1, durable.commit));
    state.forced.hasReachedDisk = true;
  }
}

/** Timestamps count updates only: no service, and no client, sees a change of the view. */
function onCommit({ state }: Turn, before: number): void {
  const { log } = state.forced;
  const last = lastUpdateIn({ state }, before + 1, log.commit);
  if (last === 0) return;
  state.received.advance(FORCED_ORIGIN, last);
  state.early.moved(FORCED_ORIGIN, last);
}

/** The last entry among these that is no no-op, or 0. */
export function lastUpdateIn({ state }: Pick<Turn, 'state'>, from: number, to: number): number {
  for (let seq = to; seq >= from; seq--) {
    if (state.forced.log.at(seq)?.kind === 'update') return seq;
  }
  return 0;
}
