/**
 * The clients of a run. Each takes one step of a workload after the other until the run is over. One
 * that vanishes leaves its requests unanswered, and another session takes its place.
 */

import { HearsayError } from '../base/errors.js';
import type { Random } from '../base/random.js';
import type { ClientHost } from './client-host.js';
import type { Movable } from './faults/fault.js';
import type { HistoryRecorder } from './recorder.js';
import type { Player, Step } from './workloads/workload.js';
import { userOf } from './workloads/movies.js';
import type { World } from './world.js';

export interface PlayerInit {
  readonly world: World;
  readonly recorder: HistoryRecorder;
  readonly random: Random;
  readonly number: number;
  readonly steps: readonly Step[];
  readonly timeoutMs: number;
  readonly thinkMs: () => number;
  /** Most of its updates ask for two copies: others may be taken back. */
  readonly isCareful: boolean;
  readonly isOver: () => boolean;
  /** What a session has seen may be gone for good: it need not be served any more (known gaps). */
  readonly mayBeStuck: () => boolean;
}

/** A session that may be stuck is given up after so many requests without an answer. */
const PATIENCE_REQUESTS = 3;

/** Before one step in so many a client changes to another front end, faults or not. */
const MOVES_ONE_IN = 8;

export class SimulatedPlayer implements Movable {
  readonly #init: PlayerInit;
  #host: ClientHost;
  #lives = 0;
  #values = 0;
  #die: () => void = () => {};

  constructor(init: PlayerInit) {
    this.#init = init;
    this.#host = this.#newHost();
  }

  /** Plays until the run is over. Rejects when something went wrong that must not. */
  async play(): Promise<void> {
    const { world, random, steps, thinkMs, isOver, mayBeStuck } = this.#init;
    while (!isOver()) {
      const death = new Promise<void>((resolve) => {
        this.#die = resolve;
      });
      const player = this.#asPlayer();
      await Promise.race([this.#host.client.ready().catch(ignoreHearsayError), death]);
      while (!isOver() && this.#host.isUp) {
        await world.pause(random.below(thinkMs()));
        if (random.chance(1, MOVES_ONE_IN)) this.#host.breakConnection();
        await Promise.race([random.pick(steps)(player), death]);
        if (player.caller.unanswered >= PATIENCE_REQUESTS && mayBeStuck()) this.#host.vanish();
      }
      if (!this.#host.isUp) this.#host = this.#newHost();
    }
  }

  /** Ends the session and begins a new one, which has seen nothing. */
  beginAnew(): void {
    this.#host.vanish();
    this.#host = this.#newHost();
  }

  /** Takes a step, apart from playing; as whoever uses the library, once it is connected. */
  async takeStep(step: Step, timeoutMs: number): Promise<void> {
    await this.#host.client.ready();
    await step({ ...this.#asPlayer(), timeoutMs });
  }

  get host(): ClientHost {
    return this.#host;
  }

  vanish(): void {
    this.#host.vanish();
    this.#die();
  }

  #newHost(): ClientHost {
    this.#lives++;
    const { world, number } = this.#init;
    return world.newClient([], { user: userOf(number) }, this.#label());
  }

  #asPlayer(): Player {
    const { recorder, random, number, timeoutMs, isCareful } = this.#init;
    return {
      ...{ number, random, timeoutMs, isCareful },
      caller: recorder.recording(this.#host.client, this.#label()),
      newValue: () => `${number}-${++this.#values}`,
    };
  }

  /** `c3`, and `c3-2` after it vanished for the first time. */
  #label(): string {
    return `c${this.#init.number}${this.#lives === 1 ? '' : `-${this.#lives}`}`;
  }
}

/** That nobody answers in time is for the requests to find out. */
function ignoreHearsayError(error: unknown): void {
  if (!(error instanceof HearsayError)) throw error;
}
