/** What `hearsay sim` is asked to do. */

import type { EventFormat } from '../observe/formatter.js';

export interface SimCommand {
  readonly kind: 'sim';
  readonly from: number;
  readonly seeds: number;
  /** Threads; null: one a processor. */
  readonly jobs: number | null;
  /** Go on after a seed that failed. */
  readonly keepGoing: boolean;
  /** Of a single seed: how its story is told, or null to tell none. */
  readonly trace: EventFormat | null;
  /** Of a single seed: a file for what its clients saw, or null. */
  readonly history: string | null;
  readonly json: boolean;
}
