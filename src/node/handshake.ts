/** What both ends of a connection must agree on before anything else is said (DESIGN section 3, PROTOCOL I). */

import { digestOf } from '../base/digest.js';
import { HearsayError } from '../base/errors.js';
import { PROTOCOL_VERSIONS } from '../wire/codec.js';
import { pack } from '../wire/msgpack.js';
import type { ClusterIdentity, Hello } from '../wire/messages.js';
import type { Service } from '../service/define.js';

/** The cluster of a configuration given at start (`--members`): its service and its members' names. */
export function clusterOf(service: Service, members: readonly string[]): ClusterIdentity {
  const clusterId = digestOf(pack([service.name, [...members].sort()])).slice(0, 16);
  return { ...foundedCluster(service, clusterId, 0), epoch: 1 };
}

/** A cluster whose founder drew its id; `epoch` is its teller's label, and 0 until it has one. */
export function foundedCluster(
  service: Service,
  clusterId: string,
  generation: number,
): ClusterIdentity {
  return { clusterId, generation, epoch: 0, ...serviceIdentity(service) };
}

/** What is said of a service: both ends must run the same one. */
export const serviceIdentity = (service: Service) => ({
  service: service.name,
  serviceVersion: [service.version, service.version] as const,
  schemaHash: service.schemaHash,
});

/** The cluster id of a front end that only asks who the members are (`--join`). */
export const UNKNOWN_CLUSTER = '?';

/** Why these versions cannot talk, or null. */
export function versionMismatch(hello: Hello): HearsayError | null {
  const [low, high] = hello.protocol;
  const [ownLow, ownHigh] = PROTOCOL_VERSIONS;
  if (low <= ownHigh && high >= ownLow) return null;
  return new HearsayError(
    'VERSION',
    `protocol ${low} to ${high} is spoken there, ${ownLow} to ${ownHigh} here; upgrade the older side`,
  );
}

type ServiceIdentity = Pick<ClusterIdentity, 'service' | 'serviceVersion' | 'schemaHash'>;

/** Why two ends cannot run one service together, or null. */
export function serviceMismatch(own: ServiceIdentity, other: ServiceIdentity): HearsayError | null {
  if (own.service !== other.service) {
    return new HearsayError(
      'INVALID',
      `service ${other.service} is served there, ${own.service} here; give all parts the same --service`,
    );
  }
  const [low, high] = other.serviceVersion;
  const [ownLow, ownHigh] = own.serviceVersion;
  if (low > ownHigh || high < ownLow || own.schemaHash !== other.schemaHash) {
    return new HearsayError(
      'VERSION',
      `service ${own.service} is of version ${low} to ${high} (schema ${other.schemaHash}) there, ` +
        `${ownLow} to ${ownHigh} (schema ${own.schemaHash}) here; upgrade the older side`,
    );
  }
  return null;
}

/** Why somebody of this cluster is none of ours, or null. */
export function clusterMismatch(own: ClusterIdentity, other: ClusterIdentity): HearsayError | null {
  const mismatch = serviceMismatch(own, other);
  if (mismatch !== null) return mismatch;
  if (other.clusterId === UNKNOWN_CLUSTER) return null;
  // Replicas of an earlier generation are told that they are of the past; front ends learn the latest.
  if (own.clusterId !== other.clusterId) {
    return new HearsayError(
      'INVALID',
      `cluster ${other.clusterId} there, ${own.clusterId} here; join one of them, or give all parts the ` +
        'same --members',
    );
  }
  return null;
}
