/**
 * Keeps a number of requests under way and counts what comes back. Sending goes on the same before,
 * during and after the measurement, so that neither a cold start nor the last answers are in it.
 */

import type { Random } from '../src/base/random.js';
import type { Scheduler } from '../src/ports/scheduler.js';
import { Latencies, type LatencyCounts } from './latencies.js';
import type { Request, Requester } from './workloads.js';

/** A front end that is gone must not be asked in a busy loop. */
const PAUSE_AFTER_ERROR_MS = 20;

/** Different errors that are told; a run with errors is of no worth, so a few will do. */
const ERRORS_TOLD = 3;

/** What one process saw between `measure` and `stop`. */
export interface Measured {
  readonly seconds: number;
  /** Requests that were answered as they should be. */
  readonly operations: number;
  /** Of these, `auto` queries that did not reach `fresh`. */
  readonly causalOnly: number;
  readonly errors: number;
  readonly errorMessages: readonly string[];
  readonly latencies: LatencyCounts;
}

export interface LoadInit {
  readonly request: Request;
  /** Requests in flight are dealt out to these in turn. */
  readonly clients: readonly Requester[];
  readonly inFlight: number;
}

export class Load {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #loops: readonly Promise<void>[];
  #isStopped = false;
  #startedMs = 0;
  #latencies = new Latencies();
  #causalOnly = 0;
  #errors = 0;
  #errorMessages = new Set<string>();

  /** Begins to send at once. */
  constructor({ request, clients, inFlight }: LoadInit, scheduler: Scheduler, random: Random) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#loops = Array.from({ length: inFlight }, (_, index) =>
      this.#repeat(request, clients[index % clients.length] as Requester),
    );
    this.measure();
  }

  /** Forgets what was counted so far: the measurement begins now. */
  measure(): void {
    this.#latencies = new Latencies();
    this.#causalOnly = 0;
    this.#errors = 0;
    this.#errorMessages = new Set();
    this.#startedMs = this.#scheduler.monotonicMs();
  }

  /** Ends the measurement now; resolves once the requests under way are over, which do not count. */
  async stop(): Promise<Measured> {
    const measured = {
      seconds: (this.#scheduler.monotonicMs() - this.#startedMs) / 1000,
      operations: this.#latencies.total,
      causalOnly: this.#causalOnly,
      errors: this.#errors,
      errorMessages: [...this.#errorMessages],
      latencies: [...this.#latencies.counts],
    };
    this.#isStopped = true;
    await Promise.all(this.#loops);
    return measured;
  }

  async #repeat(request: Request, client: Requester): Promise<void> {
    while (!this.#isStopped) {
      const sentMs = this.#scheduler.monotonicMs();
      try {
        const outcome = await request(client, this.#random);
        this.#latencies.add(this.#scheduler.monotonicMs() - sentMs);
        if (outcome === 'causal-only') this.#causalOnly++;
      } catch (error) {
        this.#noteError(error);
        await new Promise<void>((resolve) => {
          this.#scheduler.after(PAUSE_AFTER_ERROR_MS, resolve);
        });
      }
    }
  }

  #noteError(error: unknown): void {
    this.#errors++;
    if (this.#errorMessages.size === ERRORS_TOLD) return;
    this.#errorMessages.add(error instanceof Error ? error.message : String(error));
  }
}
