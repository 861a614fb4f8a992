/**
 * A primary that had better not lead any longer lets another member lead (PROTOCOL H; Raft's leadership
 * transfer: Ongaro 2014, section 3.10). It orders nothing until a member holds all that it holds, asks
 * that one to stand for election, and steps back by voting for it. Members vote although they hear a
 * primary; every other test of a vote stands, so this has no part in safety. When nothing comes of it
 * soon, the primary goes on.
 */

import type { Name } from '../../base/ids.js';
import { isSameBallot } from '../../timestamp/ballot.js';
import type { Handover } from '../../wire/membership-messages.js';
import type { StatusValue } from '../../wire/messages.js';
import type { Peer } from '../state.js';
import { send, trace, type Turn, wakeBy } from '../turn.js';
import { stand } from './election.js';
import { readyAll } from './ready.js';
import { electoratesOf, isMemberIn } from './quorum.js';
import {
  HANDOVER_LIMIT_MS,
  HANDOVER_PAUSE_MS,
  OVERLOADED_PATIENCE_MS,
  RECENT_MS,
} from './timing.js';

/**
 * Lets another member lead, at most once in 10 s and only where one can. Answers whether that is under
 * way now; it is over, whatever came of it, when `state.forced.handover` is null again.
 */
export const handOver = (turn: Turn, why: string): boolean =>
  begin(turn, why, ['ACTIVE', 'OVERLOADED']);

/** A primary that is OFFLINE, or has been OVERLOADED for some time, is no good primary. */
export function handOverWhenUnfit(turn: Turn): void {
  const { state, nowMs } = turn;
  const { value } = state.status;
  if (value === 'OFFLINE') handOver(turn, 'it is OFFLINE');
  else if (value === 'OVERLOADED' && nowMs - state.statusSinceMs >= OVERLOADED_PATIENCE_MS) {
    begin(turn, 'it is OVERLOADED', ['ACTIVE']);
  }
}

function begin(turn: Turn, why: string, statuses: readonly StatusValue[]): boolean {
  const { state, nowMs } = turn;
  const { forced } = state;
  if (forced.role !== 'primary') return false;
  if (forced.handover !== null) return true;
  if (nowMs - forced.handedOverAtMs < HANDOVER_PAUSE_MS) return false;
  if (successors(turn, statuses).length === 0) return false;
  const endsAtMs = nowMs + HANDOVER_LIMIT_MS;
  forced.handedOverAtMs = nowMs;
  forced.handover = { statuses, endsAtMs, to: null };
  trace(turn, () => ({ event: 'wants another primary', detail: why }));
  wakeBy(turn, endsAtMs);
  return true;
}

/** After each step: a member may have caught up by now, or the time may be up. */
export function advanceHandover(turn: Turn): void {
  const { state, nowMs } = turn;
  const { forced } = state;
  const { handover, log, durable } = forced;
  if (handover === null) return;
  if (forced.role !== 'primary') {
    forced.handover = null;
    return;
  }
  if (nowMs >= handover.endsAtMs) {
    forced.handover = null;
    trace(turn, () => ({ event: 'goes on as primary', detail: 'nobody else led in time' }));
    return readyAll(turn);
  }
  if (handover.to !== null || durable.op < log.op) return;
  const peer = successors(turn, handover.statuses)
    .filter(({ name }) => forced.peers.get(name)?.match === log.op)
    .at(0);
  if (peer === undefined || peer.link === null) return;
  handover.to = peer.name;
  trace(turn, () => ({ event: 'hands over', to: peer.name, detail: `view ${log.view.n}` }));
  send(turn, peer.link, { kind: 'handover', view: log.view });
}

/** Members that can lead, those of the first status first. */
function successors(turn: Turn, statuses: readonly StatusValue[]): Peer[] {
  const { state } = turn;
  const isSound = ({ name }: Peer): boolean =>
    isHeard(turn, name) &&
    electoratesOf(state).every((configuration) => isMemberIn(state, configuration, name));
  const sound = [...state.peers.values()].filter(isSound);
  return statuses.flatMap((status) =>
    sound.filter(({ name }) => state.forced.peers.get(name)?.status === status),
  );
}

function isHeard({ state, nowMs }: Turn, name: Name): boolean {
  const known = state.forced.peers.get(name);
  if (known === undefined || state.peers.get(name)?.link == null) return false;
  return known.standing?.mayVote === true && nowMs - known.answeredAtMs < RECENT_MS;
}

/** The primary of this view asks this member to lead: it stands at once. */
export function onHandover(turn: Turn, peer: Peer, { view }: Handover): void {
  const { forced, status } = turn.state;
  const { role, log } = forced;
  if (role !== 'backup' || status.value === 'OFFLINE' || !log.mayVote) return;
  if (view.owner !== peer.memberId || !isSameBallot(log.view, view) || !log.isNormal) return;
  stand(turn);
  forced.isSuccessor = true;
}
