/** Telling identities that are over how far their records count (PROTOCOL D7, F4). */

import { send, type Turn } from '../turn.js';

/** Those of earlier generations that are connected are told that they are members no more. */
export function tellRetired(turn: Turn): void {
  const { state } = turn;
  const { membership, peers } = state;
  for (const { memberId, link } of peers.values()) {
    if (memberId === null || link === null || !membership.isRetired(memberId)) continue;
    const finals = [...membership.settled].map(([origin, { final }]) => ({ origin, final }));
    const { epoch } = membership.configuration;
    send(turn, link, { kind: 'retired', id: memberId, epoch, isSettled: true, finals });
  }
}
