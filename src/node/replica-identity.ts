/** How a replica knows itself and its cluster, once it knows what its journal holds. */

import type { ReplicaIdentity, SnapshotState } from '../replica/state.js';
import type { Service } from '../service/define.js';
import type { ClusterIdentity } from '../wire/messages.js';
import { clusterOf, foundedCluster } from './handshake.js';
import type { ReplicaCluster, ReplicaInit } from './replica-components.js';

export function identityOf(init: ReplicaInit, { membership }: SnapshotState): ReplicaIdentity {
  const { name, memberId, origin, boot, versions, cluster, advertise, listen } = init;
  const self = { name, memberId, origin, boot, versions, address: advertise ?? listen };
  if (cluster.kind === 'fixed') {
    return { ...self, members: cluster.members.map((member) => member.name), joins: null };
  }
  // One that the log makes a member later has no use for it.
  const members = membership?.configuration.members ?? [];
  const isReplacing = members.some((member) => member.name === name && member.id !== memberId);
  return { ...self, members: null, joins: isReplacing ? 'replace' : 'add' };
}

/** Nobody else can have what its journal loses. */
export const isAlone = (cluster: ReplicaCluster): boolean =>
  cluster.kind === 'fixed' && cluster.members.length === 1;

export function clusterIdentityOf(service: Service, cluster: ReplicaCluster): ClusterIdentity {
  if (cluster.kind === 'founded') {
    return foundedCluster(service, cluster.clusterId, cluster.generation);
  }
  const names = cluster.members.map(({ name }) => name);
  return clusterOf(service, names);
}
