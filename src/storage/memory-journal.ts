/**
 * A journal in memory, for simulations and for replicas without a directory. What survives a crash is
 * in a MemoryDisk; a MemoryJournal is one process's use of it. The disk can be told to take its time,
 * to fail, to crash and to lose groups: as the real one does, and as often as a test likes.
 */

import { assert } from '../base/assert.js';
import { FatalError } from '../base/errors.js';
import type {
  Journal,
  JournalDamage,
  JournalGroup,
  JournalStatistics,
  StoredSnapshot,
} from '../ports/journal.js';

/** Kept besides the initial one, as on disk. */
const SNAPSHOTS_KEPT = 2;

/** The contents of a disk, and its faults. */
export class MemoryDisk {
  readonly groups: Uint8Array[] = [];
  readonly snapshots = new Map<number, Uint8Array>();
  readonly metadata = new Map<string, Uint8Array>();
  damage: JournalDamage | null = null;
  /** Awaited by every write before it takes effect; a rejection makes the write fail (disk full). */
  beforeWrite: () => Promise<void> = () => Promise.resolve();
  /** Counts crashes: a journal opened before the last one is dead. */
  life = 0;
  readonly #pending = new Set<() => void>();

  /**
   * The process is gone, and nobody hears how its writes end: those under way leave nothing behind,
   * or (`pending` = kept) were on the disk already.
   */
  crash(pending: 'lost' | 'kept' = 'lost'): void {
    this.life += 1;
    if (pending === 'kept') for (const effect of this.#pending) effect();
    this.#pending.clear();
  }

  /** Does `effect` once the disk has taken its time; `life` is the one of the process that writes. */
  async write(life: number, effect: () => void): Promise<void> {
    if (life === this.life) this.#pending.add(effect);
    const failure = await this.beforeWrite().then(
      () => null,
      (cause: unknown) => ({ cause }),
    );
    // A dead process hears nothing any more, neither success nor failure.
    if (life !== this.life) return new Promise<never>(() => {});
    this.#pending.delete(effect);
    if (failure !== null) throw new Error(reasonOf(failure.cause), failure);
    effect();
  }

  /** The group becomes unreadable: the next journal finds it so, and sets aside what follows. */
  damageGroup(number: number): void {
    assert(number >= 1 && number <= this.groups.length, `no group ${number}`);
    const removed = this.groups.splice(number - 1);
    const readable = removed.map((bytes, index) => ({ number: number + index, bytes })).slice(1);
    for (const throughGroup of this.snapshots.keys()) {
      if (throughGroup >= number) this.snapshots.delete(throughGroup);
    }
    const reason = `group ${number} has a wrong checksum`;
    this.damage = { firstGroup: number, reason, groupsLost: true, movedTo: 'nowhere', readable };
  }
}

const reasonOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));

export class MemoryJournal implements Journal {
  readonly damage: JournalDamage | null;
  readonly #disk: MemoryDisk;
  readonly #life: number;
  #syncs = 0;
  #bytes = 0;
  #isAppending = false;
  #end: FatalError | null = null;

  constructor(disk: MemoryDisk) {
    this.#disk = disk;
    this.#life = disk.life;
    this.damage = disk.damage;
  }

  get statistics(): JournalStatistics {
    return { syncs: this.#syncs, bytes: this.#bytes };
  }

  async *groups(): AsyncGenerator<JournalGroup> {
    for (const [index, bytes] of this.#disk.groups.entries()) yield { number: index + 1, bytes };
  }

  async append(bytes: Uint8Array): Promise<void> {
    assert(!this.#isAppending, 'appends must not overlap');
    this.#isAppending = true;
    const kept = bytes.slice();
    try {
      await this.#write('a group', bytes.length, () => {
        this.#disk.groups.push(kept);
        this.#disk.damage = null;
      });
    } finally {
      this.#isAppending = false;
    }
  }

  async *snapshots(): AsyncGenerator<StoredSnapshot> {
    const newestFirst = [...this.#disk.snapshots].sort(([a], [b]) => b - a);
    for (const [throughGroup, bytes] of newestFirst) yield { throughGroup, bytes };
  }

  async saveSnapshot({ throughGroup, bytes }: StoredSnapshot): Promise<void> {
    const { groups, snapshots } = this.#disk;
    assert(throughGroup <= groups.length, `no group ${throughGroup} for a snapshot to hold`);
    const kept = bytes.slice();
    await this.#write('a snapshot', bytes.length, () => {
      snapshots.set(throughGroup, kept);
      const later = [...snapshots.keys()].filter((number) => number > 0).sort((a, b) => b - a);
      for (const old of later.slice(SNAPSHOTS_KEPT)) snapshots.delete(old);
    });
  }

  async readMeta(key: string): Promise<Uint8Array | null> {
    return this.#disk.metadata.get(key) ?? null;
  }

  async writeMeta(key: string, value: Uint8Array | null): Promise<void> {
    const kept = value?.slice();
    await this.#write('metadata', kept?.length ?? 0, () => {
      if (kept === undefined) this.#disk.metadata.delete(key);
      else this.#disk.metadata.set(key, kept);
    });
  }

  async close(): Promise<void> {
    this.#end ??= new FatalError('the journal is closed');
  }

  async #write(what: string, size: number, effect: () => void): Promise<void> {
    if (this.#end !== null) throw this.#end;
    try {
      await this.#disk.write(this.#life, effect);
    } catch (cause) {
      this.#end ??= new FatalError(`cannot write ${what}: ${reasonOf(cause)}`, { cause });
      throw this.#end;
    }
    this.#syncs += 1;
    this.#bytes += size;
  }
}
