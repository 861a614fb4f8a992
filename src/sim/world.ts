/**
 * A whole cluster in one thread and in virtual time: the production drivers and cores, with network,
 * disks, clocks, chance and state from outside. One seed decides everything that happens here. Whoever
 * uses a world lets time pass by `run` and `until`, and closes it: databases hold memory.
 */

import { assert } from '../base/assert.js';
import type { MemberId, Name, SessionId } from '../base/ids.js';
import { SeededRandom } from '../base/random.js';
import { SessionClient } from '../client/client-driver.js';
import type { Client, ClientOptions } from '../client/api.js';
import { toTraceEvent } from '../observe/trace.js';
import type { StateDatabase } from '../ports/database.js';
import type { Discovery } from '../ports/discovery.js';
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
import type { MemoryResidence } from '../storage/memory-place.js';
import type { TraceEvent } from '../wire/messages.js';
import type { MembershipCounts } from './audit/cluster-book.js';
import { LogAudit } from './audit/log-audit.js';
import { WireAudit } from './audit/wire-audit.js';
import { FrontendHost } from './frontend-host.js';
import { ClientHost } from './client-host.js';
import type { Surroundings } from './host.js';
import { addressOf, ReplicaHost } from './replica-host.js';
import { VirtualScheduler } from './virtual-scheduler.js';
import { WorldTime } from './world-time.js';

export interface WorldInit {
  readonly seed: number;
  readonly service: Service;
  /**
   * Fixed: given to all at the start, for ever. Founded: the first one founds a cluster, and all others
   * join it; later ones as well. @default fixed
   */
  readonly members?: 'fixed' | 'founded';
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
  /** Asked when a replica has stopped by itself: whether that was to be expected. */
  expectsHalt: (host: ReplicaHost) => boolean = () => false;
  /** Machines of replicas that are to run: not those that have left. */
  readonly replicas: ReplicaHost[] = [];
  /** Machines with a copy of another one's disk. */
  readonly clones: ReplicaHost[] = [];
  readonly frontends: readonly FrontendHost[];
  readonly clients: ClientHost[] = [];
  protected readonly init: WorldInit;
  readonly #components: WorldComponents;
  readonly #surroundings: Surroundings;
  readonly #time: WorldTime;
  readonly #audit = new LogAudit();
  readonly #wire = new WireAudit(this.#audit);
  /** Machines by their names, also those that have left. */
  readonly #machines = new Map<string, ReplicaHost>();
  #nextReplica = 1;
  #begun = 0;

  constructor(init: WorldInit, components: WorldComponents) {
    this.init = init;
    this.#components = components;
    this.random = new SeededRandom(init.seed);
    this.scheduler = new VirtualScheduler({ wallStartMs: init.wallStartMs ?? 1_700_000_000_000 });
    this.#time = new WorldTime(this.scheduler, components.settled);
    const random = this.random.child('network');
    this.network = new MemoryNetwork({ scheduler: this.scheduler, random }, init.network);
    this.normalConditions = { ...this.network.conditions };
    const replicas = names('rm', init.replicas);
    const isFixed = init.members !== 'founded';
    this.#surroundings = {
      scheduler: this.scheduler,
      network: this.network,
      random: this.random,
      service: init.service,
      outside: init.outside ?? NOTHING_OUTSIDE,
      members: isFixed ? replicas.map((name) => ({ name, address: addressOf(name) })) : [],
      discovery: this.#discovery(),
      trace: init.trace ?? false,
      transportOf: (host) => this.#transportOf(host),
      keepConnected: (host, transport, scheduler) =>
        this.#keepConnected(host, transport, scheduler),
      sinkOf: (host) => this.#sink(host),
    };
    for (const name of replicas) this.replicas.push(this.#newMachine(name, name));
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
    if (this.init.members === 'founded') await this.until(this.#joined());
    await this.run(1000);
  }

  /** All that were started are members. */
  async #joined(): Promise<void> {
    while (this.replicas.some(({ isMember }) => !isMember)) await this.pause(50);
  }

  /** A machine for one more replica, which does not run yet. */
  addReplica(): ReplicaHost {
    assert(this.init.members === 'founded', 'these members are given for ever');
    const host = this.#newMachine(`rm-${this.#nextReplica}` as Name, null);
    this.replicas.push(host);
    return host;
  }

  /** A machine with a copy of another one's disk, under the same name; it does not run yet. */
  clone(original: ReplicaHost, disk: MemoryResidence): ReplicaHost {
    const host = this.#newMachine(`copy-${this.#nextReplica}` as Name, original.name);
    host.putBack(disk);
    this.clones.push(host);
    return host;
  }

  /** A replica has left for good, or a copy is done with. */
  forget(host: ReplicaHost): void {
    for (const hosts of [this.replicas, this.clones]) {
      const index = hosts.indexOf(host);
      if (index >= 0) hosts.splice(index, 1);
    }
  }

  /** One that has left is to run again; its directory is empty. */
  readmit(host: ReplicaHost): void {
    if (!this.replicas.includes(host)) this.replicas.push(host);
  }

  /** It is to run, or to be started again. */
  isWanted(host: ReplicaHost): boolean {
    return this.replicas.includes(host) || this.clones.includes(host);
  }

  /** Nothing that was acknowledged is only there, among the members as they are known to be. */
  mayLose(host: ReplicaHost): boolean {
    const others = this.replicas.filter((other) => other !== host);
    return this.#audit.holdsAll(others.flatMap(({ disk }) => (disk === null ? [] : [disk])));
  }

  /** A committed configuration names this identity, and no later one does not. */
  isMember(id: MemberId): boolean {
    const members = this.#audit.book.membership?.configuration.members ?? [];
    return members.some((member) => member.id === id);
  }

  /** One disk more may be lost: nothing of a change is under way, and others are a majority without it. */
  get survivesLoss(): boolean {
    const { membership } = this.#audit.book;
    if (membership === null) return true;
    return membership.isActivated && membership.configuration.members.length >= 3;
  }

  /** What was wrong on disks and on the wire, in words, each once. */
  brokenRules(): string[] {
    return [...this.#audit.troubles, ...this.#wire.troubles];
  }

  /** What changed among the members, and how many identities began: the founder, others by a snapshot. */
  get membershipCounts(): MembershipCounts & { readonly begun: number } {
    return { ...this.#audit.book.counts, begun: this.#begun };
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
    for (const host of this.#machines.values()) await this.until(host.crash());
  }

  /** Lets virtual time pass. */
  run(forMs: number): Promise<void> {
    return this.#time.run(forMs);
  }

  /** Lets virtual time pass until a promise is settled; fails when that takes ten virtual minutes. */
  until<Value>(promise: Promise<Value>): Promise<Value> {
    return this.#time.until(promise);
  }

  /** For somebody who acts in the cluster while `until` or `run` lets time pass. */
  pause(forMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.scheduler.after(forMs, resolve);
    });
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

  #transportOf(host: Name): Transport {
    const transport = this.#listenedTo(host, this.network.transport(host));
    return this.init.wrapTransport?.(host, transport) ?? transport;
  }

  /** What replicas say, where members change: what labels they tell. */
  #listenedTo(host: Name, transport: Transport): Transport {
    const isAudited = this.init.members === 'founded' && this.#machines.has(host);
    return isAudited ? this.#wire.listenTo(transport) : transport;
  }

  #newMachine(machine: Name, name: Name | null): ReplicaHost {
    const { init } = this;
    const host: ReplicaHost = new ReplicaHost(this.#surroundings, {
      machine,
      name: name ?? machine,
      founds: init.members === 'founded' && this.#machines.size === 0,
      openDatabase: this.#components.openDatabase,
      tuning: init.tuning ?? {},
      initialState: init.initialState ?? null,
      snapshotEvery: init.snapshotEvery,
      audit: this.#audit,
      onHalt: (error) => {
        if (!this.expectsHalt(host)) this.halted.push(`${machine}: ${error.message}`);
      },
      onRemoved: () => this.forget(host),
      onJoined: () => {
        this.#begun++;
      },
    });
    this.#machines.set(machine, host);
    this.#nextReplica++;
    return host;
  }

  /** All replicas that there are: as a name in the DNS that stands for them all. */
  #discovery(): Discovery {
    return {
      addresses: () => this.replicas.map(({ address }) => address),
      firstLook: () => Promise.resolve(),
      trouble: null,
      refresh: () => {},
      register: () => {},
      close: () => Promise.resolve(),
    };
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
