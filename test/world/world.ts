/**
 * A whole cluster in one thread and in virtual time: the production drivers and cores, with network,
 * disks, clocks and chance in memory. One seed decides everything. It grows into src/sim.
 */

import type { Client, ClientOptions } from '../../src/client/api.js';
import { SessionClient } from '../../src/client/client-driver.js';
import type { Name, SessionId } from '../../src/base/ids.js';
import { memberIdOf, originOf } from '../../src/base/ids.js';
import { SeededRandom } from '../../src/base/random.js';
import { FrontendDriver } from '../../src/node/frontend-driver.js';
import { ReplicaDriver } from '../../src/node/replica-driver.js';
import { encodeSnapshot } from '../../src/node/snapshot.js';
import type { EventSink } from '../../src/ports/event-sink.js';
import type { KeepConnected, Transport } from '../../src/ports/transport.js';
import { DEFAULT_TUNING, EMPTY_SNAPSHOT, type ReplicaTuning } from '../../src/replica/state.js';
import type { Service } from '../../src/service/define.js';
import { VirtualScheduler } from '../../src/sim/virtual-scheduler.js';
import { MemoryDisk, MemoryJournal } from '../../src/storage/memory-journal.js';
import { openSqlDatabase, type SqlDatabase } from '../../src/storage/sql-database.js';
import { keepConnected } from '../../src/transport/dialer.js';
import { MemoryNetwork, type MemoryNetworkInit } from '../../src/transport/memory-transport.js';
import type { TraceEvent } from '../../src/wire/messages.js';
import { toTraceEvent } from '../../src/observe/trace.js';
import { RawFrontend } from './raw-frontend.js';
import { TravellingClient } from './travelling-client.js';

export interface WorldInit {
  readonly seed: number;
  readonly service: Service;
  readonly replicas: number;
  readonly frontends: number;
  readonly tuning?: Partial<ReplicaTuning>;
  /** Wall clocks begin here. @default 1,700,000,000,000 */
  readonly wallStartMs?: number;
  /** How slow the network is. */
  readonly network?: MemoryNetworkInit;
  /** Puts something between a process and the network. */
  readonly wrapTransport?: (host: Name, transport: Transport) => Transport;
}

interface ReplicaHost {
  readonly name: Name;
  readonly address: string;
  disk: MemoryDisk;
  memberNonce: string;
  driver: ReplicaDriver | null;
  database: SqlDatabase | null;
}

interface FrontendHost {
  readonly name: Name;
  readonly address: string;
  driver: FrontendDriver | null;
}

/** One more than the journal needs to look like a disk: writes take a while. */
const WRITE_LEAST_MS = 1;
const WRITE_MOST_MS = 4;

export class World {
  readonly scheduler: VirtualScheduler;
  readonly network: MemoryNetwork;
  readonly random: SeededRandom;
  readonly events: TraceEvent[] = [];
  readonly said: string[] = [];
  readonly halted: string[] = [];
  readonly replicas: readonly ReplicaHost[];
  readonly frontends: readonly FrontendHost[];
  readonly #init: WorldInit;
  #nextClient = 1;
  #lastEventMs = 0;
  #eventsNow = 0;

  constructor(init: WorldInit) {
    this.#init = init;
    this.random = new SeededRandom(init.seed);
    this.scheduler = new VirtualScheduler({ wallStartMs: init.wallStartMs ?? 1_700_000_000_000 });
    const random = this.random.child('network');
    this.network = new MemoryNetwork({ scheduler: this.scheduler, random }, init.network);
    this.replicas = names('rm', init.replicas).map((name) => ({
      name,
      address: `${name}:7200`,
      disk: this.#newDisk(),
      memberNonce: this.random.nonce(8),
      driver: null,
      database: null,
    }));
    this.frontends = names('fe', init.frontends).map((name) => ({
      name,
      address: `${name}:7100`,
      driver: null,
    }));
  }

  /** Starts everything and lets it settle. */
  async start(): Promise<void> {
    // The first one loads SQLite from the real disk, for which virtual time does not wait.
    (await openSqlDatabase()).close();
    for (const host of this.replicas) await this.until(this.startReplica(host.name));
    for (const host of this.frontends) await this.until(this.startFrontend(host.name));
    await this.run(1000);
  }

  /** Starts a replica; whoever waits for it lets virtual time pass (`until`). */
  async startReplica(name: string): Promise<void> {
    const host = this.replica(name);
    const { service, tuning } = this.#init;
    const database = await openSqlDatabase();
    if (!host.disk.snapshots.has(0)) {
      const initial = await openSqlDatabase();
      service.createTables(initial);
      host.disk.snapshots.set(0, encodeSnapshot(EMPTY_SNAPSHOT, initial.export()));
      initial.close();
    }
    const memberId = memberIdOf(host.name, host.memberNonce);
    const transport = this.#transportOf(host.name);
    const starting = ReplicaDriver.start(
      {
        scheduler: this.scheduler,
        random: this.random.child(name),
        transport,
        keepConnected: this.#keepConnected(transport),
        journal: new MemoryJournal(host.disk),
        database,
        service,
        sink: this.#sink(host.name),
        loopDelayMs: () => 0,
      },
      {
        name: host.name,
        memberId,
        origin: originOf(memberId, this.random.nonce(6)),
        members: this.#members(),
        initialHash: 'empty',
        listen: host.address,
        advertise: null,
        pid: 1,
        tuning: { ...DEFAULT_TUNING, trace: true, ...tuning },
        onHalt: (error) => this.halted.push(`${name}: ${error.message}`),
      },
    );
    host.database = database;
    host.driver = await starting;
  }

  /** The process dies between two effects; what was not synced may be lost. */
  async crash(name: string): Promise<void> {
    const host = this.replica(name);
    this.network.crash(name);
    host.disk.crash(this.random.chance(1, 2) ? 'lost' : 'kept');
    await host.driver?.kill();
    host.driver = null;
    host.database = null;
  }

  /** Its whole disk is gone: it comes back under its name with a new member id. */
  loseDisk(name: string): void {
    const host = this.replica(name);
    host.disk = this.#newDisk();
    host.memberNonce = this.random.nonce(8);
  }

  /** Lets go of everything, databases above all: there is room for some hundreds at a time. */
  async close(): Promise<void> {
    for (const { name } of this.frontends) this.crashFrontend(name);
    for (const { name, driver } of this.replicas) if (driver !== null) await this.crash(name);
  }

  async startFrontend(name: string): Promise<void> {
    const host = this.frontend(name);
    const transport = this.#transportOf(host.name);
    host.driver = new FrontendDriver(
      {
        scheduler: this.scheduler,
        random: this.random.child(name),
        transport,
        keepConnected: this.#keepConnected(transport),
        service: this.#init.service,
        sink: this.#sink(host.name),
      },
      { name: host.name, members: this.#members(), listen: host.address, pid: 1, trace: true },
    );
    await host.driver.start();
  }

  crashFrontend(name: string): void {
    this.network.crash(name);
    void this.frontend(name).driver?.close();
    this.frontend(name).driver = null;
  }

  /** A client of some of the front ends (all when none is named). */
  async client(frontends: readonly string[] = [], options: ClientOptions = {}): Promise<Client> {
    const { components, session } = this.#newClient();
    const client = new SessionClient(components, this.#addressesOf(frontends), session, options);
    await this.until(client.ready());
    return client;
  }

  /** A client that moves among these front ends (all when none is named) when it is told to. */
  async travellingClient(
    frontends: readonly string[] = [],
    options: ClientOptions = {},
  ): Promise<TravellingClient> {
    const { components, session } = this.#newClient();
    const addresses = this.#addressesOf(frontends);
    const client = new TravellingClient(components, addresses, session, options);
    await this.until(client.ready());
    return client;
  }

  /** A front end of the test's own making, connected to one replica. */
  rawFrontend(replica: string): Promise<RawFrontend> {
    return this.until(
      RawFrontend.connect({
        transport: this.network.transport('fe-raw'),
        address: this.replica(replica).address,
        service: this.#init.service,
        members: this.replicas.map(({ name }) => name),
      }),
    );
  }

  /** Lets virtual time pass. */
  async run(forMs: number): Promise<void> {
    const endMs = this.scheduler.monotonicMs() + forMs;
    for (;;) {
      await settled();
      const dueMs = this.scheduler.nextDueMs();
      if (dueMs === null || dueMs > endMs) break;
      this.#runNext();
    }
    this.scheduler.runUntil(endMs);
  }

  /** Lets virtual time pass until a promise is settled; fails when it takes a virtual minute. */
  async until<Value>(promise: Promise<Value>): Promise<Value> {
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    promise.then(done, done);
    const endMs = this.scheduler.monotonicMs() + 120_000;
    for (;;) {
      await settled();
      if (isDone) return promise;
      const dueMs = this.scheduler.nextDueMs();
      if (dueMs === null || dueMs > endMs)
        throw new Error('it takes more than two virtual minutes');
      this.#runNext();
    }
  }

  /** For somebody who acts in the cluster while `until` or `run` lets time pass. */
  pause(forMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.scheduler.after(forMs, resolve);
    });
  }

  /** Hashes of the states of all replicas that run. */
  stateHashes(): string[] {
    return this.replicas.flatMap(({ database }) =>
      database === null ? [] : [this.#init.service.stateHash(database)],
    );
  }

  replica(name: string): ReplicaHost {
    return found(this.replicas, name);
  }

  frontend(name: string): FrontendHost {
    return found(this.frontends, name);
  }

  #newClient() {
    const number = this.#nextClient++;
    const random = this.random.child(`client-${number}`);
    const session = `session-${number}-${random.nonce(6)}` as SessionId;
    const transport = this.network.transport(`client-${number}`);
    return { components: { scheduler: this.scheduler, random, transport }, session };
  }

  #addressesOf(frontends: readonly string[]): string[] {
    return this.frontends
      .filter(({ name }) => frontends.length === 0 || frontends.includes(name))
      .map(({ address }) => address);
  }

  #members() {
    return this.replicas.map(({ name, address }) => ({ name, address }));
  }

  #newDisk(): MemoryDisk {
    const disk = new MemoryDisk();
    const random = this.random.child(`disk-${this.random.nonce(4)}`);
    disk.beforeWrite = () =>
      new Promise((resolve) => {
        const delayMs = WRITE_LEAST_MS + random.below(WRITE_MOST_MS);
        this.scheduler.after(delayMs, resolve);
      });
    return disk;
  }

  /** Somebody who asks to be woken at once, again and again, would make a test run for ever. */
  #runNext(): void {
    const nowMs = this.scheduler.monotonicMs();
    this.#eventsNow = nowMs === this.#lastEventMs ? this.#eventsNow + 1 : 0;
    this.#lastEventMs = nowMs;
    if (this.#eventsNow > 100_000) throw new Error(`time stands still at ${nowMs} ms`);
    this.scheduler.runNext();
  }

  #transportOf(host: Name): Transport {
    const transport = this.network.transport(host);
    return this.#init.wrapTransport?.(host, transport) ?? transport;
  }

  #keepConnected(transport: Transport): KeepConnected {
    const { scheduler, random } = this;
    return (address, onConnection) =>
      keepConnected({ transport, address, scheduler, random: random.child(address), onConnection });
  }

  #sink(host: Name): EventSink {
    return {
      trace: (trace, atMs) => this.events.push(toTraceEvent(trace, host, atMs)),
      say: (level, message) => this.said.push(`${level} ${host}: ${message}`),
    };
  }
}

/** Promises settle between two events: as in a real event loop, before the next timer runs. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const names = (prefix: string, count: number): Name[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}` as Name);

function found<Host extends { readonly name: string }>(hosts: readonly Host[], name: string): Host {
  const host = hosts.find((each) => each.name === name);
  if (host === undefined) throw new Error(`no host ${name}`);
  return host;
}
