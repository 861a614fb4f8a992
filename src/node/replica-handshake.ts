/** What a replica says in its hello, and whose hello it refuses. */

import { HearsayError } from '../base/errors.js';
import type { MemberId, Name, Origin } from '../base/ids.js';
import type { Counterpart } from '../replica/events.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import { PROTOCOL_VERSIONS } from '../wire/codec.js';
import type {
  ClusterIdentity,
  FrontendHello,
  Hello,
  MemberAddress,
  ReplicaHello,
} from '../wire/messages.js';
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

/**
 * Why this replica will not talk to whoever says this hello, or null. `expected` is the member that it
 * dialled; null when it was dialled itself: one connection a pair, and the name that comes first dials.
 */
export function refusalOf(
  own: ReplicaIntroduction,
  hello: Hello,
  expected: Name | null,
): HearsayError | null {
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
  if (expected !== null && hello.name !== expected) {
    const message = `${expected} was expected at ${hello.address}, ${hello.name} is there; correct --members`;
    return refusal(message);
  }
  if (expected === null && hello.name > own.name) {
    return refusal(`${hello.name} does not dial ${own.name}, ${own.name} dials ${hello.name}`);
  }
  if (hello.initialHash !== own.initialHash) {
    return refusal(
      `${hello.name} began with state ${hello.initialHash}, ${own.name} with ${own.initialHash}; ` +
        'start all replicas from the same data (--import)',
    );
  }
  return null;
}

/** Who is at the other end, as the core is told. */
export function counterpartOf(hello: FrontendHello | ReplicaHello): Counterpart {
  if (hello.role === 'frontend') return { role: 'frontend', name: hello.name };
  const { role, name, memberId, origin, replicaTimestamp } = hello;
  return { role, name, memberId, origin, replicaTimestamp };
}

const refusal = (message: string): HearsayError => new HearsayError('INVALID', message);
