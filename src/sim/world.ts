/**
 * A whole cluster in one thread and in virtual time: the production drivers and cores, with network,
 * disks, clocks, chance and state from outside. One seed decides everything that happens here. Whoever
 * uses a world lets time pass by `run` and `until`, and closes it: databases hold memory.
 */

import { assert } from '../base/assert.js';
import type { Name, SessionId } from '../base/ids.js';
import { SeededRandom } from '../base/random.js';
import { SessionClient } from '../client/client-driver.js';
import type { Client, ClientOptions } from '../client/api.js';
import { toTraceEvent } from '../observe/trace.js';
import type { StateDatabase } from '../ports/database.js';
import type { EventSink } from '../ports/event-sink.js';
import type { KeepConnected, Transport } from '../ports/transport.js';
import type { ReplicaTuning } from '../replica/state.js';
import type { Outside } from '../service/contract.js';
import type { Service } from '../service/define.js';
import { keepConnected } from '../transport/dialer.js';
import {
  MemoryNetwork,
  type MemoryNetworkInit,
  type NetworkConditions,
} from '../transport/memory-transport.js';
import type { TraceEvent } from '../wire/messages.js';
import { LogAudit } from './audit.js';
import { FrontendHost } from './frontend-host.js';
import { ClientHost } from './client-host.js';
import type { Surroundings } from './host.js';
import { ReplicaHost } from './replica-host.js';
import { VirtualScheduler } from './virtual-scheduler.js';

export interface WorldInit {
  readonly seed: number;
  readonly service: Service;
  readonly replicas: number;
  readonly frontends: number;
  readonly tuning?: Partial<ReplicaTuning>;
  /** The state that all replicas begin with, as exported; empty tables when there is none. */
  readonly initialState?: Uint8Array;
  /** Updates executed between two snapshots. @default that of production */
  readonly snapshotEvery?: number;
  /** Keep what the processes trace. @default false */
  readonly trace?: boolean;
  /** Wall clocks begin here. @default 1,700,000,000,000 */
  readonly wallStartMs?: number;
  /** How slow the network is. */
  readonly network?: MemoryNetworkInit;
  /** What the service's lookups may reach. @default nobody who answers */
  readonly outside?: Outside;
  /** Puts something between a process and the network. */
  readonly wrapTransport?: (host: Name, transport: Transport) => Transport;
}

/** What a world cannot make itself: it does no I/O and loads no library. */
export interface WorldComponents {
  readonly openDatabase: () => Promise<StateDatabase>;
  /** Resolves once all promises that can settle have settled, as between two events of a real loop. */
  readonly settled: () => Promise<void>;
}

/** Who tells of faults in the story. */
const NARRATOR = 'fate';

const NOTHING_OUTSIDE: Outside = {
  get: (url) => Promise.reject(new Error(`there is nobody at ${url} in a simulated world`)),
  settings: {},
};

/** More events than this at one instant: somebody asks to be woken at once, again and again. */
const EVENTS_AT_ONCE = 100_000;

/** Nothing that somebody waits for takes longer, virtual ms. */
const PATIENCE_MS = 600_000;

export class World {
  readonly scheduler: VirtualScheduler;
  readonly network: MemoryNetwork;
  /** How the network behaves while nothing is wrong with it. */
  readonly normalConditions: NetworkConditions;
  readonly random: SeededRandom;
  /** What processes traced, where that is kept. */
  readonly events: TraceEvent[] = [];
  readonly said: string[] = [];
  /** Replicas that stopped by themselves, with nobody to expect it: `rm-1: why`. */
  readonly halted: string[] = [];
  /** What was wrong with logs on disks, in words. */
  readonly brokenLogs: string[] = [];
  /** Asked when a replica has stopped by itself: whether that was to be expected. */
  expectsHalt: (host: ReplicaHost) => boolean = () => false;
  readonly replicas: readonly ReplicaHost[];
  readonly frontends: readonly FrontendHost[];
  readonly clients: ClientHost[] = [];
  protected readonly init: WorldInit;
  readonly #components: WorldComponents;
  readonly #surroundings: Surroundings;
  readonly #audit = new LogAudit();
  #lastEventMs = 0;
  #eventsNow = 0;

  constructor(init: WorldInit, components: WorldComponents) {
    this.init = init;
    this.#components = components;
    this.random = new SeededRandom(init.seed);
    this.scheduler = new VirtualScheduler({ wallStartMs: init.wallStartMs ?? 1_700_000_000_000 });
    const random = this.random.child('network');
    this.network = new MemoryNetwork({ scheduler: this.scheduler, random }, init.network);
    this.normalConditions = { ...this.network.conditions };
    const members = names('rm', init.replicas).map((name) => ({ name, address: `${name}:7200` }));
    this.#surroundings = {
      scheduler: this.scheduler,
      network: this.network,
      random: this.random,
      service: init.service,
      outside: init.outside ?? NOTHING_OUTSIDE,
      members,
      trace: init.trace ?? false,
      transportOf: (host) => this.#transportOf(host),
      keepConnected: (host, transport, scheduler) =>
        this.#keepConnected(host, transport, scheduler),
      sinkOf: (host) => this.#sink(host),
    };
    this.replicas = members.map(
      ({ name }) =>
        new ReplicaHost(this.#surroundings, {
          name,
          openDatabase: components.openDatabase,
          tuning: init.tuning ?? {},
          initialState: init.initialState ?? null,
          snapshotEvery: init.snapshotEvery,
          onHalt: (error) => {
            if (!this.expectsHalt(this.replica(name)))
              this.halted.push(`${name}: ${error.message}`);
          },
          onEnd: () => this.auditDisk(name),
        }),
    );
    this.frontends = names('fe', init.frontends).map(
      (name) => new FrontendHost(this.#surroundings, name),
    );
  }

  /** Starts everything and lets it settle. */
  async start(): Promise<void> {
    // The first one loads SQLite from the real disk, for which virtual time does not wait.
    (await this.#components.openDatabase()).close();
    for (const host of this.replicas) await this.until(host.start());
    for (const host of this.frontends) await this.until(host.start());
    await this.run(1000);
  }

  /**
   * A new client of some of the front ends (all when none is named), which need not be connected yet.
   * Its session and its machine go by `label`.
   */
  newClient(
    frontends: readonly string[] = [],
    options: ClientOptions = {},
    label = `client-${this.clients.length + 1}`,
  ): ClientHost {
    const host = new ClientHost(this.#surroundings, label as Name, (components) => {
      const session = `${label}-${components.random.nonce(12)}` as SessionId;
      return new SessionClient(components, this.addressesOf(frontends), session, options);
    });
    this.clients.push(host);
    return host;
  }

  /** A client that has found a front end. */
  async client(frontends: readonly string[] = [], options: ClientOptions = {}): Promise<Client> {
    const { client } = this.newClient(frontends, options);
    await this.until(client.ready());
    return client;
  }

  /** Starts a replica; whoever waits for it lets virtual time pass (`until`). */
  startReplica(name: string): Promise<void> {
    return this.replica(name).start();
  }

  /** The process dies between two effects; of what was not synced any part may be on the disk. */
  async crash(name: string): Promise<void> {
    await this.replica(name).crash();
  }

  /** Its whole disk is gone: it comes back under its name with a new member id. */
  loseDisk(name: string): void {
    this.replica(name).loseDisk();
  }

  async startFrontend(name: string): Promise<void> {
    await this.frontend(name).start();
  }

  crashFrontend(name: string): void {
    this.frontend(name).crash();
  }

  /** Lets go of everything, databases above all: there is room for some hundreds at a time. */
  async close(): Promise<void> {
    for (const host of this.clients) host.vanish();
    for (const host of this.frontends) host.crash();
    for (const host of this.replicas) await this.until(host.crash());
  }

  /** Lets virtual time pass. */
  async run(forMs: number): Promise<void> {
    const endMs = this.scheduler.monotonicMs() + forMs;
    for (;;) {
      await this.#components.settled();
      const dueMs = this.scheduler.nextDueMs();
      if (dueMs === null || dueMs > endMs) break;
      this.#runNext();
    }
    this.scheduler.runUntil(endMs);
  }

  /** Lets virtual time pass until a promise is settled; fails when that takes ten virtual minutes. */
  async until<Value>(promise: Promise<Value>): Promise<Value> {
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    promise.then(done, done);
    const endMs = this.scheduler.monotonicMs() + PATIENCE_MS;
    for (;;) {
      await this.#components.settled();
      if (isDone) return promise;
      const dueMs = this.scheduler.nextDueMs();
      if (dueMs === null || dueMs > endMs) {
        throw new Error('what was waited for takes more than ten virtual minutes');
      }
      this.#runNext();
    }
  }

  /** For somebody who acts in the cluster while `until` or `run` lets time pass. */
  pause(forMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.scheduler.after(forMs, resolve);
    });
  }

  /** Looks at the log on a replica's disk as it is now. */
  auditDisk(name: string): void {
    const trouble = this.#audit.trouble(name, this.replica(name).disk.groups);
    if (trouble !== null) this.brokenLogs.push(trouble);
  }

  /** Puts a line between what processes trace. */
  note(what: string, host: string = NARRATOR): void {
    if (this.init.trace !== true) return;
    this.events.push({ at: this.scheduler.wallMs(), host, event: what });
  }

  /** Hashes of the states of all replicas that run, by name. */
  stateHashes(): Record<string, string> {
    return Object.fromEntries(
      this.replicas.flatMap((host) => {
        const hash = host.stateHash();
        return hash === null ? [] : [[host.name, hash]];
      }),
    );
  }

  replica(name: string): ReplicaHost {
    return found(this.replicas, name);
  }

  frontend(name: string): FrontendHost {
    return found(this.frontends, name);
  }

  protected addressesOf(frontends: readonly string[]): string[] {
    return this.frontends
      .filter(({ name }) => frontends.length === 0 || frontends.includes(name))
      .map(({ address }) => address);
  }

  #runNext(): void {
    const nowMs = this.scheduler.monotonicMs();
    this.#eventsNow = nowMs === this.#lastEventMs ? this.#eventsNow + 1 : 0;
    this.#lastEventMs = nowMs;
    assert(this.#eventsNow < EVENTS_AT_ONCE, `time stands still at ${nowMs} ms`);
    this.scheduler.runNext();
  }

  #transportOf(host: Name): Transport {
    const transport = this.network.transport(host);
    return this.init.wrapTransport?.(host, transport) ?? transport;
  }

  #keepConnected(
    host: Name,
    transport: Transport,
    scheduler: Parameters<Surroundings['keepConnected']>[2],
  ): KeepConnected {
    const random = this.random.child(`dialer-${host}`);
    return (address, onConnection) =>
      keepConnected({ transport, address, scheduler, random: random.child(address), onConnection });
  }

  #sink(host: Name): EventSink {
    return {
      // By the world's clock: a story whose times go back and forth with wrong clocks is hard to read.
      trace: (trace) => {
        if (this.init.trace !== true) return;
        this.events.push(toTraceEvent(trace, host, this.scheduler.wallMs()));
      },
      say: (level, message) => this.said.push(`${level} ${host}: ${message}`),
    };
  }
}

const names = (prefix: string, count: number): Name[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}` as Name);

function found<Host extends { readonly name: string }>(hosts: readonly Host[], name: string): Host {
  const host = hosts.find((each) => each.name === name);
  if (host === undefined) throw new Error(`no host ${name}`);
  return host;
}
