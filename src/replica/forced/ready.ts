/** Which pending updates wait for what, and which are looked at next. */

import type { Turn } from '../turn.js';
import type { PendingForced } from './state.js';

/** It waits for no entry of a timestamp any more. */
export function unpark({ state }: Pick<Turn, 'state'>, pending: PendingForced): void {
  for (const ticket of pending.tickets.splice(0)) state.forced.parked.remove(ticket);
  state.forced.parkedRequests.delete(pending);
}

/** Everything that waits is looked at: the view has changed, or some time has passed. */
export function readyAll({ state }: Turn): void {
  for (const pending of state.forced.pending.values()) state.forced.ready.add(pending);
}
