/**
 * What clients do. A workload is a number of steps to choose from; a player takes one after the other
 * until the run is over. The same workloads play in the simulator and against real processes. What
 * players know of each other (which keys there are) stands on a board outside the cluster.
 */

import type { Random } from '../../base/random.js';
import type { RecordingClient } from '../recorder.js';

/** The services that can be simulated. */
export type ServiceName = 'kv' | 'movies' | 'hungry';

/** One client at play. */
export interface Player {
  readonly number: number;
  readonly caller: RecordingClient;
  readonly random: Random;
  /** Deadlines are drawn up to this, ms. */
  readonly timeoutMs: number;
  /** Most updates ask for two copies, not only some. */
  readonly isCareful: boolean;
  /** A value that nobody else writes, anywhere. */
  newValue(): string;
}

/** One thing a client does: one request, or a few that belong together. */
export type Step = (player: Player) => Promise<void>;

export interface Workload {
  readonly name: string;
  /** The service it needs. */
  readonly service: ServiceName;
  /** It has forced updates. */
  readonly isForced: boolean;
  /** For one run: its steps share a board. */
  begin(random: Random): Play;
}

export interface Play {
  /** To choose from; one that stands here twice is chosen twice as often. */
  readonly steps: readonly Step[];
  /** Asks for all that was written, once everything is quiet. */
  readonly readAll: Step;
  /** Asks for what only this user sees, likewise. @default there is nothing of that kind */
  readonly readOwn?: Step;
}

const CONSISTENCIES = ['causal', 'fresh', 'auto'] as const;

/** Options of a query, drawn. */
export const queryOptions = ({ random, timeoutMs }: Player) => ({
  consistency: random.pick(CONSISTENCIES),
  timeoutMs: timeoutMs / 2 + random.below(timeoutMs / 2),
});

/** Options of an update, drawn. */
export const updateOptions = ({ random, timeoutMs, isCareful }: Player) => ({
  minCopies: random.chance(isCareful ? 4 : 1, 5) ? (2 as const) : (1 as const),
  timeoutMs: timeoutMs / 2 + random.below(timeoutMs / 2),
});
