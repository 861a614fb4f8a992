/** Quorums, as a function of the configuration: majorities of its members. */

import type { Name } from '../../base/ids.js';
import type { ReplicaState } from '../state.js';

/** The least number of members that are more than half of them. */
export const majorityOf = (members: readonly Name[]): number => Math.floor(members.length / 2) + 1;

/** Whether these members are a quorum of the configuration. */
export function isQuorum({ self }: ReplicaState, names: ReadonlySet<Name>): boolean {
  let count = 0;
  for (const member of self.members) if (names.has(member)) count++;
  return count >= majorityOf(self.members);
}
