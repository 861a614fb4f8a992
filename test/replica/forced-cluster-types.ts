/** What a cluster of cores is set up with, and what it answers. */

import type { Random } from '../../src/base/random.js';
import type { ReplicaTuning } from '../../src/replica/state.js';
import type { ReplicaToFrontend } from '../../src/wire/messages.js';

export interface ClusterInit {
  readonly members?: number;
  readonly seed?: number;
  readonly tuning?: Partial<ReplicaTuning>;
  readonly networkMs?: (random: Random) => number;
  readonly diskMs?: (random: Random) => number;
  /** Start no process yet. */
  readonly down?: boolean;
}

export type Answer = Extract<ReplicaToFrontend, { readonly requestId: number }>;
export type AnswerOf<Kind extends Answer['kind']> = Extract<Answer, { kind: Kind }>;
