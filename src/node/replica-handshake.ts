/** What a replica says in its hello, and whose hello it refuses. */

import { HearsayError } from '../base/errors.js';
import type { MemberId, Name, Origin } from '../base/ids.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import { PROTOCOL_VERSIONS } from '../wire/codec.js';
import type { ClusterIdentity, Hello, MemberAddress, ReplicaHello } from '../wire/messages.js';
import { clusterMismatch, versionMismatch } from './handshake.js';

/** What stays the same in every hello of one start. */
export interface ReplicaIntroduction {
  readonly name: Name;
  readonly memberId: MemberId;
  readonly origin: Origin;
  readonly cluster: ClusterIdentity;
  readonly initialHash: string;
  readonly members: readonly MemberAddress[];
}

export function replicaHello(
  introduction: ReplicaIntroduction,
  address: string,
  replicaTimestamp: VectorTimestamp,
): ReplicaHello {
  const { name, memberId, origin, cluster, initialHash, members } = introduction;
  return {
    kind: 'hello',
    role: 'replica',
    protocol: PROTOCOL_VERSIONS,
    name,
    memberId,
    origin,
    address,
    cluster,
    initialHash,
    members,
    replicaTimestamp,
  };
}

/** Why this replica will not talk to whoever says this hello, or null. */
export function refusalOf(own: ReplicaIntroduction, hello: Hello): HearsayError | null {
  const versions = versionMismatch(hello);
  if (versions !== null) return versions;
  if (hello.role === 'client') {
    return refusal(`${own.name} is a replica; clients connect to a front end`);
  }
  const mismatch = clusterMismatch(own.cluster, hello.cluster);
  if (mismatch !== null || hello.role === 'frontend') return mismatch;
  const others = own.members.map(({ name }) => name).filter((name) => name !== own.name);
  if (!others.includes(hello.name)) {
    const names = others.length === 0 ? 'there are none' : others.join(', ');
    return refusal(`${hello.name} is none of ${own.name}'s other members (${names})`);
  }
  if (hello.initialHash !== own.initialHash) {
    return refusal(
      `${hello.name} began with state ${hello.initialHash}, ${own.name} with ${own.initialHash}; ` +
        'start all replicas from the same data (--import)',
    );
  }
  return null;
}

const refusal = (message: string): HearsayError => new HearsayError('INVALID', message);
