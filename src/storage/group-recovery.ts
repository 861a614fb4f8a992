/**
 * Opening the update log: reads and verifies every group. From the first one that is missing or
 * wrong, nothing is used any more: a new database takes the place of the damaged one, with the groups
 * before the damage, those after it that can still be read, and a note of the damage. The note stays
 * until the next append, so that a process that dies before it has dealt with the damage hears of it
 * again. The files as they were are kept aside.
 */

import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { FatalError } from '../base/errors.js';
import type { JournalDamage, JournalGroup } from '../ports/journal.js';
import { makeDirectory } from './atomic-file.js';
import {
  finishReplacement,
  freshFolder,
  type GroupPaths,
  groupPathsIn,
  holdsDatabase,
  linkFiles,
  replaceGroups,
} from './group-files.js';
import {
  decodeGroup,
  encodeGroup,
  groupKey,
  groupNumber,
  groupRange,
  type KeyKind,
} from './group-format.js';
import { entriesOf, isDamaged, type Level, openLevel, reasonOf } from './level-database.js';
import { findTableDamage } from './table-check.js';

/** Holds the note of damage; sorts outside the ranges of groups. */
export const DAMAGE_KEY = Buffer.from('damage');

/** Holds the number of the last group that was let go of; absent = none was. */
export const TRIMMED_KEY = Buffer.from('trimmed');

/** The advice when a directory cannot be used as it is. */
export const MOVE_AWAY =
  'move the whole directory away to start anew with what other replicas hold';

/** The note in the database, as JSON: damage without the groups after it; `movedTo` is a bare name. */
type DamageNote = Omit<JournalDamage, 'readable'>;

export interface GroupLogInit {
  /** The journal's folder; the database is in `groups` below it. */
  readonly folder: string;
  /** Make the database when there is none. Without, a missing one is a FatalError. */
  readonly create: boolean;
  /** A group known from elsewhere to have been written: fewer groups than that is damage. */
  readonly writtenAtLeast: number;
}

export interface OpenedGroups {
  readonly level: Level;
  /** Groups up to this one were let go of. */
  readonly trimmed: number;
  /** Number of the newest group; 0 = none. */
  readonly lastGroup: number;
  readonly damage: JournalDamage | null;
}

/**
 * Opens and verifies; whoever calls must hold the folder's lock.
 * Throws FatalError when the log is missing or cannot be opened.
 */
export async function openGroups(init: GroupLogInit): Promise<OpenedGroups> {
  const paths = groupPathsIn(init.folder);
  await finishReplacement(paths);
  const opened = (await openOnce(paths, init)) ?? (await openOnce(paths, init));
  if (opened !== null) return opened;
  throw new FatalError(`${paths.groups} is damaged again just after it was written anew`);
}

/** Null = damage was found and the database replaced: open it again. */
async function openOnce(paths: GroupPaths, init: GroupLogInit): Promise<OpenedGroups | null> {
  const exists = await holdsDatabase(paths.groups);
  if (!exists && !init.create) {
    throw new FatalError(
      `the update log in ${paths.groups} is missing: put it back, or ${MOVE_AWAY}`,
    );
  }
  await makeDirectory(paths.groups);
  // LevelDB rewrites its files while it opens: links keep them as they were.
  await linkFiles(paths.groups, paths.opening);
  const { level, unopenable } = await openOrSalvage(paths, !exists);
  try {
    const note = await readNote(level);
    const expected = note === null ? init.writtenAtLeast : 0;
    const trimmed = await readTrimmed(level);
    const { lastGroup, wrong } = await verify(level, trimmed, expected);
    if (wrong === null && unopenable === null) {
      await rm(paths.opening, { recursive: true });
      const damage = note && (await describeDamage(paths, level, note));
      return { level, trimmed, lastGroup, damage };
    }
    const reason =
      unopenable === null
        ? `${wrong}`
        : `${wrong ?? 'no group is known to be lost'}; damaged files of LevelDB: ${unopenable}`;
    const movedTo = await freshFolder(paths.folder);
    const newNote = {
      firstGroup: lastGroup + 1,
      reason,
      groupsLost: wrong !== null,
      movedTo: basename(movedTo),
    };
    await rebuild(level, paths, { trimmed, note: newNote, expected });
    await level.close();
    await replaceGroups(paths, movedTo);
    return null;
  } catch (error) {
    await level.close();
    throw error;
  }
}

/** Opens the database, or what can be saved of it; `unopenable` says why it is only that. */
async function openOrSalvage(
  paths: GroupPaths,
  create: boolean,
): Promise<{ level: Level; unopenable: string | null }> {
  const damagedTables = await findDamagedTables(paths.groups);
  const [first] = damagedTables;
  if (first !== undefined) {
    const level = await openRepaired(paths, damagedTables);
    return { level, unopenable: `${first.name}: ${first.damage}` };
  }
  try {
    return { level: await openLevel(paths.groups, create), unopenable: null };
  } catch (error) {
    if (!isDamaged(error)) throw error;
    return { level: await openRepaired(paths, []), unopenable: reasonOf(error) };
  }
}

interface DamagedTable {
  readonly name: string;
  readonly damage: string;
}

/** LevelDB must not see these: it believes them, and ends the process when they make no sense. */
async function findDamagedTables(folder: string): Promise<DamagedTable[]> {
  const found: DamagedTable[] = [];
  for (const name of await readdir(folder)) {
    const isTable = name.endsWith('.ldb');
    const damage = isTable ? findTableDamage(await readFile(join(folder, name))) : null;
    if (damage !== null) found.push({ name, damage });
  }
  return found;
}

/** Lets LevelDB save what it can from all other files, on a copy: a repair may fail half-way. */
async function openRepaired(paths: GroupPaths, without: readonly DamagedTable[]): Promise<Level> {
  await linkFiles(paths.opening, paths.repaired);
  for (const { name } of without) await rm(join(paths.repaired, name));
  await ClassicLevel.repair(paths.repaired);
  return openLevel(paths.repaired, false);
}

/** Reads all groups. `wrong` says what is the matter with the one after `lastGroup`, or is null. */
async function verify(
  level: Level,
  trimmed: number,
  expected: number,
): Promise<{ lastGroup: number; wrong: string | null }> {
  let lastGroup = trimmed;
  const stop = (what: string) => ({ lastGroup, wrong: `group ${lastGroup + 1} ${what}` });
  try {
    for await (const [key, value] of entriesOf(level, groupRange('group', trimmed + 1))) {
      if (groupNumber(key) !== lastGroup + 1) return stop('is missing');
      if (decodeGroup(lastGroup + 1, value) === null) return stop('has a wrong checksum');
      lastGroup += 1;
    }
  } catch (error) {
    // Entries that were read ahead are lost with the one that could not be: ask for each.
    while ((await readGroup(level, 'group', lastGroup + 1)) !== null) lastGroup += 1;
    return stop(`cannot be read: ${reasonOf(error)}`);
  }
  return lastGroup < expected
    ? stop(`is missing: ${expected} had been written`)
    : { lastGroup, wrong: null };
}

/** Makes a new database of all that can be believed in the damaged one. */
async function rebuild(
  damaged: Level,
  paths: GroupPaths,
  { trimmed, note, expected }: { trimmed: number; note: DamageNote; expected: number },
): Promise<void> {
  await rm(paths.rebuilt, { recursive: true, force: true });
  const level = await openLevel(paths.rebuilt, true);
  try {
    const last = note.firstGroup - 1;
    for await (const { number, bytes } of salvage(damaged, 'group', trimmed + 1, last)) {
      await level.put(groupKey('group', number), encodeGroup(number, bytes));
    }
    if (trimmed > 0) await level.put(TRIMMED_KEY, encodeTrimmed(trimmed));
    for (const kind of ['group', 'later'] as const) {
      const end = Math.max(expected, await lastNumber(damaged, kind));
      for await (const { number, bytes } of salvage(damaged, kind, note.firstGroup, end)) {
        await level.put(groupKey('later', number), encodeGroup(number, bytes));
      }
    }
    await level.put(DAMAGE_KEY, encodeNote(note), { sync: true });
  } finally {
    await level.close();
  }
}

/** The groups from `first` to `last` that can be read, one by one: damage ends any longer read. */
async function* salvage(
  level: Level,
  kind: KeyKind,
  first: number,
  last: number,
): AsyncGenerator<JournalGroup> {
  for (let number = first; number <= last; number++) {
    const bytes = await readGroup(level, kind, number);
    if (bytes !== null) yield { number, bytes };
  }
}

async function readGroup(level: Level, kind: KeyKind, number: number): Promise<Uint8Array | null> {
  const value = await level.get(groupKey(kind, number)).catch(() => undefined);
  return value === undefined ? null : decodeGroup(number, value);
}

/** The greatest number of a kind that LevelDB shows; 0 when there is none or it cannot tell. */
async function lastNumber(level: Level, kind: KeyKind): Promise<number> {
  try {
    const [key] = await level.keys({ ...groupRange(kind), reverse: true, limit: 1 }).all();
    return key === undefined ? 0 : groupNumber(key);
  } catch {
    return 0;
  }
}

async function describeDamage(
  paths: GroupPaths,
  level: Level,
  note: DamageNote,
): Promise<JournalDamage> {
  const readable: JournalGroup[] = [];
  const last = await lastNumber(level, 'later');
  for await (const group of salvage(level, 'later', note.firstGroup, last)) readable.push(group);
  return { ...note, movedTo: join(paths.folder, note.movedTo), readable };
}

async function readNote(level: Level): Promise<DamageNote | null> {
  const value = await level.get(DAMAGE_KEY).catch(() => undefined);
  const bytes = value && decodeGroup(1, value);
  // The checksum says that it is as `encodeNote` made it.
  return bytes ? (JSON.parse(Buffer.from(bytes).toString()) as DamageNote) : null;
}

/** 0 = none, or the note is damaged: then the groups that are gone count as damage. */
async function readTrimmed(level: Level): Promise<number> {
  const value = await level.get(TRIMMED_KEY).catch(() => undefined);
  const bytes = value && decodeGroup(1, value);
  return bytes ? Number(Buffer.from(bytes).toString()) : 0;
}

export const encodeTrimmed = (number: number) => encodeGroup(1, Buffer.from(String(number)));

const encodeNote = (note: DamageNote) => encodeGroup(1, Buffer.from(JSON.stringify(note)));
