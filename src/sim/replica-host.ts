/**
 * A replica's machine: the places of its identities, and the process that uses them. The process may die
 * at any moment, also while it starts or joins, and between any two of its effects on the world outside:
 * frames and writes.
 */

import { assert } from '../base/assert.js';
import type { FatalError, HearsayError } from '../base/errors.js';
import { type MemberId, memberIdOf, type Name } from '../base/ids.js';
import type { Random } from '../base/random.js';
import type { ReplicaDriver } from '../node/replica-driver.js';
import { type LifeCluster, ReplicaLife } from '../node/replica-life.js';
import type { StateDatabase } from '../ports/database.js';
import type { Beginning, Residence } from '../ports/replica-place.js';
import { DEFAULT_TUNING, type ReplicaTuning } from '../replica/state.js';
import { MemoryDisk } from '../storage/memory-disk.js';
import { MemoryPlace, type MemoryResidence } from '../storage/memory-place.js';
import type { LogAudit } from './audit/log-audit.js';
import { Host, type Surroundings } from './host.js';

export interface ReplicaHostInit {
  readonly machine: Name;
  /** Of the replica: another machine may have one of the same name. */
  readonly name: Name;
  /** Where members are not given: it founds the cluster. */
  readonly founds: boolean;
  readonly openDatabase: () => Promise<StateDatabase>;
  readonly tuning: Partial<ReplicaTuning>;
  readonly initialState: Uint8Array | null;
  readonly snapshotEvery: number | undefined;
  /** Looks at every write to the disks. */
  readonly audit: LogAudit;
  readonly onHalt: (error: FatalError | HearsayError) => void;
  /** An operator has removed it: its process has ended, and is not to be started again. */
  readonly onRemoved: () => void;
  /** It has begun anew with a member's snapshot. */
  readonly onJoined: () => void;
}

/** Writes take a while, ms: this long at least, and less than so much more. */
export interface DiskSpeed {
  readonly leastMs: number;
  readonly spreadMs: number;
}

const NORMAL_SPEED: DiskSpeed = { leastMs: 1, spreadMs: 4 };

/** Cluster versions that it can run. */
const VERSIONS = [1, 2] as const;

interface Process {
  life: ReplicaLife | null;
  readonly databases: StateDatabase[];
  isAlive: boolean;
  /** Ends the waiting for what it was to do. */
  readonly death: Promise<void>;
  readonly onDeath: () => void;
}

export class ReplicaHost extends Host {
  readonly address: string;
  /** The replica's; the machine has a name of its own, mostly the same. */
  readonly replica: Name;
  diskSpeed: DiskSpeed = NORMAL_SPEED;
  /** While set, every write fails with it. */
  writeFault: string | null = null;
  /** Cluster versions that its program can run: those of the next start. */
  versions: readonly [number, number] = VERSIONS;
  readonly #init: ReplicaHostInit;
  readonly #random: Random;
  readonly #place: AuditedPlace;
  #process: Process | null = null;
  #starts = 0;
  #actionsLeft: number | null = null;

  constructor(surroundings: Surroundings, init: ReplicaHostInit) {
    super(surroundings, init.machine);
    this.#init = init;
    this.replica = init.name;
    this.#random = surroundings.random.child(`host-${init.machine}`);
    this.address = addressOf(init.machine);
    this.#place = new AuditedPlace(init, () => this.#newDisk());
    surroundings.network.onSend.set(this.name, () => this.#onAction());
  }

  /** The replica that runs now; null also while the process joins. */
  get driver(): ReplicaDriver | null {
    return this.#process?.life?.driver ?? null;
  }

  get database(): StateDatabase | null {
    return this.driver === null ? null : (this.#process?.databases.at(-1) ?? null);
  }

  get isMember(): boolean {
    return this.driver?.isMember === true;
  }

  /** Its present identity; null before the first. */
  get memberId(): MemberId | null {
    const { present } = this.#place;
    return present === null ? null : memberIdOf(this.replica, present.identity.nonce);
  }

  /** The disk of its present identity, or of the one that it begins; null before the first. */
  get disk(): MemoryDisk | null {
    return this.#place.disk;
  }

  /** While set, all reading fails with it. */
  get readFault(): string | null {
    return this.disk?.readFault ?? null;
  }

  set readFault(fault: string | null) {
    if (this.disk !== null) this.disk.readFault = fault;
  }

  setNormalSpeed(): void {
    this.diskSpeed = NORMAL_SPEED;
  }

  /**
   * Starts a process on what is there. Rejects with FatalError where a real one would end with a status;
   * then nothing runs. Resolves also when the process is killed meanwhile, and while it waits to join.
   */
  async start(): Promise<void> {
    assert(!this.isUp, `${this.name} runs already`);
    const { service, trace, transportOf, keepConnected, sinkOf } = this.surroundings;
    const { name, replica, versions } = this;
    const { tuning, snapshotEvery } = this.#init;
    const scheduler = this.begin();
    let onDeath = (): void => {};
    const death = new Promise<void>((resolve) => {
      onDeath = resolve;
    });
    const process: Process = { life: null, databases: [], isAlive: true, death, onDeath };
    this.#process = process;
    const transport = transportOf(name);
    const starting = ReplicaLife.start(
      {
        scheduler,
        random: this.#random.child(`process-${++this.#starts}`),
        transport,
        keepConnected: keepConnected(name, transport, scheduler),
        place: this.#place,
        openDatabase: async () => {
          const database = await this.#init.openDatabase();
          process.databases.push(database);
          return database;
        },
        service,
        sink: sinkOf(name),
        loopDelayMs: () => 0,
      },
      {
        name: replica,
        cluster: this.#cluster(),
        versions,
        listen: this.address,
        advertise: null,
        pid: 1,
        tuning: { ...DEFAULT_TUNING, trace, ...tuning },
        ...(snapshotEvery === undefined ? {} : { snapshotEvery }),
        initial: () => this.#initial(),
        expectsInitial: false,
        onHalt: (error) => {
          if (!process.isAlive) return;
          // As a process prints it that ends with this.
          sinkOf(name).say('error', error.message);
          this.#init.onHalt(error);
          void this.#end('kept');
        },
        onRemoved: () => {
          if (!process.isAlive) return;
          void this.#end('kept');
          this.#init.onRemoved();
        },
      },
    );
    const failures: unknown[] = [];
    const started = starting.then(
      async (life) => {
        if (process.isAlive) process.life = life;
        else await life.kill();
      },
      async (error: unknown) => {
        if (!process.isAlive) return;
        failures.push(error);
        await this.#end('kept');
      },
    );
    await Promise.race([started, death]);
    for (const error of failures) throw error;
  }

  /** The process dies between two effects; of what was not synced any part may be on the disk. */
  async crash(): Promise<void> {
    await this.#end('drawn');
  }

  /** The process dies just before its `actions`-th frame or write from now. */
  crashAfter(actions: number): void {
    this.#actionsLeft = actions;
  }

  /** The process ends as on SIGTERM: what is in hand is answered, everything is brought to the disk. */
  async shutDown(): Promise<void> {
    const process = this.#process;
    if (process === null) return;
    await Promise.race([process.life?.drain(), process.death]);
    if (process.isAlive) await this.#end('kept');
  }

  /** What was there of a replica that does not run is gone. */
  loseDisk(): void {
    assert(!this.isUp, `${this.name} still runs`);
    this.#place.lose();
  }

  /** A group of the journal cannot be read any more; the replica does not run. */
  damageGroup(number: number): void {
    assert(!this.isUp, `${this.name} still runs`);
    const { disk } = this;
    if (disk === null) return;
    disk.damageGroup(number);
    this.#init.audit.cut(disk, number);
  }

  /** A copy of what is there now, as of one instant; null where nothing is. */
  copyDisk(): MemoryResidence | null {
    const { present } = this.#place;
    if (present === null) return null;
    const disk = new MemoryDisk();
    present.disk.copyTo(disk);
    this.#init.audit.copied(present.disk, disk);
    return { ...present, disk };
  }

  /** What is there is replaced by a copy; the replica does not run. The copy can be used again. */
  putBack({ identity, disk: copied, unsettled }: MemoryResidence): void {
    assert(!this.isUp, `${this.name} still runs`);
    const disk = this.#newDisk();
    copied.copyTo(disk);
    this.#init.audit.copied(copied, disk);
    this.#place.present = { identity, disk, unsettled };
  }

  stateHash(): string | null {
    const { database } = this;
    return database === null ? null : this.surroundings.service.stateHash(database);
  }

  #cluster(): LifeCluster {
    const { members, discovery } = this.surroundings;
    if (members.length > 0) return { kind: 'fixed', members };
    const addresses = (): string[] =>
      discovery.addresses().filter((address) => address !== this.address);
    const seeds = { addresses, refresh: () => discovery.refresh() };
    const founds = this.#init.founds && this.#starts === 1;
    return { kind: 'founded', founds, seeds, replaces: true, clusterId: null };
  }

  async #initial(): Promise<{ readonly stateHash: string; readonly database: Uint8Array }> {
    const { initialState } = this.#init;
    if (initialState !== null) return { stateHash: 'simulated', database: initialState };
    const initial = await this.#init.openDatabase();
    this.surroundings.service.createTables(initial);
    const database = initial.export();
    initial.close();
    return { stateHash: 'simulated', database };
  }

  #onAction(): void {
    if (this.#actionsLeft === null || !this.isUp) return;
    this.#actionsLeft--;
    if (this.#actionsLeft > 0) return;
    void this.crash();
  }

  async #end(pending: 'kept' | 'drawn'): Promise<void> {
    const process = this.#process;
    this.#actionsLeft = null;
    this.end();
    this.disk?.crash(
      pending === 'kept' ? 'kept' : () => this.#random.pick(['kept', 'lost', 'torn'] as const),
    );
    this.#process = null;
    if (process === null) return;
    process.isAlive = false;
    process.onDeath();
    await process.life?.kill();
    // What was under way with them fails, and nobody hears of it.
    for (const database of process.databases) database.close();
  }

  #newDisk(): MemoryDisk {
    const disk = new MemoryDisk();
    const random = this.#random.child(`disk-${this.#random.nonce(4)}`);
    disk.beforeWrite = () => {
      this.#onAction();
      if (this.writeFault !== null) return Promise.reject(new Error(this.writeFault));
      const delayMs = this.diskSpeed.leastMs + random.below(this.diskSpeed.spreadMs);
      return new Promise((resolve) => {
        // A frozen process does not hear of it, nor does a dead one.
        this.processScheduler.after(delayMs, resolve);
      });
    };
    return disk;
  }
}

/** Where the replica on a machine listens. */
export const addressOf = (machine: Name): string => `${machine}:7200`;

/** Places whose disks are looked at from their beginning. */
class AuditedPlace extends MemoryPlace {
  readonly #init: ReplicaHostInit;

  constructor(init: ReplicaHostInit, newDisk: () => MemoryDisk) {
    super(newDisk);
    this.#init = init;
  }

  override async begin(beginning: Beginning): Promise<Residence> {
    const { name, audit, onJoined } = this.#init;
    const residence = await super.begin(beginning);
    const { disk } = this;
    if (disk !== null) audit.watch(disk, memberIdOf(name, beginning.identity.nonce));
    if (beginning.identity.clusterId !== null) onJoined();
    return residence;
  }
}
