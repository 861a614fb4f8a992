/**
 * Ballots name the views of the forced log (PROTOCOL B; *Viewstamped Replication Revisited*, Liskov and
 * Cowling 2012, section 4). A view is known by who leads it: two members never make the same ballot, so
 * there is no arithmetic by which replicas with different configurations could disagree on the primary.
 */

import type { MemberId } from '../base/ids.js';

export interface Ballot {
  readonly n: number;
  /** The primary of this view; null in the ballot that comes before all views. */
  readonly owner: MemberId | null;
}

/** No view has this ballot. */
export const ZERO_BALLOT: Ballot = { n: 0, owner: null };

/** By number, then by the owner's identity. */
export function compareBallots(one: Ballot, other: Ballot): number {
  if (one.n !== other.n) return one.n - other.n;
  const [a, b] = [one.owner ?? '', other.owner ?? ''];
  return a < b ? -1 : a > b ? 1 : 0;
}

export const isSameBallot = (one: Ballot, other: Ballot): boolean =>
  one.n === other.n && one.owner === other.owner;

export const isLater = (one: Ballot, other: Ballot): boolean => compareBallots(one, other) > 0;

export const laterBallot = (one: Ballot, other: Ballot): Ballot =>
  isLater(other, one) ? other : one;
