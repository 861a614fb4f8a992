/**
 * Changing the forced log: in memory at once, on disk as one batch a transition. Whatever is told of it
 * is told from what is durable; `settle.ts` looks at that after each step.
 */

import type { Origin } from '../../base/ids.js';
import type { ForcedLog, ForcedTransition } from '../../log/forced-log.js';
import { onChange } from '../membership/committed.js';
import { knowMembers } from '../membership/peers.js';
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
  if (transition.keep !== undefined || entries.some(({ kind }) => kind === 'change')) {
    findPending(turn);
  }
  forced.underWay.push(transition);
  turn.effects.push({ kind: 'persist', transition });
  if (log.commit > commit) onCommit(turn, commit);
}

/** A configuration that is in the log and not known to be committed decides already (PROTOCOL C). */
export function findPending({ state }: Pick<Turn, 'state'>): void {
  const { forced, change: progress } = state;
  const { log } = forced;
  progress.pending = null;
  for (const entry of log.slice(log.commit + 1, log.op)) {
    if (entry.kind !== 'change' || entry.change.kind !== 'configure') continue;
    progress.pending = { seq: entry.seq, configuration: entry.change.configuration };
  }
  knowMembers(state);
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
    for (const [order, seq] of lastUpdatesIn(turn, durable, before)) {
      state.durable.advance(order, seq);
    }
    state.forced.hasReachedDisk = true;
  }
}

/** Timestamps count updates only: no service, and no client, sees a change of the view. */
function onCommit(turn: Turn, before: number): void {
  const { state } = turn;
  const { log } = state.forced;
  for (const entry of log.slice(before + 1, log.commit)) {
    // Names leave the timestamps once the state reflects what they stand for: see execute.ts.
    if (entry.kind !== 'change' || entry.change.kind === 'drop') continue;
    if (state.change.pending?.seq === entry.seq) state.change.pending = null;
    onChange(turn, entry.seq, entry.change);
  }
  for (const [order, seq] of lastUpdatesIn(turn, log, before)) {
    state.received.advance(order, seq);
    state.early.moved(order, seq);
  }
}

/** The last update above `before` that is committed, of each generation. */
function lastUpdatesIn(
  { state }: Turn,
  log: ForcedLog,
  before: number,
): ReadonlyMap<Origin, number> {
  const last = new Map<Origin, number>();
  for (const { kind, seq } of log.slice(before + 1, log.commit)) {
    if (kind === 'update') last.set(state.membership.orderAt(seq), seq);
  }
  return last;
}
