/** What a replica accepted and nobody else has, when its identity is over (PROTOCOL D7). */

import { memberOf } from '../base/ids.js';
import type { Final } from '../log/membership.js';
import type { UpdateBody } from '../log/record.js';
import type { ReplicaState } from '../replica/state.js';

/** Bodies of the own records above these finals, in the log's order; an origin that is not named counts 0. */
export function unsharedUpdates(
  { log, self }: Pick<ReplicaState, 'log' | 'self'>,
  finals: readonly Final[],
): UpdateBody[] {
  const counts = new Map(finals.map(({ origin, final }) => [origin, final]));
  const bodies: UpdateBody[] = [];
  for (let position = log.base; position < log.length; position++) {
    const { origin, seq, body } = log.at(position);
    const isOwn = memberOf(origin) === self.memberId;
    if (isOwn && seq > (counts.get(origin) ?? 0)) bodies.push(body);
  }
  return bodies;
}

/** Forced updates that were committed here above the final of their generation: somebody went on without. */
export function lostForcedUpdates(
  { forced, membership }: Pick<ReplicaState, 'forced' | 'membership'>,
  finals: readonly Final[],
): UpdateBody[] {
  const final = finals.find(({ origin }) => origin === membership.order)?.final;
  if (final === undefined) return [];
  const { log } = forced;
  return log
    .slice(Math.max(final, log.base) + 1, log.commit)
    .flatMap((entry) => (entry.kind === 'update' ? [entry.body] : []));
}
