/**
 * Quorums, as a function of this replica's own log (PROTOCOL C): majorities of the newest configuration
 * in it and, until that is known to be committed, of the one before as well. So any two successive
 * configurations have quorums that meet (one-entry joint consensus).
 */

import type { MemberId, Name } from '../../base/ids.js';
import { type Configuration, majorityIn, type Member } from '../../log/membership.js';
import type { ReplicaState } from '../state.js';

export function electoratesOf({ change, membership }: ReplicaState): readonly Configuration[] {
  const { configuration } = membership;
  const { pending } = change;
  return pending === null ? [configuration] : [pending.configuration, configuration];
}

/** The member of a configuration that a name stands for now; a name alone may be another identity's. */
export function memberOf(
  { members }: Configuration,
  name: Name,
  id: MemberId | null,
): Member | undefined {
  return members.find((member) => member.name === name && (member.id === null || member.id === id));
}

/** Whose name it is now. */
export const identityOf = ({ self, peers }: ReplicaState, name: Name): MemberId | null =>
  name === self.name ? self.memberId : (peers.get(name)?.memberId ?? null);

export const isMemberIn = (
  state: ReplicaState,
  configuration: Configuration,
  name: Name,
): boolean => memberOf(configuration, name, identityOf(state, name)) !== undefined;

/** This replica is a member of one of the configurations that decide. */
export const isElector = (state: ReplicaState): boolean =>
  electoratesOf(state).some((configuration) => isMemberIn(state, configuration, state.self.name));

/** Whether these are a quorum. */
export function isQuorum(state: ReplicaState, names: ReadonlySet<Name>): boolean {
  return electoratesOf(state).every((configuration) => {
    let count = 0;
    for (const name of names) if (isMemberIn(state, configuration, name)) count++;
    return count >= majorityIn(configuration);
  });
}

/** The last entry that a quorum holds, by what each of these holds. */
export function heldByQuorum(state: ReplicaState, heldBy: ReadonlyMap<Name, number>): number {
  const each = electoratesOf(state).map((configuration) => {
    const held = configuration.members.map(({ name }) =>
      isMemberIn(state, configuration, name) ? (heldBy.get(name) ?? 0) : 0,
    );
    return held.sort((a, b) => b - a)[majorityIn(configuration) - 1] ?? 0;
  });
  return Math.min(...each);
}
