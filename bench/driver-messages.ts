/** What the benchmark and its client processes say to each other: one answer to each request. */

import type { Measured } from './load.js';
import type { Run } from './plan.js';

export type DriverRequest =
  /** Write these keys, `from` up to but not including `to`. */
  | { readonly kind: 'fill'; readonly from: number; readonly to: number }
  /** Connect and send requests from now on; `run.inFlight` is this process's share. */
  | { readonly kind: 'begin'; readonly run: Run; readonly sessions: number }
  /** Count from now on. */
  | { readonly kind: 'measure' }
  /** Count no longer, send no more, disconnect. */
  | { readonly kind: 'stop' };

export type DriverAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'measured'; readonly measured: Measured }
  | { readonly kind: 'failed'; readonly message: string };

/** What a client process is started with, as the only word of its command line: JSON of this. */
export interface DriverInit {
  readonly frontends: readonly string[];
  readonly seed: number;
  /** Tells its draws from those of its siblings. */
  readonly name: string;
}
