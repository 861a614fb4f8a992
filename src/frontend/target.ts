/**
 * What a fresh answer must reflect (PROTOCOL A10; B, "`fresh` and forced"): every causal update that the
 * collected members hold, with the cut of their epoch, and the furthest of their forced logs. Forced
 * operations are in no member's timestamp before they are known to be committed there, which is later
 * than their answers: so their logs' tips count, and their part of the timestamps does not.
 */

import { isReservedOrigin } from '../base/ids.js';
import { orderedIn } from '../log/forced-log.js';
import { compareBallots, isLater, ZERO_BALLOT } from '../timestamp/ballot.js';
import { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { Tip } from '../wire/forced-messages.js';
import type { Answer } from '../wire/messages.js';
import type { Target } from './state.js';

/** Of a forced log that nothing is asked of. */
export const NO_TIP: Tip = { view: ZERO_BALLOT, seq: 0 };

export function mergeOf(collected: Iterable<Target>): Target {
  let timestamp = VectorTimestamp.zero;
  let tip = NO_TIP;
  for (const told of collected) {
    timestamp = timestamp.merge(told.timestamp);
    tip = laterTip(tip, told.tip);
  }
  const causal = [...timestamp.entries()].filter(([origin]) => !isReservedOrigin(origin));
  return {
    timestamp: causal.length === timestamp.size ? timestamp : VectorTimestamp.of(causal),
    tip,
  };
}

/**
 * What is left of a timestamp that was asked for, after an answer to that: whatever the answer shows less
 * of was closed, and counts no further (PROTOCOL D, norm).
 */
export function closedSince(asked: VectorTimestamp, answered: VectorTimestamp): VectorTimestamp {
  if (asked.leq(answered)) return asked;
  return VectorTimestamp.of(
    [...asked.entries()].map(([origin, count]) => [origin, Math.min(count, answered.get(origin))]),
  );
}

/** By view, then by entry: the log of a later view has all that was answered in earlier ones. */
const laterTip = (one: Tip, other: Tip): Tip =>
  (compareBallots(one.view, other.view) || one.seq - other.seq) >= 0 ? one : other;

/** The tip's entry was executed, or the no-op of a later view, where the entry may be discarded. */
export function reflects(
  { valueTimestamp, executedView }: Answer,
  { timestamp, tip }: Target,
): boolean {
  if (!timestamp.leq(valueTimestamp)) return false;
  return tip.seq <= orderedIn(valueTimestamp) || isLater(executedView, tip.view);
}
