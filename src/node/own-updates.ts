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
