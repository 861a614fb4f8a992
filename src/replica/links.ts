/** Connections that come and go: front ends and peers, as their hello names them. */

import type { Counterpart, LinkId } from './events.js';
import { updateCounted } from './counted.js';
import { refetchFrom, retryFetches } from './fetch.js';
import { askPeer, forgetVotesOf } from './forced/election.js';
import { dropAskersOf } from './forced/pending.js';
import { onPrimaryGone, probePrimary } from './forced/watch.js';
import { gossipToAll, startOver } from './gossip.js';
import { sendHeartbeat } from './heartbeat.js';
import type { Peer } from './state.js';
import { type Turn, trace } from './turn.js';
import { dropWaitingOf } from './waiting.js';

export function onLinkUp(turn: Turn, link: LinkId, counterpart: Counterpart): void {
  const { state } = turn;
  if (counterpart.role === 'frontend') {
    state.frontends.set(link, counterpart.name);
    return sendHeartbeat(turn, link);
  }
  const peer = state.peers.get(counterpart.name);
  if (peer === undefined) return;
  // A newer connection takes the place of one whose end has not been noticed yet, never the reverse.
  if (peer.link !== null && link < peer.link) return;
  if (peer.link !== null) state.peerByLink.delete(peer.link);
  peer.link = link;
  onPeerStart(turn, peer, counterpart);
  // What a lost disk held binds nobody: its replica begins anew under another member id.
  if (peer.memberId !== counterpart.memberId) peer.firstHeard = counterpart.replicaTimestamp;
  peer.memberId = counterpart.memberId;
  peer.origin = counterpart.origin;
  peer.timestamp = counterpart.replicaTimestamp;
  peer.inFlight = null;
  peer.owedSerial = null;
  peer.sentUpTo = state.durableLength;
  state.peerByLink.set(link, peer);
  trace(turn, () => ({
    event: 'connected',
    to: peer.name,
    after: peer.timestamp,
  }));
  sendHeartbeat(turn, link);
  askPeer(turn, peer);
  startOver(turn, peer, state.durableLength);
  updateCounted(turn);
  gossipToAll(turn);
  retryFetches(turn);
}

export function onLinkDown(turn: Turn, link: LinkId): void {
  const { state } = turn;
  dropAskersOf(turn, link);
  if (state.frontends.delete(link)) return dropWaitingOf(turn, link);
  const peer = state.peerByLink.get(link);
  if (peer === undefined) return;
  state.peerByLink.delete(link);
  peer.link = null;
  peer.inFlight = null;
  peer.owedSerial = null;
  trace(turn, () => ({ event: 'disconnected', to: peer.name }));
  refetchFrom(turn, peer.name);
  probePrimary(turn);
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
  if (peer.memberId !== memberId) known.firstStanding = null;
}
