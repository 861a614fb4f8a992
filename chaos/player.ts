/**
 * A client at play: the library as it ships, through its own proxies to all front ends. It takes one
 * step of a workload after the other until the run is over. One that vanishes leaves its requests to
 * their fate, and another session takes its place.
 */

import { HearsayError } from '../src/base/errors.js';
import type { Random } from '../src/base/random.js';
import type { HistoryOutcome } from '../src/check/history.js';
import type { Client } from '../src/client/api.js';
import { connect } from '../src/client/connect.js';
import type { HistoryRecorder } from '../src/sim/recorder.js';
import { userOf } from '../src/sim/workloads/movies.js';
import type { Step } from '../src/sim/workloads/workload.js';
import { type ChaosCluster, clientName } from './cluster.js';
import type { Movable } from './faults/fault.js';

export interface ChaosPlayerInit {
  readonly cluster: ChaosCluster;
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
  #client: Client | null = null;
  #lives = 0;
  #abandoned = 0;
  /** Requests of this session without an answer, since the last one that had one. */
  #unanswered = 0;
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
      this.#begin(client);
      while (!isOver() && this.#client === client) {
        await pause(random.below(thinkMs));
        if (random.chance(1, MOVES_ONE_IN)) this.#move();
        await this.#take(client, random.pick(steps), this.#init.timeoutMs);
        this.#giveUpIfStuck();
      }
    }
  }

  /** Takes one more step, in the session that it has or in a new one; that is what it then has. */
  async takeStep(step: Step, session: 'same' | 'new', timeoutMs: number): Promise<void> {
    if (session === 'new') this.vanish();
    let client = this.#client;
    if (client === null) {
      client = await this.#connect();
      if (client === null) throw new Error(`${this.name} reaches no front end`);
      this.#begin(client);
    }
    await this.#take(client, step, timeoutMs);
  }

  vanish(): void {
    const client = this.#client;
    this.#client = null;
    void client?.close();
  }

  #begin(client: Client): void {
    this.#client = client;
    this.#lives++;
    this.#unanswered = 0;
  }

  #take(client: Client, step: Step, timeoutMs: number): Promise<void> {
    const { recorder, number, random } = this.#init;
    const session = `c${number}${this.#lives === 1 ? '' : `.${this.#lives}`}`;
    const caller = recorder.recording(client, session);
    return step({
      number,
      random,
      timeoutMs,
      caller: {
        ...caller,
        query: async (...request) => this.#noted(await caller.query(...request)),
        update: async (...request) => this.#noted(await caller.update(...request)),
      },
      newValue: () => `${number}-${++this.#values}`,
    });
  }

  #noted(outcome: HistoryOutcome): HistoryOutcome {
    const isAnswered = !('code' in outcome) || outcome.code === 'REFUSED';
    this.#unanswered = isAnswered ? 0 : this.#unanswered + 1;
    return outcome;
  }

  #giveUpIfStuck(): void {
    if (this.#unanswered < PATIENCE_REQUESTS || !this.#init.maySeeLosses()) return;
    this.#abandoned++;
    this.vanish();
  }

  #move(): void {
    const { links, frontends } = this.#init.cluster;
    for (const { name } of frontends) links.reset(this.name, name);
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
