/**
 * The journal on disk. In its folder: `groups`, the update log in LevelDB (one synced key a group
 * commit); `tail`, the number of the newest group; `snapshots` and `metadata`, checked files; `lock`;
 * and `damaged-DATE`, what was set aside and is never touched again.
 *
 * What was acknowledged is found again or its loss is named (G1): opening verifies every group, and
 * compares their number with the tail mark and with the snapshots. A write that fails is the last:
 * nothing may be told that follows it (PROTOCOL A2).
 */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../base/assert.js';
import { FatalError } from '../base/errors.js';
import type {
  Journal,
  JournalDamage,
  JournalGroup,
  JournalStatistics,
  StoredSnapshot,
} from '../ports/journal.js';
import {
  makeDirectory,
  openDirectoryOfFiles,
  readCheckedFile,
  syncDirectory,
  writeCheckedFile,
} from './atomic-file.js';
import { GroupLog } from './group-log.js';
import { MOVE_AWAY, openGroups } from './group-recovery.js';
import { lockFolder, reasonOf } from './level-database.js';
import { SnapshotFiles } from './snapshot-files.js';
import { TailMark } from './tail-mark.js';

const META_KEY = /^[a-z][a-z0-9-]{0,63}$/;

export interface LevelJournalInit {
  readonly folder: string;
  /** Make the journal when there is none; without, a missing update log is a FatalError. */
  readonly create: boolean;
}

interface Parts {
  readonly folder: string;
  readonly log: GroupLog;
  readonly tail: TailMark;
  readonly snapshots: SnapshotFiles;
  readonly unlock: () => Promise<void>;
}

/**
 * Opens the journal in `folder` and verifies all of it.
 * Throws FatalError when another process uses it, when it is missing, or when it cannot be opened.
 */
export async function openLevelJournal({
  folder,
  create,
}: LevelJournalInit): Promise<LevelJournal> {
  // What is open so far, to be closed in reverse if the rest fails.
  const opened: (() => Promise<void> | void)[] = [];
  try {
    await makeDirectory(folder);
    const unlock = await lockFolder(folder);
    opened.push(unlock);
    await openDirectoryOfFiles(join(folder, 'metadata'));
    const snapshots = new SnapshotFiles(join(folder, 'snapshots'));
    await snapshots.open();
    const tail = new TailMark(join(folder, 'tail'));
    opened.push(() => tail.close());
    const [newestSnapshot = 0] = await snapshots.numbers();
    const writtenAtLeast = Math.max(tail.read(), newestSnapshot);
    const log = new GroupLog(await openGroups({ folder, create, writtenAtLeast }));
    opened.push(() => log.close());
    if (log.damage !== null) await snapshots.moveAway(log.damage.firstGroup, log.damage.movedTo);
    return new LevelJournal({ folder, log, tail, snapshots, unlock });
  } catch (error) {
    for (const close of opened.reverse()) await close();
    if (error instanceof FatalError) throw error;
    const message = `cannot open the journal in ${folder}: ${reasonOf(error)}`;
    throw new FatalError(message, { cause: error });
  }
}

export class LevelJournal implements Journal {
  readonly damage: JournalDamage | null;
  readonly #parts: Parts;
  #syncs = 0;
  #bytes = 0;
  #isAppending = false;
  /** Set by the first write that fails, and by close: every later write is refused with it. */
  #end: FatalError | null = null;
  #closing: Promise<void> | null = null;
  /** Ends with the newest write of a file: they go one after the other, beside the appends. */
  #fileWrites: Promise<void> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.damage = parts.log.damage;
  }

  get statistics(): JournalStatistics {
    return { syncs: this.#syncs, bytes: this.#bytes };
  }

  /** The number of the newest group, 0 = none. */
  get lastGroup(): number {
    return this.#parts.log.lastGroup;
  }

  groups(): AsyncIterable<JournalGroup> {
    return this.#parts.log.groups();
  }

  async append(bytes: Uint8Array): Promise<void> {
    assert(!this.#isAppending, 'appends must not overlap');
    this.#isAppending = true;
    const { log, tail } = this.#parts;
    try {
      await this.#write(`group ${log.lastGroup + 1}`, bytes.length, async () => {
        await log.append(bytes);
        if (this.#end === null) tail.write(log.lastGroup);
      });
    } finally {
      this.#isAppending = false;
    }
  }

  snapshots(): AsyncIterable<StoredSnapshot> {
    return this.#parts.snapshots.read();
  }

  async saveSnapshot(snapshot: StoredSnapshot): Promise<void> {
    const { log, snapshots } = this.#parts;
    const { throughGroup, bytes } = snapshot;
    assert(throughGroup <= log.lastGroup, `no group ${throughGroup} for a snapshot to hold`);
    await this.#writeFile(`snapshot ${throughGroup}`, bytes.length, () => snapshots.save(snapshot));
  }

  async trim(throughGroup: number): Promise<void> {
    const { log, snapshots } = this.#parts;
    assert(throughGroup <= log.lastGroup, `no group ${throughGroup} to let go of`);
    await this.#writeFile(`that groups up to ${throughGroup} are not needed`, 0, async () => {
      await log.trim(throughGroup);
      await snapshots.removeInitial();
    });
  }

  /** Throws FatalError when the value is damaged. */
  async readMeta(key: string): Promise<Uint8Array | null> {
    const path = this.#metaPath(key);
    const content = await readCheckedFile(path, `metadata ${key}`);
    if (content.kind !== 'damaged') return content.kind === 'whole' ? content.bytes : null;
    throw new FatalError(`${path} is damaged (${content.reason}): ${MOVE_AWAY}`);
  }

  async writeMeta(key: string, value: Uint8Array | null): Promise<void> {
    const path = this.#metaPath(key);
    await this.#writeFile(`metadata ${key}`, value?.length ?? 0, async () => {
      if (value !== null) return writeCheckedFile(path, `metadata ${key}`, value);
      await rm(path, { force: true });
      await syncDirectory(join(this.#parts.folder, 'metadata'));
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#end ??= new FatalError(`the journal in ${this.#parts.folder} is closed`);
    const { log, tail, unlock } = this.#parts;
    await this.#fileWrites;
    await log.close();
    tail.close();
    await unlock();
  }

  #metaPath(key: string): string {
    assert(META_KEY.test(key), `metadata key ${key}`);
    return join(this.#parts.folder, 'metadata', key);
  }

  #writeFile(what: string, size: number, write: () => Promise<void>): Promise<void> {
    const written = this.#fileWrites.then(() => this.#write(what, size, write));
    this.#fileWrites = written.catch(() => {});
    return written;
  }

  async #write(what: string, size: number, write: () => Promise<void>): Promise<void> {
    if (this.#end !== null) throw this.#end;
    try {
      await write();
    } catch (cause) {
      const where = `cannot write ${what} to ${this.#parts.folder}`;
      const advice =
        'nothing is lost that was acknowledged: mend the disk or make room, start again';
      this.#end ??= new FatalError(`${where}: ${reasonOf(cause)}; ${advice}`, { cause });
      throw this.#end;
    }
    this.#syncs += 1;
    this.#bytes += size;
  }
}
