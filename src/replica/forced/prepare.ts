/**
 * The normal case (PROTOCOL B 3 to 5; *Viewstamped Replication Revisited* section 4.1): the primary
 * sends what is durable here to all members; a backup takes it in order, and answers when it is durable
 * there; what a quorum holds is committed. Whoever lacks something asks for it.
 */

import { LIMITS } from '../../base/limits.js';
import type { ForcedEntry } from '../../log/forced-log.js';
import { isSameBallot } from '../../timestamp/ballot.js';
import type { Prepare, PrepareOk } from '../../wire/forced-messages.js';
import type { Peer } from '../state.js';
import { send, trace, type Turn } from '../turn.js';
import { owe } from './acknowledge.js';
import { commitTo } from './change.js';
import { appendEarly } from './early-entries.js';
import { follow } from './follow.js';
import { heldByQuorum } from './quorum.js';
import { asManyAsFit } from './slices.js';
import { askForState } from './state-transfer.js';

/** The primary sends what has become durable, and the commit number once it moves. */
export function prepareAll(turn: Turn): void {
  const { state } = turn;
  const { forced } = state;
  for (const peer of state.peers.values()) {
    const known = forced.peers.get(peer.name);
    if (known === undefined || peer.link === null) continue;
    if (known.sent >= forced.durable.op && !forced.commitUntold) continue;
    const entries = asManyAsFit(forced.durable.slice(known.sent + 1, forced.durable.op));
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

export function onPrepare(turn: Turn, peer: Peer, message: Prepare): void {
  const { forced } = turn.state;
  const { log } = forced;
  const { view, entries, op, commit } = message;
  if (view.owner !== peer.memberId || !follow(turn, peer, view)) return;
  owe(turn, peer, view);
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
  const held = new Map([...forced.peers].map(([name, { match }]) => [name, match]));
  const seq = heldByQuorum(turn.state, held.set(self.name, durable.op));
  if (seq <= log.commit) return;
  trace(turn, () => ({ event: 'committed', detail: `up to entry ${seq}, view ${log.view.n}` }));
  commitTo(turn, seq);
  forced.commitUntold = true;
  for (const pending of forced.blocked) forced.ready.add(pending);
  forced.blocked.clear();
}
