/**
 * Files that are there as a whole or not at all: written under another name, flushed, then renamed.
 * Checked files carry a checksum over their content and over what they are supposed to be, so that
 * neither a flipped bit nor a file under a wrong name passes.
 */

import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';

/** Ends the name under which a file is written; what still has it is left over from a crash. */
const UNFINISHED_SUFFIX = '.unfinished';

const MAGIC = Buffer.from('hearsay1');
const HEADER_BYTES = MAGIC.length + 4;

export type CheckedContent =
  | { readonly kind: 'absent' }
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  | { readonly kind: 'damaged'; readonly reason: string };

/** Replaces the file at `path` by `parts`; durable, and visible to others, once it resolves. */
export async function writeFileAtomically(
  path: string,
  parts: readonly Uint8Array[],
): Promise<void> {
  const unfinished = `${path}.${process.pid}${UNFINISHED_SUFFIX}`;
  try {
    const file = await open(unfinished, 'w');
    try {
      for (const part of parts) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Writes `bytes` under a checksum; `label` says what they are (`snapshot 12`). */
export async function writeCheckedFile(
  path: string,
  label: string,
  bytes: Uint8Array,
): Promise<void> {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32BE(checksum(label, bytes), MAGIC.length);
  await writeFileAtomically(path, [header, bytes]);
}

/** Reads what {@link writeCheckedFile} wrote under the same label. */
export async function readCheckedFile(path: string, label: string): Promise<CheckedContent> {
  let content: Buffer;
  try {
    content = await readFile(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return { kind: 'absent' };
    throw error;
  }
  if (content.length < HEADER_BYTES || !content.subarray(0, MAGIC.length).equals(MAGIC)) {
    return { kind: 'damaged', reason: 'it does not begin like a file of this program' };
  }
  const bytes = content.subarray(HEADER_BYTES);
  if (content.readUInt32BE(MAGIC.length) !== checksum(label, bytes)) {
    return { kind: 'damaged', reason: 'its checksum is wrong' };
  }
  return { kind: 'whole', bytes };
}

/**
 * Makes the directory `path` and what is missing above it; durable once it resolves. Rejects with an
 * Error that says in words what stands in the way. Goes down step by step: where the system has
 * places in which nothing can be made (below /proc), Node's recursive mkdir tries for ever.
 */
export async function makeDirectory(path: string): Promise<void> {
  const missing: string[] = [];
  let existing = resolve(path);
  while (!(await isDirectory(existing))) {
    missing.unshift(existing);
    existing = dirname(existing);
  }
  for (const directory of missing) {
    await mkdir(directory).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error;
    });
    await syncDirectory(dirname(directory));
  }
}

/** False = there is nothing; anything but a directory is an error. */
async function isDirectory(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true;
  } catch (error) {
    // ENOTDIR: something further up is no directory, and will be named.
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
  throw new Error(`${path} is no directory`);
}

/** Makes `path` when missing, and clears away what a crash left half written in it. */
export async function openDirectoryOfFiles(path: string): Promise<void> {
  await makeDirectory(path);
  for (const name of await readdir(path)) {
    if (isUnfinished(name)) await rm(join(path, name));
  }
}

/** The name of a file that a crash left half written. */
export const isUnfinished = (name: string): boolean => name.endsWith(UNFINISHED_SUFFIX);

/** Makes names that were added, renamed or removed in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open a directory, and keeps its names without being asked.
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** The error is one of the system's, with one of these codes (`ENOENT`). */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

function checksum(label: string, bytes: Uint8Array): number {
  return crc32(bytes, crc32(label));
}
