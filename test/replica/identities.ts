/** Who a replica of a test is, in a cluster whose members are given once for all. */

import type { MemberId, Name, Origin } from '../../src/base/ids.js';
import type { Counterpart } from '../../src/replica/events.js';
import type { ReplicaIdentity } from '../../src/replica/state.js';
import type { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';

interface Who {
  readonly name: Name;
  readonly memberId: MemberId;
  readonly origin: Origin;
}

const START = {
  address: '',
  boot: { number: 1, nonce: 'start-1' },
  versions: [1, 1],
  joins: null,
} as const;

export const identityAmong = (members: readonly Name[], who: Who): ReplicaIdentity => ({
  ...who,
  ...START,
  members,
});

/** As a peer that such a replica meets. */
export const counterpartOf = (who: Who, replicaTimestamp: VectorTimestamp): Counterpart => ({
  role: 'replica',
  ...who,
  ...START,
  epoch: 1,
  promises: 0,
  replicaTimestamp,
});

export const frontendNamed = (name: string): Counterpart => ({
  role: 'frontend',
  name: name as Name,
  address: '',
});
