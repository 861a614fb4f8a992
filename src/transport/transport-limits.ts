/**
 * The bounds that both transports keep. Tests set smaller ones; processes and simulations run with
 * those of src/base/limits.ts, where each is explained.
 */

import { LIMITS } from '../base/limits.js';

export interface TransportLimits {
  readonly frameBytes: number;
  readonly bufferedBytes: number;
  readonly connections: number;
  readonly newcomers: number;
  readonly helloMs: number;
  readonly helloBytes: number;
  readonly deadPeerMs: number;
  readonly dialMs: number;
  readonly closeMs: number;
}

/** All bounds: the given ones, else those of LIMITS. */
export function withDefaults(init: Partial<TransportLimits>): TransportLimits {
  return { ...LIMITS, ...init };
}
