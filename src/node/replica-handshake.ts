/** What a replica says in its hello, and whose hello it refuses. */

import { HearsayError } from '../base/errors.js';
import type { Name } from '../base/ids.js';
import type { Counterpart } from '../replica/events.js';
import { isMember } from '../replica/membership/label.js';
import { retirement } from '../replica/membership/retired.js';
import type { ReplicaState } from '../replica/state.js';
import { PROTOCOL_VERSIONS } from '../wire/codec.js';
import type { Retired } from '../wire/membership-messages.js';
import type {
  ClusterIdentity,
  FrontendHello,
  Hello,
  JoinerHello,
  MemberAddress,
  ReplicaHello,
} from '../wire/messages.js';
import { clusterMismatch, serviceMismatch, versionMismatch } from './handshake.js';

/** What one start of a replica says and holds against others. */
export interface ReplicaIntroduction {
  readonly state: ReplicaState;
  /** Its epoch is told as it is at that moment. */
  readonly cluster: ClusterIdentity;
  readonly initialHash: string;
  /** Members that are given once for all, with their addresses; else null. */
  readonly members: readonly MemberAddress[] | null;
  /** Where others reach it. */
  readonly address: () => string;
  /** A connection that this replica dialled to that one is there, though perhaps not greeted yet. */
  readonly hasDialled: (name: Name) => boolean;
}

/** Begins the refusal of a name that somebody has; a joiner knows by it that this may change. */
export const DUPLICATE_NAME = 'DUPLICATE_NAME';

export function replicaHello(introduction: ReplicaIntroduction): ReplicaHello {
  const { state, cluster, initialHash, members, address } = introduction;
  const { name, memberId, origin, boot, versions, joins } = state.self;
  return {
    kind: 'hello',
    role: 'replica',
    protocol: PROTOCOL_VERSIONS,
    ...{ name, memberId, origin, boot, versions, initialHash },
    address: address(),
    cluster: { ...cluster, generation: state.membership.generation, epoch: state.change.label },
    plan: state.membership.plan,
    members: members ?? membersOf(state),
    promises: state.forced.durable.promises,
    joins: isMember(state) ? null : joins,
    replicaTimestamp: state.durable.value(),
  };
}

/** Members of the newest configuration; it knows better where those are that it has met. */
const membersOf = ({ membership, peers }: ReplicaState): MemberAddress[] =>
  membership.configuration.members.map(({ name, address }) => ({
    name,
    address: peers.get(name)?.address || address,
  }));

/**
 * Why this replica will not talk to whoever says this hello, or null. `expected` is the member that it
 * dialled; null when it was dialled itself.
 */
export function refusalOf(
  own: ReplicaIntroduction,
  hello: Hello,
  expected: Name | null,
): HearsayError | null {
  const versions = versionMismatch(hello);
  if (versions !== null) return versions;
  const { self } = own.state;
  if (hello.role === 'client') {
    return refusal(`${self.name} is a replica; clients connect to a front end`);
  }
  if (hello.role === 'joiner') return refusalOfJoiner(own, hello);
  const mismatch = clusterMismatch(own.cluster, hello.cluster);
  if (mismatch !== null || hello.role === 'frontend') return mismatch;
  if (expected !== null && hello.name !== expected) {
    return refusal(
      `${expected} was expected at ${hello.address}, ${hello.name} is there; correct the addresses`,
    );
  }
  if (hello.initialHash !== own.initialHash) {
    return refusal(
      `${hello.name} began with state ${hello.initialHash}, ${self.name} with ${own.initialHash}; ` +
        'start all replicas from the same data (--import)',
    );
  }
  const { membership } = own.state;
  const isTwin = membership.generation > 0 && membership.generation === hello.cluster.generation;
  if (isTwin && membership.plan !== hello.plan) {
    return refusal(
      `generation ${membership.generation} was begun twice: by recovery ${hello.plan} at ${hello.name}, ` +
        `by ${membership.plan} at ${self.name}; put the data directories of one side away, and let it join the other`,
    );
  }
  const stranger =
    own.members === null ? refusalOfRival(own.state, hello) : refusalOfName(own, hello);
  if (stranger !== null) return stranger;
  // Another start of a process that is connected has to be judged, and told what it is (PROTOCOL E).
  const known = own.state.peers.get(hello.name);
  const isOtherStart =
    own.members === null &&
    known?.memberId === hello.memberId &&
    known.boot?.nonce !== hello.boot.nonce;
  const isNeeded =
    expected !== null || hello.joins !== null || isOtherStart || !isSecond(own, hello.name);
  if (isNeeded) return null;
  // No mistake of anybody's: whoever was away dials before it knows that it is dialled.
  const message = `${hello.name} does not dial ${self.name}, ${self.name} dials ${hello.name}`;
  return new HearsayError('UNAVAILABLE', message);
}

/**
 * One connection a pair: whoever comes without need would take the place of the one that is there. Where
 * members are given, the name that comes first dials. Elsewhere either may have to; of two that dial each
 * other at one moment the first name keeps its connection, or both would be refused again and again.
 */
function isSecond({ state, members, hasDialled }: ReplicaIntroduction, name: Name): boolean {
  const isFirst = state.self.name < name;
  if (members !== null) return isFirst;
  const isLinked = (state.peers.get(name)?.link ?? null) !== null;
  return hasDialled(name) && (isFirst || isLinked);
}

/** Where the members are given by name, others are none. */
function refusalOfName(own: ReplicaIntroduction, { name }: ReplicaHello): HearsayError | null {
  const ownName = own.state.self.name;
  const others = (own.members ?? [])
    .map((member) => member.name)
    .filter((each) => each !== ownName);
  if (others.includes(name)) return null;
  const names = others.length === 0 ? 'there are none' : others.join(', ');
  return refusal(`${name} is none of ${ownName}'s other members (${names})`);
}

/**
 * Whoever is of the cluster is heard: a replica that was away does not know who its members are. But of
 * two with one name, the one that is there already stays, unless the other one is the member.
 */
function refusalOfRival(state: ReplicaState, hello: ReplicaHello): HearsayError | null {
  const { self, peers, membership } = state;
  if (hello.memberId === self.memberId) {
    return refusal(
      `${hello.memberId} is this replica itself (${self.boot.number}th start), and that one its ` +
        `${hello.boot.number}th start at ${hello.address}: a data directory is for one process`,
    );
  }
  const peer = peers.get(hello.name);
  const isOwn = hello.name === self.name;
  if (!isOwn && (peer === undefined || peer.link === null || peer.memberId === hello.memberId)) {
    return null;
  }
  if (membership.configuration.members.some(({ id }) => id === hello.memberId)) return null;
  return duplicate(hello.name, isOwn ? 'this replica' : (peer?.memberId ?? 'another'));
}

/** Why a process that is no replica yet cannot become one here. */
function refusalOfJoiner(own: ReplicaIntroduction, hello: JoinerHello): HearsayError | null {
  const { state, cluster, members, initialHash } = own;
  const { self, peers, membership } = state;
  if (hello.clusterId !== null && hello.clusterId !== cluster.clusterId) {
    const words = `${self.name} at this address belongs to cluster ${cluster.clusterId}, not to ${hello.clusterId}`;
    return new HearsayError('UNAVAILABLE', words);
  }
  // In the joiner's words: it ends with them.
  const mismatch = serviceMismatch(hello, cluster);
  if (mismatch !== null) {
    const code = mismatch.code === 'VERSION' ? 'VERSION' : 'REFUSED';
    return new HearsayError(code, `at ${self.name}: ${mismatch.message}`);
  }
  if (members !== null) {
    return new HearsayError(
      'REFUSED',
      `the cluster of ${self.name} was started with --members, which fixes its members; a cluster that ` +
        'others can join is started with --init',
    );
  }
  if (hello.initialHash !== null && hello.initialHash !== initialHash) {
    return refusal(
      `${hello.name} was given the initial state ${hello.initialHash}, the cluster began with ` +
        `${initialHash}: leave --import out, a replica that joins takes what the cluster has`,
    );
  }
  if (hello.name === self.name) return duplicate(hello.name, self.memberId);
  const peer = peers.get(hello.name);
  if (peer !== undefined && peer.link !== null) {
    return duplicate(hello.name, `${peer.memberId} at ${peer.address}`);
  }
  const member = membership.configuration.members.find(({ name }) => name === hello.name);
  if (member === undefined || hello.replaces) return null;
  return new HearsayError(
    'REFUSED',
    `${DUPLICATE_NAME}: ${hello.name} is the name of ${member.id}, a member that does not answer; start ` +
      'with --replace to take its place for good, or choose another --name',
  );
}

const duplicate = (name: Name, holder: string): HearsayError =>
  new HearsayError(
    'REFUSED',
    `${DUPLICATE_NAME}: ${name} is the name of ${holder}, which is connected; choose another --name`,
  );

/** What an identity is told that is a member no more; null for one that is, or may become one. */
export function retirementOf(
  { membership }: ReplicaState,
  { name, memberId: id, cluster }: Pick<ReplicaHello, 'name' | 'memberId' | 'cluster'>,
): Retired | null {
  // Of an earlier generation nobody goes on: whoever is left of it joins this one anew (PROTOCOL F).
  const isOutdated = cluster.generation < membership.generation;
  const isListed = membership.configuration.members.some((member) => member.id === id);
  if (!membership.isRetired(id) && (!isOutdated || isListed)) return null;
  const told = retirement(membership, id);
  // Its report may be needed, and it learns what comes of it from the log: unless another has its place.
  const isReplaced = membership.configuration.members.some((member) => member.name === name);
  return told.isSettled || isReplaced ? told : null;
}

/** Who is at the other end, as the core is told. */
export function counterpartOf(hello: FrontendHello | ReplicaHello): Counterpart {
  const { role, name, address } = hello;
  if (role === 'frontend') return { role, name, address };
  const { memberId, origin, cluster, boot, promises, versions, joins, replicaTimestamp } = hello;
  const { epoch } = cluster;
  return {
    ...{ role, name, memberId, origin, address, epoch, boot, promises, versions, joins },
    replicaTimestamp,
  };
}

const refusal = (message: string): HearsayError => new HearsayError('INVALID', message);
