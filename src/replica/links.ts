/** Connections that come and go: front ends and peers, as their hello names them. */

import { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import { noteTold } from './collect.js';
import type { Counterpart, LinkId } from './events.js';
import { updateCounted } from './counted.js';
import { refetchFrom, retryFetches } from './fetch.js';
import { askPeer, forgetVotesOf } from './forced/election.js';
import { dropAskersOf } from './forced/pending.js';
import { onPrimaryGone, probePrimary } from './forced/watch.js';
import { gossipToAll, startOver } from './gossip.js';
import { sendHeartbeat } from './heartbeat.js';
import { noteStart, objectionTo, refuseClaim } from './membership/claim.js';
import { dropOperatorsOf } from './membership/operators.js';
import { addPeer, forgetStrangers } from './membership/peers.js';
import { tellGivenUp } from './membership/release.js';
import { tellConfiguration } from './membership/tell.js';
import type { Peer } from './state.js';
import { type Turn, trace } from './turn.js';
import { dropWaitingOf } from './waiting.js';

export function onLinkUp(turn: Turn, link: LinkId, counterpart: Counterpart): void {
  const { state } = turn;
  if (counterpart.role === 'frontend') {
    const { name, address } = counterpart;
    state.frontends.set(link, { name, address });
    state.change.frontendsVersion++;
    tellConfiguration(turn, link);
    return sendHeartbeat(turn, link);
  }
  const objection = objectionTo(turn, state.peers.get(counterpart.name), counterpart);
  if (objection !== null) return refuseClaim(turn, link, objection);
  if (state.membership.isFixed && !state.peers.has(counterpart.name)) return;
  const peer = addPeer(state, counterpart.name, counterpart.address);
  // A newer connection takes the place of one whose end has not been noticed yet, never the reverse.
  if (peer.link !== null && link < peer.link) {
    // The other side may have taken it for the newer one: neither must be left with one that nobody hears.
    const message = `a newer connection of ${peer.name} is there`;
    turn.effects.push({ kind: 'hang-up', link, message });
    return;
  }
  if (peer.link !== null) state.peerByLink.delete(peer.link);
  peer.link = link;
  onPeerStart(turn, peer, counterpart);
  // What a lost disk held binds nobody: its replica begins anew under another member id.
  if (peer.memberId !== counterpart.memberId) {
    peer.firstHeard = counterpart.replicaTimestamp;
    peer.floorMs = 0;
    peer.unsettledFloor = null;
  }
  if (peer.origin !== counterpart.origin) state.change.granted.delete(peer.name);
  peer.memberId = counterpart.memberId;
  peer.origin = counterpart.origin;
  peer.address = counterpart.address;
  peer.epoch = counterpart.epoch;
  peer.boot = counterpart.boot;
  peer.promises = counterpart.promises;
  peer.versions = counterpart.versions;
  peer.joins = counterpart.joins;
  // Also downwards: a disk that was lost holds nothing (PROTOCOL A11).
  peer.timestamp = counterpart.replicaTimestamp;
  peer.settled = VectorTimestamp.zero;
  peer.unsettled = null;
  noteTold(turn, peer);
  peer.inFlight = null;
  peer.owedSerial = null;
  peer.sentUpTo = state.durableLength;
  state.peerByLink.set(link, peer);
  trace(turn, () => ({
    event: 'connected',
    to: peer.name,
    after: peer.timestamp,
  }));
  state.change.isDue = true;
  noteStart(turn, peer);
  sendHeartbeat(turn, link);
  tellGivenUp(turn, link);
  askPeer(turn, peer);
  startOver(turn, peer, state.durableLength);
  updateCounted(turn);
  gossipToAll(turn);
  retryFetches(turn);
}

export function onLinkDown(turn: Turn, link: LinkId): void {
  const { state } = turn;
  dropAskersOf(turn, link);
  dropOperatorsOf(turn, link);
  if (state.frontends.delete(link)) {
    state.change.frontendsVersion++;
    return dropWaitingOf(turn, link);
  }
  const peer = state.peerByLink.get(link);
  if (peer === undefined) return;
  state.peerByLink.delete(link);
  peer.link = null;
  peer.inFlight = null;
  peer.owedSerial = null;
  trace(turn, () => ({ event: 'disconnected', to: peer.name }));
  refetchFrom(turn, peer.name);
  probePrimary(turn);
  forgetStrangers(state);
}

/** A new connection, perhaps of a new start, perhaps with a new disk. */
function onPeerStart(
  turn: Turn,
  peer: Peer,
  { memberId, origin }: Extract<Counterpart, { role: 'replica' }>,
): void {
  const known = turn.state.forced.peers.get(peer.name);
  if (known === undefined) return;
  known.sent = turn.state.forced.durable.op;
  if (peer.origin !== origin) {
    forgetVotesOf(turn, peer.name);
    onPrimaryGone(turn, peer.name);
  }
  if (peer.memberId !== memberId) {
    known.firstStanding = null;
    known.standing = null;
    known.match = 0;
  }
}
