/**
 * Claiming an identity (PROTOCOL E): a start counts once a majority of the members has noted it durably,
 * and refuses it where somebody knows more of this identity than its disk does: then the disk is a copy
 * of an older one, and what it promised since is forgotten.
 */

import type { Name } from '../../base/ids.js';
import { memberOf as memberOfOrigin } from '../../base/ids.js';
import type { Boot, ClaimGranted, ClaimRefused } from '../../wire/membership-messages.js';
import type { Counterpart, LinkId } from '../events.js';
import { change } from '../forced/change.js';
import { isQuorum } from '../forced/quorum.js';
import { RECENT_MS } from '../forced/timing.js';
import type { Peer, ReplicaState } from '../state.js';
import { send, trace, type Turn, wakeBy } from '../turn.js';
import { finalsKnownTo } from './label.js';

type ReplicaCounterpart = Extract<Counterpart, { role: 'replica' }>;

/** What a peer has told of its promises is written down at most this often, ms. */
const NOTE_EVERY_MS = 1000;

const isSameBoot = (one: Boot, other: Boot): boolean =>
  one.number === other.number && one.nonce === other.nonce;

/** Why this start of a peer's process cannot be granted here, or null. */
export function objectionTo(
  turn: Turn,
  known: Peer | undefined,
  counterpart: ReplicaCounterpart,
): Omit<ClaimRefused, 'kind'> | null {
  const { state, nowMs } = turn;
  const { memberId, origin: written, boot, promises, replicaTimestamp } = counterpart;
  if (state.membership.isFixed) return null;
  const isSame = known?.memberId === memberId;
  const note = state.forced.log.noteOf(memberId);
  if (note !== undefined && !isSameBoot(boot, note.boot) && boot.number <= note.boot.number) {
    const detail = `start ${note.boot.number} of ${memberId} is known, this is start ${boot.number}`;
    return { reason: 'superseded', detail };
  }
  const promised = Math.max(note?.promises ?? 0, isSame ? known.promises : 0);
  if (promises < promised) {
    const detail = `${memberId} had made ${promised} promises, this disk knows of ${promises}`;
    return { reason: 'rolled-back', detail };
  }
  for (const [origin, count] of knowsClosed(state, counterpart) ? state.received.value() : []) {
    if (memberOfOrigin(origin) !== memberId || state.membership.finalOf(origin) !== null) continue;
    // What it writes now may come by way of others before the hello that is older: nobody else writes it.
    if (origin === written) continue;
    // Whoever is ahead of this replica may name it no more; a disk from before it has an older start.
    const told = replicaTimestamp.get(origin);
    if (told === 0 || told >= count) continue;
    const detail = `${origin} had made ${count} records, this disk has ${told}`;
    return { reason: 'rolled-back', detail };
  }
  const forgotten = isSame ? forgottenBy(state, known, counterpart) : null;
  if (forgotten !== null) return { reason: 'rolled-back', detail: forgotten };
  const isHeard = isSame && known.link !== null && nowMs - heardAtMs(state, known.name) < RECENT_MS;
  if (isHeard && known.boot !== null && !isSameBoot(known.boot, boot)) {
    const detail = `another process of ${memberId} is running at ${known.address}, this one is at ${counterpart.address}`;
    return { reason: 'duplicate', detail };
  }
  return null;
}

/**
 * What an earlier start told that it held, and this disk lacks, in words, or null: others may have let go
 * of it since, for its sake (PROTOCOL A13). Within one start a hello may be older than what came before it.
 */
function forgottenBy(
  state: ReplicaState,
  known: Peer,
  counterpart: ReplicaCounterpart,
): string | null {
  if (known.boot === null || isSameBoot(known.boot, counterpart.boot)) return null;
  if (!knowsClosed(state, counterpart)) return null;
  for (const [origin, count] of known.timestamp.entries()) {
    const has = counterpart.replicaTimestamp.get(origin);
    if (has >= count || state.membership.finalOf(origin) !== null) continue;
    return `${counterpart.memberId} had told that it held ${count} records of ${origin}, this disk has ${has}`;
  }
  return null;
}

/** Every origin that it may have dropped is known to be closed here: what it does not name, it lacks. */
const knowsClosed = ({ membership }: ReplicaState, { epoch }: ReplicaCounterpart): boolean =>
  membership.isActivated && epoch <= membership.configuration.epoch;

const heardAtMs = ({ forced }: ReplicaState, name: Name): number =>
  forced.peers.get(name)?.heardAtMs ?? Number.NEGATIVE_INFINITY;

/** Notes a start of a peer's process; it is told so once that is durable. */
export function noteStart(turn: Turn, peer: Peer): void {
  const { state } = turn;
  if (state.membership.isFixed || peer.memberId === null || peer.boot === null) return;
  const note = state.forced.log.noteOf(peer.memberId);
  const { memberId: member, boot, promises } = peer;
  if (note === undefined || !isSameBoot(note.boot, boot)) {
    change(turn, { note: { member, boot, promises } });
  }
  state.change.owedGrants.add(peer.name);
}

/** Tells those whose start is noted durably; writes down what others have promised since. */
export function grantClaims(turn: Turn): void {
  const { state } = turn;
  const { change: progress, forced } = state;
  for (const name of progress.owedGrants) {
    const peer = state.peers.get(name);
    if (peer === undefined || peer.link === null || peer.memberId === null) {
      progress.owedGrants.delete(name);
      continue;
    }
    const note = forced.durable.noteOf(peer.memberId);
    if (note === undefined || peer.boot === null || !isSameBoot(note.boot, peer.boot)) continue;
    progress.owedGrants.delete(name);
    send(turn, peer.link, { kind: 'claim-granted', boot: peer.boot });
  }
}

export function notePromises(turn: Turn): void {
  const { state, nowMs } = turn;
  const { change: progress, forced } = state;
  // Whoever counts for nothing may not have heard that it was granted: it is told again.
  for (const { name, epoch, link } of state.peers.values()) {
    if (link !== null && epoch === 0) progress.owedGrants.add(name);
  }
  if (nowMs < progress.notesAtMs + NOTE_EVERY_MS) return;
  for (const { memberId: member, boot, promises } of state.peers.values()) {
    const note = member === null ? undefined : forced.log.noteOf(member);
    if (note === undefined || boot === null || member === null) continue;
    if (!isSameBoot(note.boot, boot) || promises <= note.promises) continue;
    progress.notesAtMs = nowMs;
    change(turn, { note: { member, boot, promises } });
  }
}

export function onClaimGranted({ state }: Turn, peer: Peer, { boot }: ClaimGranted): void {
  if (isSameBoot(boot, state.self.boot)) state.change.granted.add(peer.name);
}

/** Where not all members grant a start, one that has an objection gets so long to tell it, ms. */
const OBJECTION_MS = 1000;

/**
 * A majority knows of this start, and nobody has anything against it. Two processes that have one identity
 * may each find a majority, as both count themselves: whoever can be reached has its say first.
 */
export function updateClaim(turn: Turn): void {
  const { state, nowMs } = turn;
  const { change: progress, membership, self } = state;
  if (progress.isClaimed) return;
  const granted = new Set([...progress.granted, self.name]);
  if (!isQuorum(state, granted)) return;
  if (membership.configuration.members.some(({ name }) => !granted.has(name))) {
    progress.claimSinceMs ??= nowMs;
    const dueMs = Math.max(
      progress.claimSinceMs + OBJECTION_MS,
      (progress.duplicateAtMs ?? Number.NEGATIVE_INFINITY) + DUPLICATE_MS,
    );
    if (nowMs < dueMs) return wakeBy(turn, dueMs);
  }
  progress.isClaimed = true;
  trace(turn, () => ({ event: 'is claimed', detail: `start ${self.boot.number}` }));
}

export function onClaimRefused(turn: Turn, message: ClaimRefused): void {
  const { state } = turn;
  const { self, change: progress } = state;
  const { reason, detail } = message;
  // What a disk has forgotten ends the identity whenever somebody tells, also of one that has been claimed.
  if (progress.isClaimed && reason !== 'rolled-back') {
    // Somebody has not noticed yet that the process before this one ended, which a majority has.
    if (reason === 'duplicate') return;
    const words = `another process runs as ${self.memberId} (${detail}): this one stops; each data directory is for one process, and a copy of one is for none`;
    return void turn.effects.push({ kind: 'halt', message: words });
  }
  if (reason === 'duplicate') {
    progress.duplicateSinceMs ??= turn.nowMs;
    progress.duplicateAtMs = turn.nowMs;
    if (turn.nowMs - progress.duplicateSinceMs < DUPLICATE_MS) return;
    const words = `${detail}; a copy of a data directory cannot run beside the original: give this one an empty --data and another --name`;
    return void turn.effects.push({ kind: 'halt', message: words });
  }
  const finals = finalsKnownTo(state);
  const words = `the data directory of ${self.name} is an older copy (${detail}); this replica begins anew as another member, and takes over what only it has`;
  turn.effects.push({ kind: 'end', reason: 'rolled-back', message: words, finals });
}

/** A process that is really gone is missed by then; one that still runs beside this one is not. */
const DUPLICATE_MS = 10_000;

/** A start that was refused for another's sake asks again: its connections are made anew. */
export function refuseClaim(turn: Turn, link: LinkId, objection: Omit<ClaimRefused, 'kind'>): void {
  send(turn, link, { kind: 'claim-refused', ...objection });
  turn.effects.push({ kind: 'hang-up', link, message: objection.detail });
  wakeBy(turn, turn.nowMs + RECENT_MS);
}
