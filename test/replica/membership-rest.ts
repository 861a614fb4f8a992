/** A cluster at rest: who is there agrees on everything, and nothing is left to do. */

import type { MembershipCluster } from './membership-cluster.js';
import type { MemberNode } from './membership-node.js';
import { isReservedOrigin } from '../../src/base/ids.js';
import type { ReplicaState } from '../../src/replica/state.js';

/** Why the cluster is not at rest, or null. */
export function unrest(cluster: MembershipCluster, isShort = true): string | null {
  const { running, primary } = cluster;
  const first = primary?.state;
  if (primary === null || first == null) return 'there is no primary';
  const waiting = cluster.nodes.find(({ wants }) => wants !== null);
  if (waiting !== undefined) return `${waiting.place} waits for a snapshot`;
  for (const node of running) {
    const trouble = troubleAt(cluster, node, first);
    if (trouble !== null) return `${node.place} ${trouble}`;
    if (node.service.done.join() !== primary.service.done.join())
      return `${node.place} ordered otherwise`;
    const applied = [...node.service.applied].toSorted().join();
    if (applied !== [...primary.service.applied].toSorted().join())
      return `${node.place} applied otherwise`;
  }
  const { members } = first.membership.configuration;
  const missing = members.find(({ id }) =>
    running.every(({ state }) => state?.self.memberId !== id),
  );
  if (missing !== undefined) return `${missing.id} is a member and does not run`;
  if (!isShort) return null;
  const origins = new Set(running.map(({ origin }) => origin));
  const long = [...first.value.value()].find(
    ([origin]) => !isReservedOrigin(origin) && !origins.has(origin),
  );
  return long === undefined ? null : `timestamps still name ${long[0]}`;
}

function troubleAt(
  cluster: MembershipCluster,
  node: MemberNode,
  first: ReplicaState,
): string | null {
  const { state } = node;
  if (state === null) return null;
  const { membership, change, forced } = state;
  if (!cluster.isMember(node)) return 'is no member';
  if (!membership.isActivated) return `waits for epoch ${membership.configuration.epoch}`;
  if (!change.isClaimed) return 'is not claimed';
  if (!state.counted) return 'is not counted';
  if (forced.log.commit !== first.forced.log.commit) return `knows ${forced.log.commit} entries`;
  if (keptWords(state) !== keptWords(first))
    return `knows other members: ${keptWords(state)} ${keptWords(first)}`;
  if (!state.value.value().equals(first.value.value())) {
    return `has another value: ${words(state)} and ${words(first)}`;
  }
  if (!state.durable.value().equals(first.durable.value())) return 'holds something else';
  if (state.waitingById.size + forced.pending.size > 0) return 'has requests waiting';
  if (node.takenOver.length > 0) return 'has updates to give back';
  return null;
}

const words = ({ value }: ReplicaState): string =>
  [...value.value()]
    .map((part) => part.join(':'))
    .toSorted()
    .join(' ');

/** The membership without what is the same for all by another way: the cut's order of entries. */
function keptWords({ membership }: ReplicaState): string {
  const { configuration, settled, dropped, retired, cut } = membership.kept();
  const sorted = (of: readonly string[]): string => of.toSorted().join(' ');
  const cutWords = sorted([...cut].map((part) => part.join(':')));
  return JSON.stringify([
    configuration,
    cutWords,
    sorted(settled.map(([origin, { final }]) => `${origin}:${final}`)),
    sorted(dropped.map(({ origin, final }) => `${origin}:${final}`)),
    sorted(retired.map(([id]) => id)),
  ]);
}
