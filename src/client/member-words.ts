/** Replicas of a cluster as people want to see them. */

import type { MemberStatus } from './api.js';

/** A replica that does not count yet learns: it has joined a moment ago, or others have to know its start. */
export function roleOf({ role, epoch }: Pick<MemberStatus, 'role' | 'epoch'>): string {
  if (role === null) return '-';
  return epoch === 0 ? 'learner' : role;
}
