/** Who is known: the members of the configurations that matter, and learners that are connected. */

import type { Name } from '../../base/ids.js';
import { unknownForcedPeer } from '../forced/state.js';
import { type Peer, type ReplicaState, unknownPeer } from '../state.js';

export function addPeer(state: ReplicaState, name: Name, address: string): Peer {
  const known = state.peers.get(name);
  if (known !== undefined) return known;
  const peer = unknownPeer(name, address);
  state.peers.set(name, peer);
  state.forced.peers.set(name, unknownForcedPeer());
  return peer;
}

/** Members are known whether or not they can be reached; others only while they are connected. */
export function forgetStrangers(state: ReplicaState): void {
  const { membership, change, peers, forced } = state;
  const { configuration, previous } = membership;
  const configurations = [configuration, previous, change.pending?.configuration ?? null];
  for (const [name, { link }] of peers) {
    if (link !== null) continue;
    const isNamed = configurations.some((each) => each?.members.some((one) => one.name === name));
    if (isNamed) continue;
    peers.delete(name);
    forced.peers.delete(name);
  }
}

/** Peers for all members, of the configurations that this log knows. */
export function knowMembers(state: ReplicaState): void {
  const { membership, change, self } = state;
  for (const each of [membership.configuration, change.pending?.configuration]) {
    for (const { name, address } of each?.members ?? []) {
      if (name !== self.name) addPeer(state, name, address);
    }
  }
  forgetStrangers(state);
}
