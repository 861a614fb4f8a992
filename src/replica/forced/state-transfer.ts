/**
 * Catching up: with the primary of a view, or, for whoever lost an election for its log, with a better
 * one (PROTOCOL B, view change 1 and 4).
 */

import { LIMITS } from '../../base/limits.js';
import type { ForcedEntry } from '../../log/forced-log.js';
import { isLater, isSameBallot, laterBallot } from '../../timestamp/ballot.js';
import type { GetState, State } from '../../wire/forced-messages.js';
import type { Peer } from '../state.js';
import { send, trace, type Turn, wakeBy } from '../turn.js';
import { owe } from './acknowledge.js';
import { change, commitTo } from './change.js';
import { storeCommitted } from './committed.js';
import { appendEarly } from './early-entries.js';
import { become } from './follow.js';
import { holdsPast } from './past.js';
import { asManyAsFit } from './slices.js';
import { RETRY_SPREAD_MS, STATE_PAUSE_MS } from './timing.js';

export function askForState(turn: Turn, peer: Peer, takeOver: boolean): void {
  const { state, nowMs } = turn;
  const { forced } = state;
  if (peer.link === null || nowMs - forced.stateAskedAtMs < STATE_PAUSE_MS) return;
  forced.stateAskedAtMs = nowMs;
  send(turn, peer.link, { kind: 'get-state', after: forced.log.commit, takeOver });
}

/** Answers from what is durable: committed entries first, the rest only as a whole. */
export function onGetState(turn: Turn, peer: Peer, { after, takeOver }: GetState): void {
  const { durable, role } = turn.state.forced;
  if (peer.link === null) return;
  const { lnv, op, commit } = durable;
  let entries = asManyAsFit(durable.slice(after + 1, after + LIMITS.gossipRecords));
  const end = after + entries.length;
  if (end < op && end > commit) entries = entries.slice(0, Math.max(0, commit - after));
  const isPrimary = role === 'primary';
  send(turn, peer.link, { kind: 'state', after, takeOver, isPrimary, lnv, op, commit, entries });
}

export function onState(turn: Turn, peer: Peer, message: State): void {
  const { state } = turn;
  const { forced } = state;
  const { log } = forced;
  const { after, entries, op, lnv, commit, takeOver, isPrimary } = message;
  if (!isSequence(after, entries)) return;
  const commitBefore = log.commit;
  storeCommitted(
    turn,
    entries.filter(({ seq }) => seq <= commit),
  );
  const isWhole = after + entries.length >= op;
  if (isLater(log.lnv, lnv)) return;
  if (isSameBallot(log.lnv, lnv)) {
    if (isPrimary && isSameBallot(log.view, lnv)) owe(turn, peer, lnv);
    if (after > log.op) return;
    // Logs of one view are prefixes of each other.
    for (const entry of entries) if (entry.seq > log.op) forced.early.set(entry.seq, entry);
    appendEarly(turn);
    if (takeOver) tryAgainSoon(turn);
  } else if (isWhole) adopt(turn, peer, message);
  if (!isWhole && log.commit > commitBefore) {
    forced.stateAskedAtMs = Number.NEGATIVE_INFINITY;
    askForState(turn, peer, takeOver);
  }
}

const isSequence = (after: number, entries: readonly ForcedEntry[]): boolean =>
  entries.every(({ seq }, index) => seq === after + index + 1);

/** Takes the log of a later view: everything above what is committed here, in one batch (rule 4). */
function adopt(turn: Turn, peer: Peer, message: State): void {
  const { forced } = turn.state;
  const { log } = forced;
  const { after, entries, lnv, takeOver } = message;
  if (takeOver) {
    const isWanted = forced.role === 'asking' || forced.role === 'candidate';
    if (!isWanted && log.mayVote && turn.state.change.recovery === null) return;
  } else if (isLater(log.view, lnv) || lnv.owner !== peer.memberId) return;
  if (after > log.commit) return;
  const tail = entries.filter(({ seq }) => seq > log.commit);
  for (const entry of tail) if (!holdsPast(turn, entry)) return;
  const { op } = log;
  change(turn, {
    keep: log.commit,
    entries: tail,
    lnv,
    view: laterBallot(log.view, lnv),
  });
  commitTo(
    turn,
    tail.reduce((most, { committed }) => Math.max(most, committed), 0),
  );
  forced.early.clear();
  trace(turn, () => ({
    event: takeOver ? 'took a log over' : 'took the log of a view',
    from: peer.name,
    detail: `view ${lnv.n}, ${log.op} entries instead of ${op}`,
  }));
  if (takeOver) tryAgainSoon(turn);
  else if (message.isPrimary) owe(turn, peer, lnv);
}

/** Stands again, with the better log; under another ballot, for that log may be one of a later view. */
function tryAgainSoon(turn: Turn): void {
  const { forced, random } = turn.state;
  if (forced.role === 'candidate') become(turn, 'backup');
  if (forced.role !== 'asking' && forced.role !== 'backup') return;
  forced.suspectAtMs = Math.min(forced.suspectAtMs, turn.nowMs + random.below(RETRY_SPREAD_MS));
  wakeBy(turn, forced.suspectAtMs);
}
