/**
 * Snapshots as checked files, one each, named by the last group whose effects they may hold. Files
 * and not LevelDB values: a snapshot of 10 MB held up appends for 60 ms there, for 24 ms as a file,
 * and damage to the update log leaves snapshots alone.
 */

import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredSnapshot } from '../ports/journal.js';
import {
  openDirectoryOfFiles,
  readCheckedFile,
  syncDirectory,
  writeCheckedFile,
} from './atomic-file.js';

/** Kept besides the initial one, 0: when the newest turns out damaged there is one before it. */
const SNAPSHOTS_KEPT = 2;

const FILE_NAME = /^([0-9]{16})\.snapshot$/;

export class SnapshotFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async open(): Promise<void> {
    await openDirectoryOfFiles(this.#folder);
  }

  /** `throughGroup` of all files, newest first. */
  async numbers(): Promise<number[]> {
    const names = await readdir(this.#folder);
    const numbers = names.flatMap((name) => FILE_NAME.exec(name)?.[1] ?? []).map(Number);
    return numbers.sort((a, b) => b - a);
  }

  /** Whole snapshots, newest first; damaged ones are left out. */
  async *read(): AsyncGenerator<StoredSnapshot> {
    for (const throughGroup of await this.numbers()) {
      const content = await readCheckedFile(this.#path(throughGroup), labelOf(throughGroup));
      if (content.kind === 'whole') yield { throughGroup, bytes: content.bytes };
    }
  }

  /** Writes one, then removes all but the initial one and the newest two. */
  async save({ throughGroup, bytes }: StoredSnapshot): Promise<void> {
    await writeCheckedFile(this.#path(throughGroup), labelOf(throughGroup), bytes);
    const later = (await this.numbers()).filter((number) => number > 0);
    for (const old of later.slice(SNAPSHOTS_KEPT)) await rm(this.#path(old));
  }

  async removeInitial(): Promise<void> {
    await rm(this.#path(0), { force: true });
  }

  /** Moves those that may hold effects of `firstGroup` or later groups into another folder. */
  async moveAway(firstGroup: number, to: string): Promise<void> {
    const late = (await this.numbers()).filter((number) => number >= Math.max(firstGroup, 1));
    if (late.length === 0) return;
    for (const number of late) await rename(this.#path(number), join(to, fileName(number)));
    await syncDirectory(to);
    await syncDirectory(this.#folder);
  }

  #path(throughGroup: number): string {
    return join(this.#folder, fileName(throughGroup));
  }
}

const fileName = (throughGroup: number) => `${String(throughGroup).padStart(16, '0')}.snapshot`;
const labelOf = (throughGroup: number) => `snapshot ${throughGroup}`;
