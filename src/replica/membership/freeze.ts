/**
 * Which records are taken while origins are closed (PROTOCOL D2, D4): of a frozen origin only what a
 * member sends that has frozen it too, so that the reports name all that can still get around; of a
 * closed one only what counts.
 */

import type { Origin } from '../../base/ids.js';
import type { MissingRange } from '../../timestamp/vector-timestamp.js';
import type { Peer, ReplicaState } from '../state.js';

/** Whether a record may be stored that `from` sent under the label it has now. */
export function mayStore({ membership }: ReplicaState, from: Peer, origin: Origin, seq: number) {
  const final = membership.finalOf(origin);
  if (final !== null) return seq <= final;
  return !membership.isFrozen(origin) || from.epoch >= membership.configuration.epoch;
}

/** Origins were frozen: early records of theirs may be from who has not frozen them, and come again. */
export function dropFrozen({ membership, early, missingBodies }: ReplicaState): void {
  for (const origin of early.origins()) {
    if (!membership.isFrozen(origin)) continue;
    early.drop(origin, 1);
    missingBodies.delete(origin);
  }
}

/** Origins were closed: what is void is not waited for. */
export function dropVoid({ membership, early, missingBodies, fetches }: ReplicaState): void {
  for (const origin of early.origins()) {
    const final = membership.finalOf(origin);
    if (final === null) continue;
    early.drop(origin, final + 1);
    if ((missingBodies.get(origin)?.seq ?? 0) > final) missingBodies.delete(origin);
  }
  for (const [origin, fetch] of fetches) {
    fetch.to = Math.min(fetch.to, membership.finalOf(origin) ?? fetch.to);
  }
}

/** What is worth asking for of these ranges: nothing above a final. */
export function withoutVoid(
  { membership }: ReplicaState,
  ranges: readonly MissingRange[],
): readonly MissingRange[] {
  return ranges.flatMap((range) => {
    const final = membership.finalOf(range.origin);
    if (final === null || range.to <= final) return [range];
    return range.from <= final ? [{ ...range, to: final }] : [];
  });
}
