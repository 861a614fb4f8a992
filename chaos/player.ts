/**
 * A client at play: the library as it ships, through its own proxies to all front ends. It takes one
 * step of a workload after the other until the run is over. One that vanishes leaves its requests to
 * their fate, and another session takes its place.
 */

import { HearsayError } from '../src/base/errors.js';
import type { Random } from '../src/base/random.js';
import type { Client } from '../src/client/api.js';
import { connect } from '../src/client/connect.js';
import type { HistoryRecorder, RecordingClient } from '../src/sim/recorder.js';
import { userOf } from '../src/sim/workloads/movies.js';
import type { Step } from '../src/sim/workloads/workload.js';
import { clientName } from './cluster.js';
import type { Movable } from './faults/fault.js';

/** Where a client finds front ends. */
export interface Reachable {
  urlsFor(client: string): readonly string[];
  /** Breaks its connections, so that it goes elsewhere; absent where nothing is in between. */
  move?(client: string): void;
}

export interface ChaosPlayerInit {
  readonly cluster: Reachable;
  readonly recorder: HistoryRecorder;
  readonly random: Random;
  readonly number: number;
  readonly steps: readonly Step[];
  /** Deadlines are drawn up to this, ms. */
  readonly timeoutMs: number;
  /** Between two steps, ms at most. */
  readonly thinkMs: number;
  readonly isOver: () => boolean;
  /**
   * Whether a session may have seen what is nowhere any more: an update with one copy, on a disk that was
   * lost. It is never answered again, so its user begins another one.
   */
  readonly maySeeLosses: () => boolean;
  readonly pause: (ms: number) => Promise<void>;
}

/** Before one step in so many a client changes to another front end, faults or not. */
const MOVES_ONE_IN = 25;

/** Requests in a row without an answer, after which a user begins another session. */
const PATIENCE_REQUESTS = 3;

/** For one try to reach any front end, ms. */
const CONNECT_MS = 3000;

export class ChaosPlayer implements Movable {
  readonly name: string;
  readonly #init: ChaosPlayerInit;
  #lives = 0;
  #abandoned = 0;
  #caller: RecordingClient | null = null;
  #values = 0;

  constructor(init: ChaosPlayerInit) {
    this.#init = init;
    this.name = clientName(init.number);
  }

  /** Sessions that were given up because nobody answered them. */
  get abandoned(): number {
    return this.#abandoned;
  }

  /** Plays until the run is over. Rejects when something went wrong that must not. */
  async play(): Promise<void> {
    const { random, steps, thinkMs, isOver, pause } = this.#init;
    while (!isOver()) {
      const client = await this.#connect();
      if (client === null) continue;
      const caller = this.#begin(client);
      while (!isOver() && this.#caller === caller) {
        await pause(random.below(thinkMs));
        if (random.chance(1, MOVES_ONE_IN)) this.#move();
        await this.#take(caller, random.pick(steps), this.#init.timeoutMs);
        this.#giveUpIfStuck(caller);
      }
    }
  }

  /** Takes one more step, in the session that it has or in a new one; that is what it then has. */
  async takeStep(step: Step, session: 'same' | 'new', timeoutMs: number): Promise<void> {
    if (session === 'new') this.vanish();
    let caller = this.#caller;
    if (caller === null) {
      const client = await this.#connect();
      if (client === null) throw new Error(`${this.name} reaches no front end`);
      caller = this.#begin(client);
    }
    await this.#take(caller, step, timeoutMs);
  }

  vanish(): void {
    const caller = this.#caller;
    this.#caller = null;
    void caller?.client.close();
  }

  #begin(client: Client): RecordingClient {
    this.#lives++;
    const { recorder, number } = this.#init;
    const session = `c${number}${this.#lives === 1 ? '' : `.${this.#lives}`}`;
    const caller = recorder.recording(client, session);
    this.#caller = caller;
    return caller;
  }

  #take(caller: RecordingClient, step: Step, timeoutMs: number): Promise<void> {
    const { number, random } = this.#init;
    const newValue = (): string => `${number}-${++this.#values}`;
    return step({ number, random, timeoutMs, isCareful: false, caller, newValue });
  }

  #giveUpIfStuck({ unanswered }: RecordingClient): void {
    if (unanswered < PATIENCE_REQUESTS || !this.#init.maySeeLosses()) return;
    this.#abandoned++;
    this.vanish();
  }

  #move(): void {
    this.#init.cluster.move?.(this.name);
  }

  /** Null when no front end can be reached now. */
  async #connect(): Promise<Client | null> {
    const { cluster, random, number } = this.#init;
    const left = [...cluster.urlsFor(this.name)];
    const { length } = left;
    const order = Array.from({ length }, () => left.splice(random.below(left.length), 1)).flat();
    try {
      return await connect(order, { user: userOf(number), timeoutMs: CONNECT_MS });
    } catch (error) {
      if (error instanceof HearsayError) return null;
      throw error;
    }
  }
}
