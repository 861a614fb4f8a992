/**
 * The initial state that all replicas of one `--data` start from: a file that `hearsay import` writes
 * and each new replica reads once, into its own journal. One line of JSON says what it is; the
 * database follows.
 */

import { join } from 'node:path';
import { FatalError } from '../base/errors.js';
import { makeDirectory, readCheckedFile, writeCheckedFile } from './atomic-file.js';
import { reasonOf } from './level-database.js';

const FILE_NAME = 'initial-state';
const LABEL = 'initial state';
const FORMAT = 1;
const LINE_FEED = 0x0a;

export interface InitialState {
  readonly service: string;
  /** Digest of the service's tables: a state made for others must not be used. */
  readonly schemaHash: string;
  /** Digest of the visible state, which replicas compare when they meet. */
  readonly stateHash: string;
  /** The database as `StateDatabase.export` gives it. */
  readonly database: Uint8Array;
}

type Header = Omit<InitialState, 'database'> & { readonly format: number };

/** Writes the file into `directory`, which is made when missing; replaces an earlier one as a whole. */
export async function writeInitialState(directory: string, state: InitialState): Promise<void> {
  const { database, service, schemaHash, stateHash } = state;
  const header: Header = { format: FORMAT, service, schemaHash, stateHash };
  try {
    await makeDirectory(directory);
    const content = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), database]);
    await writeCheckedFile(join(directory, FILE_NAME), LABEL, content);
  } catch (cause) {
    const message = `cannot write the initial state to ${directory}: ${reasonOf(cause)}`;
    throw new FatalError(message, { cause });
  }
}

/**
 * Reads the file in `directory`; null = there is none.
 * Throws FatalError when it is damaged, or was not written by this version of the program.
 */
export async function readInitialState(directory: string): Promise<InitialState | null> {
  const path = join(directory, FILE_NAME);
  const refuse = (reason: string, cause?: unknown) =>
    new FatalError(
      `cannot use the initial state ${path}: ${reason}; move it away and import again`,
      { cause },
    );
  const content = await readCheckedFile(path, LABEL).catch((cause: unknown) => {
    throw refuse(reasonOf(cause), cause);
  });
  if (content.kind === 'absent') return null;
  if (content.kind === 'damaged') throw refuse(content.reason);
  const headerEnd = content.bytes.indexOf(LINE_FEED);
  const text = new TextDecoder().decode(content.bytes.subarray(0, headerEnd));
  // The checksum says that some version of this program wrote it.
  const { format, service, schemaHash, stateHash } = JSON.parse(text) as Header;
  if (format !== FORMAT) throw refuse(`its format is ${format}, not ${FORMAT}`);
  return { service, schemaHash, stateHash, database: content.bytes.subarray(headerEnd + 1) };
}
