/**
 * A journal in memory, for simulations and for replicas without a directory. What survives a crash is
 * in a MemoryDisk; a MemoryJournal is one process's use of it. Like the one on disk it writes files one
 * after the other, beside the groups, and takes nothing more once a write has failed.
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
import { type DiskWrite, type MemoryDisk, reasonOf } from './memory-disk.js';

export { MemoryDisk, type WriteFate, type WriteKind } from './memory-disk.js';

const nothing = (): void => {};

export class MemoryJournal implements Journal {
  readonly damage: JournalDamage | null;
  readonly #disk: MemoryDisk;
  readonly #life: number;
  #syncs = 0;
  #bytes = 0;
  #isAppending = false;
  #end: FatalError | null = null;
  /** Ends with the newest write of a file. */
  #fileWrites: Promise<void> = Promise.resolve();

  constructor(disk: MemoryDisk) {
    this.#disk = disk;
    this.#life = disk.life;
    this.damage = disk.damage;
  }

  get statistics(): JournalStatistics {
    return { syncs: this.#syncs, bytes: this.#bytes };
  }

  async *groups(): AsyncGenerator<JournalGroup> {
    this.#expectReadable('groups');
    const { trimmed, groups } = this.#disk;
    for (const [index, bytes] of groups.entries()) yield { number: trimmed + index + 1, bytes };
  }

  async append(bytes: Uint8Array): Promise<void> {
    assert(!this.#isAppending, 'appends must not overlap');
    this.#isAppending = true;
    const kept = bytes.slice();
    const take = (): void => {
      this.#disk.groups.push(kept);
      this.#disk.damage = null;
      this.#disk.onGroup(kept);
    };
    try {
      await this.#write({ kind: 'group', take, tear: nothing }, bytes.length);
    } finally {
      this.#isAppending = false;
    }
  }

  async *snapshots(): AsyncGenerator<StoredSnapshot> {
    this.#expectReadable('snapshots');
    const newestFirst = [...this.#disk.snapshots].sort(([a], [b]) => b - a);
    for (const [throughGroup, bytes] of newestFirst) yield { throughGroup, bytes };
  }

  async saveSnapshot({ throughGroup, bytes }: StoredSnapshot): Promise<void> {
    const disk = this.#disk;
    assert(throughGroup <= disk.lastGroup, `no group ${throughGroup} for a snapshot to hold`);
    const kept = bytes.slice();
    const take = (): void => disk.saveSnapshot(throughGroup, kept);
    const tear = (): void => disk.tearSnapshot(throughGroup);
    await this.#writeFile({ kind: 'snapshot', take, tear }, bytes.length);
  }

  async trim(throughGroup: number): Promise<void> {
    const disk = this.#disk;
    assert(throughGroup <= disk.lastGroup, `no group ${throughGroup} to let go of`);
    await this.#writeFile({ kind: 'trim', take: () => disk.trim(throughGroup), tear: nothing }, 0);
  }

  async readMeta(key: string): Promise<Uint8Array | null> {
    this.#expectReadable(`metadata ${key}`);
    return this.#disk.metadata.get(key) ?? null;
  }

  async writeMeta(key: string, value: Uint8Array | null): Promise<void> {
    const { metadata } = this.#disk;
    const kept = value?.slice();
    const take = (): void => {
      if (kept === undefined) metadata.delete(key);
      else metadata.set(key, kept);
    };
    await this.#writeFile({ kind: 'metadata', take, tear: nothing }, kept?.length ?? 0);
  }

  /** Waits for files under way, unless the process is dead: those never end. */
  async close(): Promise<void> {
    this.#end ??= new FatalError('the journal is closed');
    if (this.#life === this.#disk.life) await this.#fileWrites;
  }

  #expectReadable(what: string): void {
    const { readFault } = this.#disk;
    if (readFault !== null) throw new FatalError(`cannot read ${what}: ${readFault}`);
  }

  #writeFile(write: DiskWrite, size: number): Promise<void> {
    const written = this.#fileWrites.then(() => this.#write(write, size));
    this.#fileWrites = written.catch(nothing);
    return written;
  }

  async #write(write: DiskWrite, size: number): Promise<void> {
    if (this.#end !== null) throw this.#end;
    try {
      await this.#disk.write(this.#life, write);
    } catch (cause) {
      this.#end ??= new FatalError(`cannot write ${write.kind}: ${reasonOf(cause)}`, { cause });
      throw this.#end;
    }
    this.#syncs += 1;
    this.#bytes += size;
  }
}
