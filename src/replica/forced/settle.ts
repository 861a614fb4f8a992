/**
 * After each step: what the disk has now is told, and what that makes possible is done. Nothing here
 * depends on which event it was.
 */

import { isLater, isSameBallot } from '../../timestamp/ballot.js';
import { heartbeatAll } from '../heartbeat.js';
import { trace, type Turn } from '../turn.js';
import { change } from './change.js';
import { askForVotes, keepPromise } from './election.js';
import { become, primaryHeard } from './follow.js';
import { answerPrimary } from './acknowledge.js';
import { appendEarly } from './early-entries.js';
import { commitWhatQuorumHolds, prepareAll } from './prepare.js';
import { advanceHandover } from './handover.js';
import { readyAll } from './ready.js';
import { advancePending } from './requests.js';

export function settleForced(turn: Turn): void {
  const { state } = turn;
  const { forced } = state;
  if (state.tuning.forced === 'off') return;
  regainVote(turn);
  appendEarly(turn);
  askForVotes(turn);
  keepPromise(turn);
  serve(turn);
  advanceHandover(turn);
  if (forced.role === 'primary') {
    commitWhatQuorumHolds(turn);
    prepareAll(turn);
  } else answerPrimary(turn);
  advancePending(turn);
  forced.hasReachedDisk = false;
  const primary = primaryHeard(turn);
  if (primary === forced.toldPrimary) return;
  // Front ends send forced updates there: they are told without waiting for the next heartbeat.
  forced.toldPrimary = primary;
  heartbeatAll(turn);
}

/** The beginning of this member's view is durable: it is primary. */
function serve(turn: Turn): void {
  const { state } = turn;
  const { forced } = state;
  const { durable, log } = forced;
  if (forced.role !== 'starting' || !isSameBallot(durable.lnv, log.view)) return;
  become(turn, 'primary');
  forced.primary = state.self.name;
  forced.primaryView = log.view;
  forced.backOffMs = 0;
  trace(turn, () => ({ event: 'is primary', detail: `view ${log.view.n}` }));
  readyAll(turn);
}

/**
 * Whoever begins with an empty disk, or lost a part of its log, has forgotten what it promised and
 * acknowledged. It takes part again once all other members know of this start, so that nothing its
 * earlier self said counts any more, and its log is as far as each of theirs was then: any committed
 * entry is in one of those, and the furthest of them has it.
 */
function regainVote(turn: Turn): void {
  const { state } = turn;
  const { forced } = state;
  const { log, durable } = forced;
  if (log.mayVote) return;
  let { view } = log;
  for (const { name } of state.membership.configuration.members) {
    if (name === state.self.name) continue;
    const firstStanding = forced.peers.get(name)?.firstStanding ?? null;
    if (firstStanding === null || durable.compareTo(firstStanding) < 0) return;
    if (isLater(firstStanding.view, view)) view = firstStanding.view;
  }
  change(turn, { view, mayVote: true });
  trace(turn, () => ({ event: 'may vote', detail: `log of ${log.op} entries` }));
}
