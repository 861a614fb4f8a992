/** Telling identities that are over how far their records count (PROTOCOL D7, F4). */

import { isReservedOrigin, type MemberId, memberOf } from '../../base/ids.js';
import { LIMITS } from '../../base/limits.js';
import type { Membership } from '../../log/membership.js';
import type { Retired } from '../../wire/membership-messages.js';
import { send, type Turn } from '../turn.js';

/** What such an identity is told. */
export function retirement(membership: Membership, id: MemberId): Retired {
  const { epoch, leaving } = membership.configuration;
  const settled = [...membership.settled].map(([origin, { final }]) => ({ origin, final }));
  const dropped = [...membership.dropped].map(([origin, final]) => ({ origin, final }));
  // As many as fit into a message, the newest of the dropped ones. Older ones left the timestamps so long
  // ago that everybody has collected their records: there is none above their finals.
  const finals = [...settled, ...dropped.reverse()]
    .filter(({ origin }) => memberOf(origin) === id || isReservedOrigin(origin))
    .slice(0, LIMITS.timestampEntries);
  const isSettled = membership.isActivated || !leaving.includes(id);
  return { kind: 'retired', id, epoch, isSettled, finals };
}

/** Those of earlier generations that are connected are told that they are members no more. */
export function tellRetired(turn: Turn): void {
  tell(turn, () => true);
}

/** So are those that have not learnt it from the log for so long: what they lack may be collected, ms. */
const LEARN_MS = 5000;

export function tellLeftBehind(turn: Turn): void {
  const { membership, change } = turn.state;
  if (!membership.isActivated || turn.nowMs < change.committedAtMs + LEARN_MS) return;
  tell(turn, (commit) => commit < change.configuredSeq);
}

function tell(turn: Turn, isTold: (commit: number) => boolean): void {
  const { membership, peers, forced } = turn.state;
  for (const { name, memberId, link } of peers.values()) {
    if (memberId === null || link === null || !membership.isRetired(memberId)) continue;
    if (!isTold(forced.peers.get(name)?.standing?.commit ?? 0)) continue;
    send(turn, link, retirement(membership, memberId));
  }
}
