/** The forced log as the disk has it, at a start. Nobody is primary of an earlier start's view any more. */

import { FORCED_ORIGIN, type ForcedTransition } from '../../log/forced-log.js';
import type { Turn } from '../turn.js';
import { wakeBy } from '../turn.js';
import { idOf, lastUpdateIn } from './change.js';
import { START_SPREAD_MS, START_SUSPECT_MS } from './timing.js';

export function restoreForced(turn: Turn, transitions: readonly ForcedTransition[]): void {
  const { state, nowMs } = turn;
  const { forced } = state;
  const { log, durable } = forced;
  for (const transition of transitions) {
    log.apply(transition);
    durable.apply(transition);
  }
  const last = lastUpdateIn(turn, 1, log.commit);
  state.received.advance(FORCED_ORIGIN, last);
  state.durable.advance(FORCED_ORIGIN, last);
  forced.greatestN = log.view.n;
  forced.executed = state.value.get(FORCED_ORIGIN);
  for (const entry of log.slice(1, log.op)) {
    if (entry.seq <= forced.executed) {
      if (entry.kind === 'no-op') forced.executedView = entry.born;
    } else if (entry.kind === 'update') forced.unexecuted.set(idOf(entry.body), entry);
  }
  forced.suspectAtMs = nowMs + START_SUSPECT_MS + state.random.below(START_SPREAD_MS);
  wakeBy(turn, forced.suspectAtMs);
}
