/**
 * Which replicas a request goes to: ACTIVE before OVERLOADED, never OFFLINE, silent ones last; among
 * equals in an order fixed by the session, so that a session keeps its pair and mostly finds its own
 * writes there (rendezvous hashing).
 */

import { ERROR_CODES } from '../base/errors.js';
import type { Name, SessionId } from '../base/ids.js';
import { type FrontendState, isMember, type Pending, type Replica } from './state.js';

/** A replica that was silent for this long is sorted last, and not waited for alone (PROTOCOL H). */
const SILENT_AFTER_MS = 2000;

export const isSilent = (replica: Replica, nowMs: number): boolean =>
  nowMs - replica.lastHeardMs > SILENT_AFTER_MS;

/** Members that may be asked in this round, best first. */
export function candidates(
  state: FrontendState,
  pending: Pending,
  session: SessionId,
  nowMs: number,
): Replica[] {
  const seed = hash(session, 0x811c9dc5);
  const ranked: { readonly replica: Replica; readonly rank: number; readonly score: number }[] = [];
  for (const replica of state.replicas.values()) {
    if (replica.link === null || replica.status.value === 'OFFLINE') continue;
    if (pending.tried.has(replica.name)) continue;
    if (!isMember(state, replica)) continue;
    const rank = isSilent(replica, nowMs) ? 2 : replica.status.value === 'OVERLOADED' ? 1 : 0;
    ranked.push({ replica, rank, score: hash(replica.name, seed) });
  }
  ranked.sort((a, b) => a.rank - b.rank || a.score - b.score);
  return ranked.map(({ replica }) => replica);
}

/** A replica that declined for the time being is asked again after this long. */
export const ASK_AGAIN_MS = 1000;

/** Lets a replica be asked again that declined for the time being, and has another status now. */
export function forgive(pending: Pending, name: Name): void {
  const declined = pending.declined.get(name);
  if (declined === undefined || pending.outstanding.has(name)) return;
  if (ERROR_CODES[declined.code].retriable) pending.tried.delete(name);
}

/** Lets those be asked again that could not take the request when they were asked. */
export function forgiveDeclined(pending: Pending, nowMs: number): void {
  if (nowMs < pending.askAgainAtMs) return;
  pending.askAgainAtMs = nowMs + ASK_AGAIN_MS;
  for (const name of pending.declined.keys()) forgive(pending, name);
}

/**
 * Requests whose answers are counted on: those sent to a replica that is not silent and has not gone
 * OFFLINE since, which answers them as a rule but is about to go.
 */
export function awaited(state: FrontendState, pending: Pending, nowMs: number): number {
  let count = 0;
  for (const name of pending.outstanding.keys()) {
    const replica = state.replicas.get(name);
    if (replica === undefined || replica.status.value === 'OFFLINE') continue;
    if (!isSilent(replica, nowMs)) count++;
  }
  return count;
}

/** FNV-1a with a final mix, so that neighbouring names differ in all bits. */
function hash(text: string | Name, seed: number): number {
  let value = seed;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value ^= value >>> 15;
  value = Math.imul(value, 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}
