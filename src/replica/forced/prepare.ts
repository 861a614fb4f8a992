/**
 * The normal case (PROTOCOL B 3 to 5; *Viewstamped Replication Revisited* section 4.1): the primary
 * sends what is durable here to all members; a backup takes it in order, and answers when it is durable
 * there; what a quorum holds is committed. Whoever lacks something asks for it.
 */

import { isReservedOrigin } from '../../base/ids.js';
import { LIMITS } from '../../base/limits.js';
import type { ForcedEntry } from '../../log/forced-log.js';
import { weightOf } from '../../log/update-log.js';
import { isSameBallot } from '../../timestamp/ballot.js';
import type { Prepare, PrepareOk } from '../../wire/forced-messages.js';
import { fetchMissing } from '../fetch.js';
import type { Peer } from '../state.js';
import { send, trace, type Turn } from '../turn.js';
import { change, commitTo } from './change.js';
import { follow } from './follow.js';
import { majorityOf } from './quorum.js';
import { askForState } from './state-transfer.js';

/** How long a backup looks for what an entry depends on before the primary's next word starts it anew. */
const FETCH_FOR_MS = 2000;

/** The primary sends what has become durable, and the commit number once it moves. */
export function prepareAll(turn: Turn): void {
  const { state } = turn;
  const { forced } = state;
  for (const peer of state.peers.values()) {
    const known = forced.peers.get(peer.name);
    if (known === undefined || peer.link === null) continue;
    if (known.sent >= forced.durable.op && !forced.commitUntold) continue;
    const entries = entriesAfter(forced.durable.slice(known.sent + 1, forced.durable.op));
    const { view, op } = forced.durable;
    const { commit } = forced.log;
    const after = known.sent;
    known.sent += entries.length;
    trace(turn, () => ({
      event: 'prepare sent',
      to: peer.name,
      detail: `${describeEntries(after, entries)}, ${commit} committed, view ${view.n}`,
    }));
    send(turn, peer.link, { kind: 'prepare', view, after, entries, op, commit });
  }
  forced.commitUntold = false;
}

const describeEntries = (after: number, { length }: readonly ForcedEntry[]): string =>
  length === 0
    ? 'nothing new'
    : length === 1
      ? `entry ${after + 1}`
      : `entries ${after + 1} to ${after + length}`;

/** As many of these as fit into one message, one at least. */
export function entriesAfter(entries: readonly ForcedEntry[]): readonly ForcedEntry[] {
  let bytes = 0;
  for (const [index, entry] of entries.entries()) {
    if (index === LIMITS.gossipRecords) return entries.slice(0, index);
    bytes += entry.kind === 'update' ? weightOf(entry.body) : 0;
    if (index > 0 && bytes > LIMITS.gossipBytes) return entries.slice(0, index);
  }
  return entries;
}

export function onPrepare(turn: Turn, peer: Peer, message: Prepare): void {
  const { forced } = turn.state;
  const { log } = forced;
  const { view, entries, op, commit } = message;
  if (view.owner !== peer.memberId || !follow(turn, peer, view)) return;
  owe(turn, peer, message);
  if (!isSameBallot(log.lnv, view)) return askForState(turn, peer, false);
  commitTo(turn, commit);
  for (const entry of entries) {
    const isAhead = entry.seq > log.op && entry.seq <= log.op + LIMITS.uncommittedEntries;
    if (isAhead) forced.early.set(entry.seq, entry);
  }
  appendEarly(turn);
  commitTo(turn, commit);
  if (log.op < op && !forced.early.has(log.op + 1)) askForState(turn, peer, false);
}

/** The primary is told what is durable here, once it is. */
export function owe(turn: Turn, peer: Peer, { view }: Pick<Prepare, 'view'>): void {
  turn.state.forced.owesAnswer = { to: peer.name, view };
}

/**
 * Appends entries of the present view that came, each when this log holds its `prev` durably or in the
 * same group: a durable entry never depends on what its holder lacks (F1).
 */
export function appendEarly(turn: Turn): void {
  const { state, nowMs } = turn;
  const { early, log } = state.forced;
  if (early.size === 0) return;
  for (;;) {
    const entry = early.get(log.op + 1);
    if (entry === undefined) break;
    if (!holdsPast(turn, entry)) {
      fetchMissing(turn, causalPartOf(turn, entry), nowMs + FETCH_FOR_MS);
      break;
    }
    early.delete(entry.seq);
    change(turn, { entries: [entry] });
    // Whoever has the entry has the primary's word that so much was committed when it was ordered.
    commitTo(turn, entry.committed);
  }
  for (const seq of early.keys()) if (seq <= log.op) early.delete(seq);
}

/** What an entry names of the forced log stands before it in any log that has it. */
export const holdsPast = (turn: Turn, entry: ForcedEntry): boolean =>
  causalPartOf(turn, entry).length === 0;

export const causalPartOf = ({ state }: Turn, { prev }: ForcedEntry) =>
  prev.missingFrom(state.received).filter(({ origin }) => !isReservedOrigin(origin));

/** Tells the primary how far this log is durable in its view. */
export function answerPrimary(turn: Turn): void {
  const { state } = turn;
  const { forced } = state;
  const { owesAnswer, durable, log, underWay } = forced;
  if (owesAnswer === null || !log.mayVote) return;
  if (underWay.length > 0 && !forced.hasReachedDisk) return;
  const peer = state.peers.get(owesAnswer.to);
  const { view } = owesAnswer;
  if (underWay.length === 0 || !isSameBallot(log.view, view)) forced.owesAnswer = null;
  if (peer === undefined || peer.link === null || !isSameBallot(log.view, view)) return;
  const isInView = isSameBallot(durable.view, view) && isSameBallot(durable.lnv, view);
  if (isInView && durable.op > forced.answeredOp) {
    trace(turn, () => ({
      event: 'prepare answered',
      to: peer.name,
      detail: `durable up to entry ${durable.op}`,
    }));
  }
  forced.answeredOp = durable.op;
  send(turn, peer.link, { kind: 'prepare-ok', view, op: isInView ? durable.op : null });
}

export function onPrepareOk(turn: Turn, peer: Peer, { view, op }: PrepareOk): void {
  const { state, nowMs } = turn;
  const { forced } = state;
  const known = forced.peers.get(peer.name);
  if (known === undefined || forced.role !== 'primary') return;
  if (!isSameBallot(view, forced.log.view)) return;
  known.answeredAtMs = nowMs;
  if (op === null || op <= known.match) return;
  known.match = op;
  known.sent = Math.max(known.sent, op);
  commitWhatQuorumHolds(turn);
}

/** An entry is committed when a quorum holds it durably in this view; this disk counts like any other. */
export function commitWhatQuorumHolds(turn: Turn): void {
  const { forced, self } = turn.state;
  const { log, durable } = forced;
  if (forced.role !== 'primary') return;
  const held = [durable.op, ...[...forced.peers.values()].map(({ match }) => match)];
  const seq = held.sort((a, b) => b - a)[majorityOf(self.members) - 1] ?? 0;
  if (seq <= log.commit) return;
  trace(turn, () => ({ event: 'committed', detail: `up to entry ${seq}, view ${log.view.n}` }));
  commitTo(turn, seq);
  forced.commitUntold = true;
  for (const pending of forced.blocked) forced.ready.add(pending);
  forced.blocked.clear();
}
