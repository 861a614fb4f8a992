/** How much a replica has in hand, and what it does not take of clients (PROTOCOL H). */

import type { ErrorCode } from '../base/errors.js';
import { LIMITS } from '../base/limits.js';
import { isMember } from './membership/label.js';
import type { ReplicaState } from './state.js';

/** Requests that wait, forced updates without an answer, and what is not on the disk yet. */
export const queueLength = (state: ReplicaState): number =>
  state.waitingById.size +
  state.forced.pending.size +
  (state.log.length - state.durableLength) +
  state.forced.underWay.length;

/** Whether there is something that a replica had better bring to an end before it goes. */
export const isBusy = (state: ReplicaState): boolean =>
  queueLength(state) > 0 || state.forced.handover !== null || isOnlyHolder(state);

/** No other member that can be reached holds all that was accepted here. */
function isOnlyHolder({ self, tuning, durable, peers }: ReplicaState): boolean {
  if (tuning.gossip === 'off') return false;
  const reached = [...peers.values()].filter(({ link }) => link !== null);
  const own = durable.get(self.origin);
  return reached.length > 0 && !reached.some(({ timestamp }) => timestamp.get(self.origin) >= own);
}

/**
 * Why a client's request that comes now is not taken, or null. An overloaded replica sheds queries, which
 * any other one can answer as well, and never updates.
 */
export function refusalOf(
  state: ReplicaState,
  what: 'query' | 'update',
): { readonly code: ErrorCode; readonly message: string } | null {
  const { self, status } = state;
  if (!isMember(state)) {
    return { code: 'UNAVAILABLE', message: `${self.name} is no member of the cluster, or not yet` };
  }
  if (state.forced.log.halted !== '') {
    const message = `${self.name} stands still for the recovery ${state.forced.log.halted}`;
    return { code: 'UNAVAILABLE', message };
  }
  const { value } = status;
  if (value === 'OFFLINE') return { code: 'UNAVAILABLE', message: `${self.name} is OFFLINE` };
  if (value !== 'OVERLOADED' || what !== 'query') return null;
  const queue = queueLength(state);
  if (queue <= LIMITS.queueForQueries) return null;
  const message = `${self.name} is OVERLOADED, with ${queue} requests in hand, and takes no query; try again later`;
  return { code: 'OVERLOADED', message };
}
