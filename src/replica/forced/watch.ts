/** Watching the primary, and being watched (PROTOCOL B, view change 1, 5 and 6; H). */

import type { Name } from '../../base/ids.js';
import { isSameBallot } from '../../timestamp/ballot.js';
import type { ForcedStanding } from '../../wire/forced-messages.js';
import type { Heartbeat } from '../../wire/messages.js';
import { fetchMissing } from '../fetch.js';
import type { Peer } from '../state.js';
import { type Turn, wakeBy } from '../turn.js';
import { commitTo } from './change.js';
import { ask } from './election.js';
import { follow, hearsPrimary, stepBack } from './follow.js';
import { handOverWhenUnfit } from './handover.js';
import { owe } from './acknowledge.js';
import { isQuorum } from './quorum.js';
import { mayStand } from './voting.js';
import { readyAll } from './ready.js';
import { askForState } from './state-transfer.js';
import {
  FORWARD_AGAIN_MS,
  OFFLINE_PATIENCE_MS,
  PAUSE_MS,
  QUORUM_MS,
  REFUSED_SPREAD_MS,
  SUSPECT_MS,
  SUSPECT_SPREAD_MS,
} from './timing.js';

/** A peer's heartbeat: from the primary it is also its word of life and its commit number. */
export function onStanding(
  turn: Turn,
  peer: Peer,
  { standing, status }: Pick<Heartbeat, 'standing' | 'status'>,
): void {
  const { state, nowMs } = turn;
  const { forced } = state;
  const known = forced.peers.get(peer.name);
  if (known === undefined || state.tuning.forced === 'off') return;
  known.standing = standing;
  known.heardAtMs = nowMs;
  known.status = status.value;
  known.firstStanding ??= standing;
  forced.greatestN = Math.max(forced.greatestN, standing.view.n);
  const { primary } = standing;
  if (primary?.name === peer.name && primary.view.owner === peer.memberId) {
    if (follow(turn, peer, primary.view)) onPrimaryStanding(turn, peer, standing);
    return;
  }
  // It leads no more, and says so itself.
  onPrimaryGone(turn, peer.name);
  if (!hearsPrimary(turn)) onStandingWithoutPrimary(turn, peer, standing);
}

function onPrimaryStanding(turn: Turn, peer: Peer, { lnv, op, commit }: ForcedStanding): void {
  const { log, early } = turn.state.forced;
  owe(turn, peer, lnv);
  if (!isSameBallot(log.lnv, lnv)) return askForState(turn, peer, false);
  commitTo(turn, commit);
  if (op > log.op && !early.has(log.op + 1)) askForState(turn, peer, false);
}

/** Committed entries come by way of others too; who has forgotten its log takes the best it finds. */
function onStandingWithoutPrimary(turn: Turn, peer: Peer, standing: ForcedStanding): void {
  const { state, nowMs } = turn;
  const { log } = state.forced;
  if (!log.mayVote && log.compareTo(standing) < 0) return askForState(turn, peer, true);
  if (standing.commit <= log.commit) return;
  const from = log.commit + 1;
  const missing = { origin: state.membership.order, from, to: standing.commit };
  fetchMissing(turn, [missing], nowMs + FORWARD_AGAIN_MS);
}

/** Nobody listens at the primary's address: its process is gone, and that is as good as long silence. */
export function onRefused(turn: Turn, name: Name): void {
  const { state } = turn;
  if (state.peers.get(name)?.link == null) onPrimaryGone(turn, name);
}

/** The process that led the view is gone, and whoever starts again resumes no view. */
export function onPrimaryGone(turn: Turn, name: Name): void {
  const { state, nowMs } = turn;
  const { forced } = state;
  if (forced.primary !== name || !hearsPrimary(turn) || forced.role === 'primary') return;
  forced.heardAtMs = Number.NEGATIVE_INFINITY;
  const soonMs = nowMs + state.random.below(REFUSED_SPREAD_MS);
  forced.suspectAtMs = Math.min(forced.suspectAtMs, soonMs);
  wakeBy(turn, forced.suspectAtMs);
}

/** The connection to the primary is gone: the driver looks whether its process is. */
export function probePrimary(turn: Turn): void {
  const { state } = turn;
  const { primary, role } = state.forced;
  if (primary === null || role === 'primary' || !hearsPrimary(turn)) return;
  if (state.peers.get(primary)?.link === null) turn.effects.push({ kind: 'probe', peer: primary });
}

export function watchOnTick(turn: Turn): void {
  const { state, nowMs } = turn;
  const { forced } = state;
  if (state.tuning.forced === 'off') return;
  if (forced.role === 'primary' && !isAnswered(turn)) {
    stepBack(turn, 'no majority answers');
    readyAll(turn);
  }
  if (forced.role === 'primary') handOverWhenUnfit(turn);
  else if (forced.role !== 'starting' && mayStand(state)) {
    const dueMs = forced.suspectAtMs + (standsBack(turn) ? OFFLINE_PATIENCE_MS : 0);
    if (nowMs >= dueMs) ask(turn);
    else wakeBy(turn, dueMs);
  }
  if (forced.pending.size > 0) readyAll(turn);
}

/** An OFFLINE replica had better not lead: others go first. */
const standsBack = ({ state }: Turn): boolean =>
  state.status.value === 'OFFLINE' && state.forced.role === 'backup';

/** Check-quorum: a quorum has answered lately, this member included. */
function isAnswered({ state, nowMs }: Turn): boolean {
  const answering = new Set([state.self.name]);
  for (const [name, { answeredAtMs }] of state.forced.peers) {
    if (nowMs - answeredAtMs < QUORUM_MS) answering.add(name);
  }
  return isQuorum(state, answering);
}

/**
 * A tick that comes late tells of a pause of this process: what others said meanwhile has not been read,
 * so the pause does not count as their silence. Nothing moves beyond now, or a replica that is paused
 * again and again would never suspect anybody.
 */
export function excusePause({ state, nowMs }: Turn, lateMs: number): void {
  const { forced } = state;
  if (!(lateMs > PAUSE_MS) || lateMs === Number.POSITIVE_INFINITY) return;
  const moved = (atMs: number): number => Math.max(atMs, Math.min(nowMs, atMs + lateMs));
  forced.heardAtMs = moved(forced.heardAtMs);
  for (const peer of forced.peers.values()) {
    peer.answeredAtMs = moved(peer.answeredAtMs);
    peer.heardAtMs = moved(peer.heardAtMs);
  }
  const latestMs = Math.max(forced.suspectAtMs, nowMs + SUSPECT_MS + SUSPECT_SPREAD_MS);
  forced.suspectAtMs = Math.min(forced.suspectAtMs + lateMs, latestMs);
}
