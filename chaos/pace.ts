/** How much clients ask for: enough to hit the faults, and no more than the checkers are made for. */

import type { ChaosOptions } from './options.js';

/** Requests a second, where the cluster is fast enough: each answer of movies shows many tags. */
const RATES: Readonly<Record<ChaosOptions['service'], number>> = { kv: 90, movies: 25 };

/** Of a run: the checkers look through 100,000 in half a minute. */
const REQUESTS_MOST = 105_000;

/** Requests that a step makes, on average. */
const REQUESTS_PER_STEP = 1.3;

type Load = Pick<ChaosOptions, 'minutes' | 'clients' | 'service'>;

/** Of all clients together. */
export const requestsPerSecond = ({ minutes, service }: Load): number =>
  Math.min(RATES[service], REQUESTS_MOST / (minutes * 60));

/** What a client thinks at most between two steps, ms: with all of them that makes the wanted rate. */
export const thinkMs = (load: Load): number =>
  Math.ceil((2 * load.clients * REQUESTS_PER_STEP * 1000) / requestsPerSecond(load));
