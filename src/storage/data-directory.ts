/**
 * A replica's data directory, `<data>/<name>/`: `hearsay.json` says whose it is, `journal` holds the
 * rest. It counts as made once `hearsay.json` is there, which is written last, when the journal holds
 * the initial state: a crash before that leaves something that the next start makes anew, since
 * nothing in it was ever told to anyone. Nothing of anybody else's is changed or used.
 */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { FatalError } from '../base/errors.js';
import { hasCode, isUnfinished, makeDirectory, writeFileAtomically } from './atomic-file.js';
import { MOVE_AWAY } from './group-recovery.js';
import { reasonOf } from './level-database.js';
import type { Beginning, Identity } from '../ports/replica-place.js';
import { type LevelJournal, openLevelJournal } from './level-journal.js';

export const IDENTITY_FILE = 'hearsay.json';
const JOURNAL_FOLDER = 'journal';
const FORMAT = 1;

export interface DataDirectoryInit {
  readonly path: string;
  readonly service: string;
  /** The replica's name. */
  readonly name: string;
}

/** Directories of releases with fixed members only name no cluster. */
interface IdentityFile
  extends Pick<Identity, 'nonce' | 'initialHash'>,
    Partial<Pick<Identity, 'clusterId' | 'generation'>> {
  readonly format: number;
  readonly service: string;
  readonly name: string;
  readonly createdAt: string;
}

/**
 * Opens the directory, or begins to make it: then `identity` is null until {@link DataDirectory.create}.
 * Throws FatalError when it cannot be made, belongs to something else, is in use or is damaged.
 */
export async function openDataDirectory(init: DataDirectoryInit): Promise<DataDirectory> {
  try {
    await makeDirectory(init.path);
    await checkContents(init.path);
  } catch (cause) {
    if (cause instanceof FatalError) throw cause;
    const message = `cannot use the data directory ${init.path}: ${reasonOf(cause)}`;
    throw new FatalError(message, { cause });
  }
  const isMade = (await readIdentity(init)) !== null;
  const folder = join(init.path, JOURNAL_FOLDER);
  const journal = await openLevelJournal({ folder, create: !isMade });
  try {
    // Only now, with the journal locked, can no other process be making the directory.
    const identity = await readIdentity(init);
    if (identity === null && journal.lastGroup > 0) {
      throw new FatalError(`${init.path} holds an update log, but its ${IDENTITY_FILE} is missing`);
    }
    return new DataDirectory(init, journal, identity);
  } catch (error) {
    await journal.close();
    throw error;
  }
}

export class DataDirectory {
  readonly journal: LevelJournal;
  readonly #init: DataDirectoryInit;
  #identity: Identity | null;

  constructor(init: DataDirectoryInit, journal: LevelJournal, identity: Identity | null) {
    this.#init = init;
    this.journal = journal;
    this.#identity = identity;
  }

  /** Null = the directory is new and `create` comes next. */
  get identity(): Identity | null {
    return this.#identity;
  }

  /** Makes a new directory; durable once it resolves. */
  async create({ identity, snapshot, metadata }: Beginning): Promise<void> {
    if (this.#identity !== null) throw new FatalError(`${this.#init.path} exists already`);
    const { path, service, name } = this.#init;
    await this.journal.saveSnapshot({ throughGroup: 0, bytes: snapshot });
    for (const [key, value] of metadata) await this.journal.writeMeta(key, value);
    const createdAt = new Date().toISOString();
    await writeIdentity(path, { format: FORMAT, service, name, createdAt, ...identity });
    this.#identity = identity;
  }

  async close(): Promise<void> {
    await this.journal.close();
  }
}

/** Refuses a directory that holds what is not ours: with hearsay.json it is, whatever else is there. */
async function checkContents(path: string): Promise<void> {
  const names = await readdir(path);
  if (names.includes(IDENTITY_FILE)) return;
  const foreign = names.filter((name) => name !== JOURNAL_FOLDER && !isUnfinished(name));
  if (foreign.length === 0) return;
  const shown = foreign.slice(0, 5).join(', ') + (foreign.length > 5 ? ', …' : '');
  throw new FatalError(
    `${path} is no data directory of hearsay, and not empty (${shown}): nothing in it was changed; ` +
      'choose another --data',
  );
}

async function readIdentity({ path, service, name }: DataDirectoryInit): Promise<Identity | null> {
  const file = join(path, IDENTITY_FILE);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    if (hasCode(cause, 'ENOENT')) return null;
    throw new FatalError(`cannot read ${file}: ${reasonOf(cause)}`, { cause });
  });
  if (text === null) return null;
  const found = parseIdentity(file, text);
  for (const [what, is, wanted] of [
    ['format', found.format, FORMAT],
    ['service', found.service, service],
    ['name', found.name, name],
  ] as const) {
    if (is === wanted) continue;
    throw new FatalError(
      `${path} was made for ${what} ${is}, not ${what} ${wanted}: choose another --data`,
    );
  }
  const { nonce, initialHash, clusterId = null, generation = 0 } = found;
  return { nonce, initialHash, clusterId, generation };
}

async function writeIdentity(path: string, identity: IdentityFile): Promise<void> {
  const text = JSON.stringify({ ...identity, checksum: checksumOf(identity) }, null, 2);
  await writeFileAtomically(join(path, IDENTITY_FILE), [Buffer.from(`${text}\n`)]).catch(
    (cause: unknown) => {
      const message = `cannot write ${IDENTITY_FILE} to ${path}: ${reasonOf(cause)}`;
      throw new FatalError(message, { cause });
    },
  );
}

function parseIdentity(file: string, text: string): IdentityFile {
  try {
    const { checksum, ...identity } = JSON.parse(text) as IdentityFile & { checksum: string };
    // A format that does not exist yet may compute its checksum in another way.
    if (identity.format !== FORMAT || checksum === checksumOf(identity)) return identity;
  } catch {
    // Said below: no JSON is as damaged as JSON with a wrong checksum.
  }
  throw new FatalError(`${file} is damaged: put it back from a copy, or ${MOVE_AWAY}`);
}

/** A flipped bit in the nonce would make another member of this one: the file must be as written. */
function checksumOf(identity: object): string {
  return crc32(JSON.stringify(identity)).toString(16).padStart(8, '0');
}
