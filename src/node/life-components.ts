/** What the life of a replica's process is made of, and how it is set up. */

import type { FatalError, HearsayError } from '../base/errors.js';
import type { Name } from '../base/ids.js';
import type { StateDatabase } from '../ports/database.js';
import type { ReplicaPlace } from '../ports/replica-place.js';
import type { HttpAnswer } from '../ports/transport.js';
import type { ReplicaTuning } from '../replica/state.js';
import type { MemberAddress } from '../wire/messages.js';
import type { ReplicaComponents, Seeds } from './replica-components.js';

export interface LifeComponents extends Omit<ReplicaComponents, 'journal' | 'database'> {
  readonly place: ReplicaPlace;
  readonly openDatabase: () => Promise<StateDatabase>;
}

/** The cluster says who its members are. */
export interface WantedCluster {
  readonly kind: 'founded';
  /** Without data: found a cluster, unless a seed answers for one. */
  readonly founds: boolean;
  /** Where replicas to join may be; null: nowhere. */
  readonly seeds: Seeds | null;
  /** Without data: take the place of a dead member of the same name. */
  readonly replaces: boolean;
  /** The cluster to found, or the only one to join; null: a new one, or any. */
  readonly clusterId: string | null;
}

/** How the members are known: given for ever, or by the cluster. */
export type LifeCluster =
  | { readonly kind: 'fixed'; readonly members: readonly MemberAddress[] }
  | WantedCluster;

export interface LifeInit {
  readonly name: Name;
  readonly cluster: LifeCluster;
  readonly versions: readonly [number, number];
  readonly listen: string;
  readonly advertise: string | null;
  readonly pid: number;
  readonly tuning: ReplicaTuning;
  readonly snapshotEvery?: number;
  /** The state that a new cluster begins with; asked for only where it is needed. */
  readonly initial: () => Promise<{ readonly stateHash: string; readonly database: Uint8Array }>;
  /** Data that began otherwise, or a cluster that did, are refused (`--import`). */
  readonly expectsInitial: boolean;
  readonly onHttp?: (path: string) => Promise<HttpAnswer | null>;
  /** Its port is open; what it waits for, before it has its data or serves, can be asked for. */
  readonly onOpen?: (life: { readonly waitsFor: string | null }) => void;
  /** The process must end, with the error's status; the life is over. */
  readonly onHalt: (error: FatalError | HearsayError) => void;
  /** An operator removed this replica: the life is over, and all is well. */
  readonly onRemoved: () => void;
}
