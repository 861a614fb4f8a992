/**
 * A replica's machine: the disk and the process that uses it. The process may die at any moment, also
 * while it starts, and between any two of its effects on the world outside: frames and writes.
 */

import { assert } from '../base/assert.js';
import type { FatalError } from '../base/errors.js';
import { memberIdOf, type Name, originOf } from '../base/ids.js';
import type { Random } from '../base/random.js';
import { ReplicaDriver } from '../node/replica-driver.js';
import { encodeSnapshot } from '../node/snapshot.js';
import type { StateDatabase } from '../ports/database.js';
import { DEFAULT_TUNING, EMPTY_SNAPSHOT, type ReplicaTuning } from '../replica/state.js';
import { MemoryDisk, MemoryJournal } from '../storage/memory-journal.js';
import { Host, type Surroundings } from './host.js';

export interface ReplicaHostInit {
  readonly name: Name;
  readonly openDatabase: () => Promise<StateDatabase>;
  readonly tuning: Partial<ReplicaTuning>;
  readonly initialState: Uint8Array | null;
  readonly snapshotEvery: number | undefined;
  readonly onHalt: (error: FatalError) => void;
  /** The process is gone; the disk is as the next one will find it. */
  readonly onEnd: () => void;
}

/** Writes take a while, ms: this long at least, and less than so much more. */
export interface DiskSpeed {
  readonly leastMs: number;
  readonly spreadMs: number;
}

const NORMAL_SPEED: DiskSpeed = { leastMs: 1, spreadMs: 4 };

interface Process {
  readonly database: StateDatabase;
  driver: ReplicaDriver | null;
  isAlive: boolean;
  /** Ends the waiting for what it was to do. */
  readonly death: Promise<void>;
  readonly onDeath: () => void;
}

export class ReplicaHost extends Host {
  readonly address: string;
  disk: MemoryDisk;
  diskSpeed: DiskSpeed = NORMAL_SPEED;
  /** While set, every write fails with it. */
  writeFault: string | null = null;
  readonly #init: ReplicaHostInit;
  readonly #random: Random;
  #memberNonce: string;
  #process: Process | null = null;
  #actionsLeft: number | null = null;

  constructor(surroundings: Surroundings, init: ReplicaHostInit) {
    super(surroundings, init.name);
    this.#init = init;
    this.#random = surroundings.random.child(`host-${init.name}`);
    this.address = `${init.name}:7200`;
    this.disk = this.#newDisk();
    this.#memberNonce = this.#random.nonce(8);
    surroundings.network.onSend.set(this.name, () => this.#onAction());
  }

  /** The process that has started and runs, or null. */
  get driver(): ReplicaDriver | null {
    return this.#process?.driver ?? null;
  }

  get database(): StateDatabase | null {
    return this.#process?.database ?? null;
  }

  setNormalSpeed(): void {
    this.diskSpeed = NORMAL_SPEED;
  }

  /**
   * Starts a process on what is on the disk. Rejects with FatalError where a real one would end with
   * status 4; then nothing runs. Resolves also when the process is killed meanwhile.
   */
  async start(): Promise<void> {
    assert(!this.isUp, `${this.name} runs already`);
    const { service, members, trace, transportOf, keepConnected, sinkOf } = this.surroundings;
    const { name } = this;
    const { tuning, snapshotEvery } = this.#init;
    const scheduler = this.begin();
    let onDeath = (): void => {};
    const death = new Promise<void>((resolve) => {
      onDeath = resolve;
    });
    const database = await this.#init.openDatabase();
    const process: Process = { database, driver: null, isAlive: true, death, onDeath };
    this.#process = process;
    if (!this.disk.snapshots.has(0)) this.disk.snapshots.set(0, await this.#initialSnapshot());
    const memberId = memberIdOf(name, this.#memberNonce);
    const transport = transportOf(name);
    const starting = ReplicaDriver.start(
      {
        scheduler,
        random: this.#random.child('process'),
        transport,
        keepConnected: keepConnected(name, transport, scheduler),
        journal: new MemoryJournal(this.disk),
        database,
        service,
        sink: sinkOf(name),
        loopDelayMs: () => 0,
      },
      {
        name,
        memberId,
        origin: originOf(memberId, this.#random.nonce(6)),
        members,
        initialHash: 'simulated',
        listen: this.address,
        advertise: null,
        pid: 1,
        tuning: { ...DEFAULT_TUNING, trace, ...tuning },
        ...(snapshotEvery === undefined ? {} : { snapshotEvery }),
        onHalt: (error) => this.#onHalt(process, error),
      },
    );
    const started = starting.then(
      async (driver) => {
        if (process.isAlive) process.driver = driver;
        else await driver.kill();
      },
      (error: unknown) => {
        if (!process.isAlive) return;
        this.#end('kept');
        throw error;
      },
    );
    await Promise.race([started, death]);
  }

  /** The process dies between two effects; of what was not synced any part may be on the disk. */
  async crash(): Promise<void> {
    const driver = this.driver;
    this.#end('drawn');
    await driver?.kill();
  }

  /** The process dies just before its `actions`-th frame or write from now. */
  crashAfter(actions: number): void {
    this.#actionsLeft = actions;
  }

  /** The process ends as on SIGTERM: everything is brought to the disk. */
  async shutDown(): Promise<void> {
    const process = this.#process;
    if (process === null) return;
    await Promise.race([process.driver?.close(), process.death]);
    if (process.isAlive) this.#end('kept');
  }

  /** The disk of a replica that does not run is replaced by an empty one. */
  loseDisk(): void {
    assert(!this.isUp, `${this.name} still runs`);
    this.disk = this.#newDisk();
    this.#memberNonce = this.#random.nonce(8);
  }

  stateHash(): string | null {
    const { database } = this;
    return database === null ? null : this.surroundings.service.stateHash(database);
  }

  #onHalt(process: Process, error: FatalError): void {
    this.#init.onHalt(error);
    const { driver } = process;
    if (process.isAlive) this.#end('kept');
    void driver?.kill();
  }

  #onAction(): void {
    if (this.#actionsLeft === null || !this.isUp) return;
    this.#actionsLeft--;
    if (this.#actionsLeft > 0) return;
    void this.crash();
  }

  #end(pending: 'kept' | 'drawn'): void {
    const process = this.#process;
    this.#actionsLeft = null;
    this.end();
    this.disk.crash(
      pending === 'kept' ? 'kept' : () => this.#random.pick(['kept', 'lost', 'torn'] as const),
    );
    this.#process = null;
    this.#init.onEnd();
    if (process === null) return;
    process.isAlive = false;
    process.onDeath();
    // A driver closes its database itself.
    if (process.driver === null) process.database.close();
  }

  async #initialSnapshot(): Promise<Uint8Array> {
    if (this.#init.initialState !== null) {
      return encodeSnapshot(EMPTY_SNAPSHOT, this.#init.initialState);
    }
    const initial = await this.#init.openDatabase();
    this.surroundings.service.createTables(initial);
    const snapshot = encodeSnapshot(EMPTY_SNAPSHOT, initial.export());
    initial.close();
    return snapshot;
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
