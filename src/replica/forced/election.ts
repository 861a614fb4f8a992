/**
 * Views and their primaries (PROTOCOL B, "View change"): *Viewstamped Replication Revisited* section 4.2
 * with the vote restriction of Raft (Ongaro, Ousterhout 2014, section 5.4), so that no logs have to be
 * merged, and with its pre-vote and check-quorum, so that nobody disturbs a primary that works.
 */

import { assert } from '../../base/assert.js';
import type { Name } from '../../base/ids.js';
import { isLater, isSameBallot } from '../../timestamp/ballot.js';
import { VectorTimestamp } from '../../timestamp/vector-timestamp.js';
import type { Nack, PreVote, Vote, VoteAnswered } from '../../wire/forced-messages.js';
import type { Peer } from '../state.js';
import { send, trace, type Turn, wakeBy } from '../turn.js';
import { change } from './change.js';
import { become, hearsPrimary, stepBack, suspectLater } from './follow.js';
import { electoratesOf, isMemberIn, isQuorum } from './quorum.js';
import { askForState } from './state-transfer.js';
import { BACK_OFF_MAX_MS, ROUND_MS, SUSPECT_MS } from './timing.js';
import { mayVote } from './voting.js';

/** The primary is suspected: asks whether others would vote for this member. Changes no state. */
export function ask(turn: Turn): void {
  const { forced, self } = turn.state;
  become(turn, 'asking');
  beginRound(turn);
  forced.supporters.add(self.name);
  trace(turn, () => ({ event: 'asks for votes', detail: `log of ${forced.durable.op} entries` }));
  if (isQuorum(turn.state, forced.supporters)) return stand(turn);
  for (const peer of turn.state.peers.values()) askPeer(turn, peer);
}

function beginRound(turn: Turn): void {
  const { state, nowMs } = turn;
  const { forced } = state;
  forced.round++;
  forced.supporters.clear();
  forced.hasAsked = false;
  forced.isSuccessor = false;
  const spreadMs = Math.max(ROUND_MS, forced.backOffMs);
  forced.suspectAtMs = nowMs + ROUND_MS + state.random.below(spreadMs);
  forced.backOffMs = Math.min(BACK_OFF_MAX_MS, 2 * spreadMs);
  wakeBy(turn, forced.suspectAtMs);
}

/** Asks one member, also one whose connection has just come up. */
export function askPeer(turn: Turn, peer: Peer): void {
  const { role, round, durable, hasAsked, isSuccessor: handover } = turn.state.forced;
  if (peer.link === null || !hasVote(turn, peer)) return;
  const { view, lnv, op } = durable;
  if (role === 'asking') send(turn, peer.link, { kind: 'pre-vote', round, lnv, op });
  else if (role === 'candidate' && hasAsked) {
    send(turn, peer.link, { kind: 'vote', round, view, lnv, op, handover });
  }
}

/** Whoever learns, or is a member no more, has no part in elections. */
const hasVote = ({ state }: Turn, { name }: Peer): boolean =>
  electoratesOf(state).some((configuration) => isMemberIn(state, configuration, name));

/** Takes a ballot of its own; asks for votes once its own promise is durable. */
export function stand(turn: Turn): void {
  const { forced, self } = turn.state;
  const n = Math.max(forced.greatestN, forced.log.view.n) + 1;
  forced.greatestN = n;
  become(turn, 'candidate');
  beginRound(turn);
  change(turn, { view: { n, owner: self.memberId } });
  trace(turn, () => ({ event: 'stands for election', detail: `view ${n}` }));
}

/** The candidate's own promise is durable. */
export function askForVotes(turn: Turn): void {
  const { state } = turn;
  const { forced } = state;
  const { durable, log } = forced;
  if (forced.role !== 'candidate' || forced.hasAsked) return;
  if (!isSameBallot(durable.view, log.view)) return;
  assert(log.view.owner === state.self.memberId, 'a candidate stands for its own ballot');
  forced.hasAsked = true;
  forced.supporters.add(state.self.name);
  for (const peer of state.peers.values()) askPeer(turn, peer);
  beginView(turn);
}

/** Members that were retired lead nothing; learners do not ask. */
const isVotable = ({ state }: Turn, { memberId }: Peer): boolean =>
  memberId === null || !state.membership.isRetired(memberId);

export function onPreVote(turn: Turn, peer: Peer, { round, lnv, op }: PreVote): void {
  if (!isVotable(turn, peer)) return;
  const { log } = turn.state.forced;
  const isBehind = log.compareTo({ lnv, op }) > 0;
  const granted = mayVote(turn.state) && !hearsPrimary(turn) && !isBehind;
  answer(turn, peer, 'pre-vote', round, granted, isBehind);
}

export function onVote(turn: Turn, peer: Peer, vote: Vote): void {
  if (!isVotable(turn, peer)) return;
  const { round, view, lnv, op, handover } = vote;
  const { forced } = turn.state;
  const { log } = forced;
  forced.greatestN = Math.max(forced.greatestN, view.n);
  const isBehind = log.compareTo({ lnv, op }) > 0;
  // A vote asked for by the primary that is heard: a member has promised a view that nobody leads. Or for
  // a member that the primary wants to lead.
  const isUndisturbed =
    !handover && hearsPrimary(turn) && (forced.role === 'primary' || forced.primary !== peer.name);
  const isNew = isLater(view, log.view);
  const isAgain = isSameBallot(view, log.view) && !log.isNormal;
  const isOwner = view.owner === peer.memberId;
  const canVote = mayVote(turn.state) && isOwner && (isNew || isAgain);
  if (!canVote || isUndisturbed || isBehind) {
    return answer(turn, peer, 'vote', round, false, isBehind);
  }
  stepBack(turn, `votes for ${peer.name}`);
  suspectLater(turn);
  if (isNew) {
    change(turn, { view });
    trace(turn, () => ({ event: 'promises', to: peer.name, detail: `view ${view.n}` }));
  }
  forced.promise = { to: peer.name, round, view };
}

/** A promise is told once it is durable. */
export function keepPromise(turn: Turn): void {
  const { state } = turn;
  const { forced } = state;
  const { promise, durable, log } = forced;
  if (promise === null) return;
  if (!isSameBallot(log.view, promise.view) || log.isNormal) forced.promise = null;
  else if (isSameBallot(durable.view, promise.view)) {
    forced.promise = null;
    const peer = state.peers.get(promise.to);
    if (peer !== undefined) answer(turn, peer, 'vote', promise.round, true, false);
  }
}

function answer(
  turn: Turn,
  peer: Peer,
  to: VoteAnswered['to'],
  round: number,
  granted: boolean,
  isBehind: boolean,
): void {
  const { view } = turn.state.forced.log;
  if (peer.link === null) return;
  send(turn, peer.link, { kind: 'vote-answered', to, round, granted, isBehind, view });
}

export function onVoteAnswered(turn: Turn, peer: Peer, message: VoteAnswered): void {
  const { forced } = turn.state;
  const { role, round } = forced;
  forced.greatestN = Math.max(forced.greatestN, message.view.n);
  if (message.round !== round || (role !== 'asking' && role !== 'candidate')) return;
  if (message.granted) {
    if (message.to !== (role === 'asking' ? 'pre-vote' : 'vote')) return;
    if (message.to === 'vote' && !isSameBallot(message.view, forced.log.view)) return;
    forced.supporters.add(peer.name);
    if (role === 'candidate') return beginView(turn);
    if (isQuorum(turn.state, forced.supporters)) stand(turn);
    return;
  }
  // A star whose centre is behind would never elect anybody: it takes the better log over first.
  if (message.isBehind) askForState(turn, peer, true);
}

/** A quorum has voted: the log of this member is the log of the view, and a no-op its first entry. */
function beginView(turn: Turn): void {
  const { state, nowMs } = turn;
  const { forced } = state;
  const { log } = forced;
  if (forced.role !== 'candidate' || !forced.hasAsked) return;
  if (!isQuorum(state, forced.supporters)) return;
  become(turn, 'starting');
  forced.suspectAtMs = Number.POSITIVE_INFINITY;
  forced.noOpSeq = log.op + 1;
  forced.uncommitted.length = 0;
  forced.early.clear();
  // What an earlier view of this member had ordered may be gone from the log.
  state.change.proposedUpTo = 0;
  for (const peer of forced.peers.values()) {
    peer.match = 0;
    peer.sent = log.op;
    peer.answeredAtMs = nowMs;
  }
  const place = { seq: log.op + 1, born: log.view, committed: log.commit };
  const noOp = { kind: 'no-op', ...place, prev: VectorTimestamp.zero } as const;
  change(turn, { lnv: log.view, entries: [noOp] });
}

/** A member has promised a later view that nobody leads: the primary takes the next one (rule 5). */
export function onNack(turn: Turn, peer: Peer, { view }: Nack): void {
  if (!hasVote(turn, peer)) return;
  const { state, nowMs } = turn;
  const { forced } = state;
  forced.greatestN = Math.max(forced.greatestN, view.n);
  if (forced.role !== 'primary' || isLater(forced.log.view, view)) return;
  // The later view may be that of the member that is to lead.
  if (forced.handover !== null) return;
  if (nowMs - forced.nackedAtMs < SUSPECT_MS) return;
  forced.nackedAtMs = nowMs;
  stand(turn);
}

/** Another start of this member: what an earlier one voted for or acknowledged counts no more. */
export function forgetVotesOf(turn: Turn, name: Name): void {
  const { forced } = turn.state;
  forced.supporters.delete(name);
  const peer = forced.peers.get(name);
  if (peer !== undefined) peer.match = 0;
}
