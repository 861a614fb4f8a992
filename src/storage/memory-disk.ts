/**
 * The contents of a disk in memory, and its faults: it takes its time, is full, cannot be read, loses
 * or tears what is under way at a crash, and damages groups. What the real files (level-journal.ts,
 * group-recovery.ts) would find wrong when they are opened is decided here when the fault strikes:
 * nobody looks in between.
 */

import { assert } from '../base/assert.js';
import type { JournalDamage } from '../ports/journal.js';

/** Kept besides the initial one, as on disk. */
const SNAPSHOTS_KEPT = 2;

/** What a write under way at a crash was to change. */
export type WriteKind = 'group' | 'snapshot' | 'metadata' | 'trim';

/**
 * What becomes of it. A torn group is an unfinished record at the end of LevelDB's log, and dropped
 * without a word like a lost one: nobody was told of it. A torn snapshot is a file half written under
 * its own name, as a disk leaves it that renames before it has flushed; it is left out when snapshots
 * are read. Torn metadata are the value before: they are written under another name. What was to be let
 * go of is there as a whole, or not at all.
 */
export type WriteFate = 'kept' | 'lost' | 'torn';

/** The fate of all writes under way, or what is asked for each. */
export type CrashFate = 'kept' | 'lost' | ((kind: WriteKind) => WriteFate);

/** A write as the disk sees it. */
export interface DiskWrite {
  readonly kind: WriteKind;
  readonly take: () => void;
  /** What it leaves behind when it is torn. */
  readonly tear: () => void;
}

export class MemoryDisk {
  /** Those that were not let go of. */
  readonly groups: Uint8Array[] = [];
  /** How many were. */
  trimmed = 0;
  /** Whole ones, by the last group that they may hold. */
  readonly snapshots = new Map<number, Uint8Array>();
  readonly metadata = new Map<string, Uint8Array>();
  damage: JournalDamage | null = null;
  /** While set, all reading fails with it (`EIO: i/o error, read`). */
  readFault: string | null = null;
  /** Awaited by every write before it takes effect; a rejection makes the write fail (disk full). */
  beforeWrite: () => Promise<void> = () => Promise.resolve();
  /** Told of each group that has reached the disk. */
  onGroup: (bytes: Uint8Array) => void = () => {};
  /** Counts crashes: a journal opened before the last one is dead. */
  life = 0;
  readonly #pending = new Set<DiskWrite>();
  readonly #tornSnapshots = new Set<number>();

  /**
   * The process is gone, and nobody hears how its writes end. Of those under way, each meets a fate of
   * its own: a group may be lost and a snapshot kept that was begun later, as on a disk that writes in
   * any order. In which order those that are kept arrive makes no difference: there is at most one group
   * and one file.
   */
  crash(fate: CrashFate = 'lost'): void {
    this.life += 1;
    for (const { kind, take, tear } of this.#pending) {
      const own = typeof fate === 'string' ? fate : fate(kind);
      if (own === 'kept') take();
      else if (own === 'torn') tear();
    }
    this.#pending.clear();
  }

  /** Does a write once the disk has taken its time; `life` is the one of the process that writes. */
  async write(life: number, write: DiskWrite): Promise<void> {
    // A dead process writes nothing, and hears nothing any more, neither success nor failure.
    if (life !== this.life) return neverSettled();
    this.#pending.add(write);
    const failure = await this.beforeWrite().then(
      () => null,
      (cause: unknown) => ({ cause }),
    );
    if (life !== this.life) return neverSettled();
    this.#pending.delete(write);
    if (failure !== null) throw new Error(reasonOf(failure.cause), failure);
    write.take();
  }

  /** Gives another disk, which is empty, the same contents; what is under way is not among them. */
  copyTo(other: MemoryDisk): void {
    other.groups.push(...this.groups);
    other.trimmed = this.trimmed;
    for (const [throughGroup, bytes] of this.snapshots) other.snapshots.set(throughGroup, bytes);
    for (const [key, value] of this.metadata) other.metadata.set(key, value);
    other.damage = this.damage;
  }

  /** The number of the newest group; 0 = none. */
  get lastGroup(): number {
    return this.trimmed + this.groups.length;
  }

  trim(throughGroup: number): void {
    this.groups.splice(0, throughGroup - this.trimmed);
    this.trimmed = Math.max(this.trimmed, throughGroup);
    this.snapshots.delete(0);
    this.#tornSnapshots.delete(0);
  }

  saveSnapshot(throughGroup: number, bytes: Uint8Array): void {
    this.snapshots.set(throughGroup, bytes);
    this.#tornSnapshots.delete(throughGroup);
    // By their names: one that is damaged takes up a place, as on disk.
    const later = [...this.snapshots.keys(), ...this.#tornSnapshots].filter((number) => number > 0);
    for (const old of later.sort((a, b) => b - a).slice(SNAPSHOTS_KEPT)) {
      this.snapshots.delete(old);
      this.#tornSnapshots.delete(old);
    }
  }

  tearSnapshot(throughGroup: number): void {
    if (!this.snapshots.has(throughGroup)) this.#tornSnapshots.add(throughGroup);
  }

  /**
   * The group becomes unreadable, while no process uses the disk: the next journal finds it so, sets
   * aside what follows, and tells so until something is appended. It may happen again before that.
   */
  damageGroup(number: number): void {
    assert(number > this.trimmed && number <= this.lastGroup, `no group ${number}`);
    assert(this.#pending.size === 0, 'a process writes to this disk');
    const removed = this.groups.splice(number - this.trimmed - 1);
    const readable = removed.map((bytes, index) => ({ number: number + index, bytes })).slice(1);
    for (const numbers of [this.snapshots, this.#tornSnapshots]) {
      for (const throughGroup of [...numbers.keys()]) {
        if (throughGroup >= number) numbers.delete(throughGroup);
      }
    }
    this.damage = {
      firstGroup: number,
      reason: `group ${number} has a wrong checksum`,
      groupsLost: true,
      movedTo: 'nowhere',
      readable: [...readable, ...(this.damage?.readable ?? [])],
    };
  }
}

export const reasonOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);

const neverSettled = (): Promise<never> => new Promise(() => {});
