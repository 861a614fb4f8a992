/**
 * Which updates of each session were executed, as intervals of n (PROTOCOL A5). It is part of the
 * state: in the same snapshot, moved in the same step. No client moves a mark in it: what lies between
 * two intervals was really not executed.
 */

import type { SessionId } from '../base/ids.js';

/** `[first, last]`, both included. */
export type Interval = readonly [number, number];

export type ExecutedEntries = readonly (readonly [SessionId, readonly Interval[]])[];

export class ExecutedTable {
  /** Per session disjoint intervals in ascending order, with a gap between neighbours. */
  readonly #sessions = new Map<SessionId, [number, number][]>();

  constructor(entries: ExecutedEntries = []) {
    for (const [session, intervals] of entries) {
      this.#sessions.set(
        session,
        intervals.map(([first, last]) => [first, last]),
      );
    }
  }

  has(session: SessionId, n: number): boolean {
    const intervals = this.#sessions.get(session);
    if (intervals === undefined) return false;
    const interval = intervals[firstEndingAtOrAfter(intervals, n)];
    return interval !== undefined && interval[0] <= n;
  }

  /** Notes that update n of a session was executed. Noting it again changes nothing. */
  add(session: SessionId, n: number): void {
    let intervals = this.#sessions.get(session);
    if (intervals === undefined) this.#sessions.set(session, (intervals = []));
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

  get sessions(): number {
    return this.#sessions.size;
  }

  /** A copy, for a snapshot. */
  entries(): ExecutedEntries {
    return [...this.#sessions].map(([session, intervals]) => [
      session,
      intervals.map(([first, last]) => [first, last] as const),
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
