/**
 * The folders around a journal's LevelDB, `groups`, and how a damaged one is replaced. Steps of a
 * replacement, each of which may be the last before a crash: `groups.rebuilt` is made; the files as
 * they were go to `damaged-DATE`; `groups` becomes `groups.discarded`; `groups.rebuilt` becomes
 * `groups`. At any time one of the two is a complete database, and `groups` missing means that the
 * last step is to be done.
 */

import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { syncDirectory } from './atomic-file.js';

export type GroupPaths = ReturnType<typeof groupPathsIn>;

/** Where things are; all but `groups` exist only while a journal is being opened. */
export function groupPathsIn(folder: string) {
  return {
    folder,
    groups: join(folder, 'groups'),
    opening: join(folder, 'groups.opening'),
    repaired: join(folder, 'groups.repaired'),
    rebuilt: join(folder, 'groups.rebuilt'),
    discarded: join(folder, 'groups.discarded'),
  };
}

/** Whether LevelDB got as far as CURRENT, without which there is nothing, or once had files to lose. */
export async function holdsDatabase(folder: string): Promise<boolean> {
  if (!existsSync(folder)) return false;
  const names = await readdir(folder);
  return names.some((name) => name === 'CURRENT' || /\.(?:log|ldb)$/.test(name));
}

/** Puts `groups.rebuilt` in the place of `groups`, and the files as they were into `movedTo`. */
export async function replaceGroups(paths: GroupPaths, movedTo: string): Promise<void> {
  await rename(paths.opening, join(movedTo, basename(paths.groups)));
  await syncDirectory(movedTo);
  await rename(paths.groups, paths.discarded);
  await rename(paths.rebuilt, paths.groups);
  await syncDirectory(paths.folder);
  for (const leftover of [paths.discarded, paths.repaired]) {
    await rm(leftover, { recursive: true, force: true });
  }
}

/** Does what a crash left undone, and clears away what it left behind. */
export async function finishReplacement(paths: GroupPaths): Promise<void> {
  if (!existsSync(paths.groups) && existsSync(paths.rebuilt)) {
    await rename(paths.rebuilt, paths.groups);
    await syncDirectory(paths.folder);
  }
  for (const leftover of [paths.opening, paths.repaired, paths.rebuilt, paths.discarded]) {
    await rm(leftover, { recursive: true, force: true });
  }
}

/** A second name for each file of a database: it stays as it is whatever LevelDB does next. */
export async function linkFiles(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const { name } = entry;
    if (name === 'LOCK' || !entry.isFile()) continue;
    // Not every file system has links.
    await link(join(from, name), join(to, name)).catch(() =>
      copyFile(join(from, name), join(to, name)),
    );
  }
}

/** A new folder `damaged-DATE` in `folder`: never one that exists. */
export async function freshFolder(folder: string): Promise<string> {
  const date = new Date().toISOString().replaceAll(':', '-').replace(/\..*/, 'Z');
  for (let attempt = 1; ; attempt++) {
    const path = join(folder, attempt === 1 ? `damaged-${date}` : `damaged-${date}-${attempt}`);
    try {
      await mkdir(path);
      await syncDirectory(folder);
      return path;
    } catch (error) {
      if (!existsSync(path)) throw error;
    }
  }
}
