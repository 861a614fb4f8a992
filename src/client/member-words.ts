/** Replicas of a cluster as people want to see them. */

import type { MemberStatus } from './api.js';

/** A replica that does not count yet learns: it has joined a moment ago, or others have to know its start. */
export function roleOf({ role, epoch }: Pick<MemberStatus, 'role' | 'epoch'>): string {
  if (role === null) return '-';
  return epoch === 0 ? 'learner' : role;
}

/** By name, `rm-10` after `rm-9`. */
export const inOrder = (members: readonly MemberStatus[]): MemberStatus[] =>
  members.toSorted((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));
