/** Statuses of the cores in a cluster of the forced log's tests. */

import type { StatusValue } from '../../src/wire/messages.js';
import type { ForcedCluster } from './forced-cluster.js';
import type { CoreNode } from './forced-node.js';

export const STATUSES: readonly StatusValue[] = ['ACTIVE', 'OVERLOADED', 'OFFLINE'];

export function setStatus(cluster: ForcedCluster, name: string, value: StatusValue): void {
  cluster.step(cluster.node(name), { kind: 'status', value, source: 'hand' });
}

/** It answers a fresh query now, and counts for it. */
export const answersFresh = ({ state, pausedUntilMs }: CoreNode, nowMs: number): boolean =>
  state?.counted === true && state.status.value !== 'OFFLINE' && pausedUntilMs <= nowMs;

/** How often an event of this name was noted, at all cores. */
export const countOf = ({ nodes }: ForcedCluster, event: string): number =>
  nodes.flatMap(({ trace }) => trace).filter((each) => each.event === event).length;
