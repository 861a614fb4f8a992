/**
 * The places of one replica's identities in memory, for simulations and for replicas that keep nothing.
 * What a process has begun and not finished when it dies is not there for the next one.
 *
 * For a simulator: make one place a host, give it disks with the host's faults by `newDisk`, and start a
 * `ReplicaLife` (src/node/replica-life.ts) on it for each life of the process. `disk` is the present one:
 * faults and crashes strike there. A disk that is lost: `lose()`. One that is put back as it was: set
 * `present` to a copy made earlier of both its disk and its identity. A clone: another place with that.
 */

import { assert } from '../base/assert.js';
import { keyOf, type UpdateBody } from '../log/record.js';
import type {
  Beginning,
  Identity,
  KeptForPeople,
  ReplicaPlace,
  Residence,
} from '../ports/replica-place.js';
import { MemoryDisk, MemoryJournal } from './memory-journal.js';

/** An identity and its disk. */
export interface MemoryResidence {
  readonly identity: Identity;
  readonly disk: MemoryDisk;
  /** Updates that nobody will execute. */
  readonly unsettled: Map<string, UpdateBody>;
}

export class MemoryPlace implements ReplicaPlace {
  readonly where = 'memory';
  present: MemoryResidence | null = null;
  /** Those that are over, oldest first. */
  readonly retired: MemoryResidence[] = [];
  readonly #newDisk: () => MemoryDisk;
  /** What the next identity is made on. */
  #next: MemoryDisk | null = null;

  constructor(newDisk: () => MemoryDisk = () => new MemoryDisk()) {
    this.#newDisk = newDisk;
  }

  /** What a process that runs now writes to. */
  get disk(): MemoryDisk | null {
    return this.#next ?? this.present?.disk ?? null;
  }

  /** Everything is gone, as with a new machine under an old name. No process may use it. */
  lose(): void {
    this.present = null;
    this.#next = null;
  }

  async open(): Promise<Residence | null> {
    this.#next = null;
    return this.#opened();
  }

  async begin({ identity, snapshot, metadata }: Beginning): Promise<Residence> {
    const disk = this.#newDisk();
    this.#next = disk;
    const journal = new MemoryJournal(disk);
    await journal.saveSnapshot({ throughGroup: 0, bytes: snapshot });
    for (const [key, value] of metadata) await journal.writeMeta(key, value);
    await journal.close();
    if (this.present !== null) this.retired.push(this.present);
    this.present = { identity, disk, unsettled: new Map() };
    this.#next = null;
    const opened = this.#opened();
    assert(opened !== null, 'what was made is there');
    return opened;
  }

  async putAway(): Promise<string> {
    if (this.present !== null) this.retired.push(this.present);
    this.present = null;
    return `memory, as number ${this.retired.length} of those that are over`;
  }

  async release(): Promise<void> {}

  async keep(_: KeptForPeople, updates: readonly UpdateBody[]): Promise<string> {
    for (const update of updates) this.present?.unsettled.set(keyOf(update), update);
    return 'memory';
  }

  #opened(): Residence | null {
    if (this.present === null) return null;
    const { identity, disk } = this.present;
    return { identity, journal: new MemoryJournal(disk) };
  }
}
