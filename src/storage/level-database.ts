/**
 * Opens LevelDB, and says in words why not. LevelDB mends what it can without a word: a damaged block
 * of its log is dropped, damaged tables give wrong values. So nothing read from it is believed
 * without our own checksum, and nothing is taken for complete because LevelDB opened.
 */

import { dirname, join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { FatalError } from '../base/errors.js';

export type Level = ClassicLevel<Buffer, Buffer>;

const OPTIONS = {
  keyEncoding: 'buffer',
  valueEncoding: 'buffer',
  // Records are small and already packed; Snappy would cost the CPU that the replica needs.
  compression: false,
} as const;

/** Bytes an iterator reads ahead: enough for many groups in one call. */
const READ_AHEAD_BYTES = 1024 * 1024;

/**
 * Opens the database in `folder`; `create` makes it when there is none.
 * Throws FatalError when another process has it open, or when it cannot be opened.
 */
export async function openLevel(folder: string, create: boolean): Promise<Level> {
  const level: Level = new ClassicLevel(folder, { ...OPTIONS, createIfMissing: create });
  try {
    await level.open();
    return level;
  } catch (error) {
    const what =
      codeOf(error) === 'LEVEL_LOCKED'
        ? `${dirname(folder)} is in use by another process: stop it, or use another directory`
        : `cannot open ${folder}: ${reasonOf(error)}`;
    throw new FatalError(what, { cause: error });
  }
}

/** {@link openLevel} failed because of what is in the files, not because they could not be read. */
export function isDamaged(error: unknown): boolean {
  const reason = reasonOf(error);
  return /^Corruption|No such file|does not exist \(create_if_missing is false\)/.test(reason);
}

/**
 * Keeps other processes out of `folder` until the answer is called, or this process ends in any way.
 * Node has no file locks, but LevelDB has: an empty database in `folder/lock` does nothing but lock.
 * Throws FatalError when another process has the lock.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'lock');
  const level = await openLevel(path, true).catch(async (error: unknown) => {
    if (!isDamaged(error)) throw error;
    // There is nothing in it to lose, and nobody holds it: LevelDB locks before it reads.
    await ClassicLevel.destroy(path);
    return openLevel(path, true);
  });
  return () => level.close();
}

/** Entries in a range of keys, in order. */
export function entriesOf(level: Level, range: { gte: Buffer; lt: Buffer }) {
  return level.iterator({ ...range, highWaterMarkBytes: READ_AHEAD_BYTES });
}

/** What LevelDB says was wrong; the errors of classic-level wrap it. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}

function codeOf(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}
