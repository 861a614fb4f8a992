/** How much clients ask for: enough to hit the faults, and no more than the checkers are made for. */

import type { ChaosOptions } from './options.js';
import { CHAOS_SERVICES } from './services.js';

/** Requests that a step makes, on average. */
const REQUESTS_PER_STEP = 1.3;

type Load = Pick<ChaosOptions, 'minutes' | 'clients' | 'service'>;

/** Of all clients together. */
export function requestsPerSecond({ minutes, service }: Load): number {
  const { requestsPerSecond, requestsMost } = CHAOS_SERVICES[service];
  return Math.min(requestsPerSecond, requestsMost / (minutes * 60));
}

/** What a client thinks at most between two steps, ms: with all of them that makes the wanted rate. */
export const thinkMs = (load: Load): number =>
  Math.ceil((2 * load.clients * REQUESTS_PER_STEP * 1000) / requestsPerSecond(load));
