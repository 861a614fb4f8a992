/**
 * A snapshot that leaves both logs whole. Where the members are given once for all, nobody is given a
 * snapshot of another: a disk that is lost is filled from the logs.
 */

import type { ReplicaState, SnapshotState } from '../../src/replica/state.js';
import { snapshotOf } from '../../src/replica/snapshots.js';

export function wholeSnapshotOf(state: ReplicaState): SnapshotState {
  const { forced, log } = state;
  const { executed, executedView } = forced;
  const kept = forced.log.kept();
  return {
    ...snapshotOf(state),
    forced: { ...kept, entries: [...kept.entries], executed, executedView },
    log: log.keptAt(log.base),
  };
}

/** No snapshot counts as saved: nothing is collected. */
export function keepLogsWhole({ collection }: ReplicaState): void {
  collection.savedLength = 0;
  collection.savedForced = 0;
}
