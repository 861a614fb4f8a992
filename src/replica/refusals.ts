/** Why an update is not taken whoever orders it, in words for the client (PROTOCOL A6, A8). */

import { LIMITS } from '../base/limits.js';
import type { UpdateBody, UpdateId } from '../log/record.js';
import type { Turn } from './turn.js';

/** Another body came under this number before. */
export const sentBefore = ({ session, n }: Pick<UpdateId, 'session' | 'n'>): string =>
  `update ${session}:${n} was sent before with other contents; a new update needs a new number`;

/**
 * The stamp is ahead of this replica's clock, `wallMs` when the update came, and of all that was
 * applied: once it were applied, no session could ever give an earlier one. Null when it is not.
 */
export function stampAhead({ state }: Turn, { stamp }: UpdateBody, wallMs: number): string | null {
  const { physicalMs } = stamp;
  const isAhead = physicalMs > wallMs + LIMITS.stampAheadMs;
  if (!isAhead || physicalMs <= state.latest.physicalMs) return null;
  const ahead = Math.round((physicalMs - wallMs) / 1000);
  return `the update's stamp is ${ahead} s ahead of ${state.self.name}'s clock; set the client's clock right`;
}

/** The stamp is below this replica's floor: what such an update would undo may be forgotten (PROTOCOL A8). */
export function stampTooOld({ state }: Turn, { stamp }: UpdateBody): string | null {
  const { floorMs } = state.forced.log;
  if (stamp.physicalMs >= floorMs) return null;
  const hours = Math.round(state.tuning.resultTtlMs / 3_600_000);
  return `the update is more than ${hours} h old, too old to know whether it was executed`;
}
