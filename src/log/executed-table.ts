/**
 * Which updates of each session were executed, as intervals of n (PROTOCOL A5). It is part of the
 * state: in the same snapshot, moved in the same step. No client moves a mark in it: what lies between
 * two intervals was really not executed. A session goes as a whole, once its last stamp is below the
 * horizon (PROTOCOL A8).
 */

import type { SessionId } from '../base/ids.js';
import { laterStamp, type Stamp } from '../timestamp/stamp.js';

/** `[first, last]`, both included. */
export type Interval = readonly [number, number];

export type ExecutedEntries = readonly (readonly [
  session: SessionId,
  executed: readonly Interval[],
  latest: Stamp,
])[];

/** A set of numbers as disjoint intervals in ascending order, with a gap between neighbours. */
export class Intervals {
  readonly #intervals: [number, number][];

  constructor(intervals: readonly Interval[] = []) {
    this.#intervals = intervals.map(([first, last]) => [first, last]);
  }

  has(n: number): boolean {
    const interval = this.#intervals[firstEndingAtOrAfter(this.#intervals, n)];
    return interval !== undefined && interval[0] <= n;
  }

  /** Takes a number in; one that is there changes nothing. */
  add(n: number): void {
    const intervals = this.#intervals;
    const at = firstEndingAtOrAfter(intervals, n);
    const after = intervals[at];
    if (after !== undefined && after[0] <= n) return;
    const before = intervals[at - 1];
    const joinsBefore = before !== undefined && before[1] === n - 1;
    const joinsAfter = after !== undefined && after[0] === n + 1;
    if (joinsBefore && joinsAfter) {
      before[1] = after[1];
      intervals.splice(at, 1);
    } else if (joinsBefore) before[1] = n;
    else if (joinsAfter) after[0] = n;
    else intervals.splice(at, 0, [n, n]);
  }

  /** A copy. */
  entries(): readonly Interval[] {
    return this.#intervals.map(([first, last]) => [first, last] as const);
  }
}

interface Session {
  readonly executed: Intervals;
  latest: Stamp;
}

export class ExecutedTable {
  readonly #sessions = new Map<SessionId, Session>();

  constructor(entries: ExecutedEntries = []) {
    for (const [session, intervals, latest] of entries) {
      this.#sessions.set(session, { executed: new Intervals(intervals), latest });
    }
  }

  has(session: SessionId, n: number): boolean {
    return this.#sessions.get(session)?.executed.has(n) ?? false;
  }

  /** Notes that update n of a session was executed. Noting it again changes nothing. */
  add(session: SessionId, n: number, stamp: Stamp): void {
    const known = this.#sessions.get(session);
    if (known === undefined) {
      this.#sessions.set(session, { executed: new Intervals([[n, n]]), latest: stamp });
    } else {
      known.executed.add(n);
      known.latest = laterStamp(known.latest, stamp);
    }
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /** Forgets the sessions whose last stamp is older than this, ms. */
  forgetBefore(physicalMs: number): void {
    for (const [session, { latest }] of this.#sessions) {
      if (latest.physicalMs < physicalMs) this.#sessions.delete(session);
    }
  }

  /** A copy, for a snapshot. */
  entries(): ExecutedEntries {
    return [...this.#sessions].map(([session, { executed, latest }]) => [
      session,
      executed.entries(),
      latest,
    ]);
  }
}

/** The index of the first interval whose end is at or after n. The last one is the usual answer. */
function firstEndingAtOrAfter(intervals: readonly Interval[], n: number): number {
  let low = 0;
  let high = intervals.length;
  const last = intervals[high - 1];
  if (last === undefined || last[1] < n) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((intervals[middle] as Interval)[1] < n) low = middle + 1;
    else high = middle;
  }
  return low;
}
