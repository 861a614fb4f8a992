/**
 * Hybrid logical clock stamps (Kulkarni et al., *Logical Physical Clocks*, OPODIS 2014): a client's
 * session gives one to each update, later than every stamp it was shown. They break ties between
 * concurrent updates the same way everywhere; no safety rule reads them (PROTOCOL A8).
 */

import type { SessionId } from '../base/ids.js';

export interface Stamp {
  /** Milliseconds since 1970 by the session's clock, or by a later stamp it was shown. */
  readonly physicalMs: number;
  /** Counts stamps of one millisecond: 0 to 2^32 - 1. */
  readonly logical: number;
}

export const ZERO_STAMP: Stamp = { physicalMs: 0, logical: 0 };

const LOGICAL_MAX = 2 ** 32 - 1;

/** The greatest physical part that has a text form: 36^9 - 1 ms, the year 5188. */
export const PHYSICAL_MAX_MS = 36 ** 9 - 1;

export function compareStamps(a: Stamp, b: Stamp): number {
  return a.physicalMs - b.physicalMs || a.logical - b.logical;
}

export const laterStamp = (a: Stamp, b: Stamp): Stamp => (compareStamps(a, b) >= 0 ? a : b);

/** The next stamp of a session: later than `last`, and by the clock where the clock is ahead. */
export function nextStamp(last: Stamp, wallMs: number): Stamp {
  const physicalMs = Math.min(Math.max(Math.floor(wallMs), 0), PHYSICAL_MAX_MS);
  if (physicalMs > last.physicalMs) return { physicalMs, logical: 0 };
  if (last.logical < LOGICAL_MAX) {
    return { physicalMs: last.physicalMs, logical: last.logical + 1 };
  }
  return { physicalMs: last.physicalMs + 1, logical: 0 };
}

/**
 * The stamp as text whose order by code units is the order of updates: physical part, logical part,
 * session, digest of the body. The digest orders two bodies that a lying client gave one stamp, so
 * that even then all replicas agree.
 */
export function stampText(stamp: Stamp, session: SessionId, digest: string): string {
  const physical = stampTextFrom(stamp.physicalMs);
  const logical = stamp.logical.toString(36).padStart(7, '0');
  return `${physical}${logical}${session}${digest}`;
}

/** What is less than the text of any stamp of this millisecond or later, and greater than earlier ones. */
export const stampTextFrom = (physicalMs: number): string =>
  Math.min(Math.max(Math.floor(physicalMs), 0), PHYSICAL_MAX_MS)
    .toString(36)
    .padStart(9, '0');
