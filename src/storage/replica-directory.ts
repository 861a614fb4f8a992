/**
 * The places of one replica's identities on a disk: `<data>/<name>` is the present one, and beside it
 * `<name>.retired-DATE` are those that are over. The next one is made in `<name>.next` and takes its
 * place by renaming. A crash between the two renamings leaves `<name>.next` alone: it is finished then.
 */

import { existsSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { assert } from '../base/assert.js';
import { FatalError } from '../base/errors.js';
import { keyOf, type UpdateBody } from '../log/record.js';
import type { Beginning, KeptForPeople, ReplicaPlace, Residence } from '../ports/replica-place.js';
import { hasCode, syncDirectory, writeFileAtomically } from './atomic-file.js';
import {
  type DataDirectory,
  type DataDirectoryInit,
  IDENTITY_FILE,
  openDataDirectory,
} from './data-directory.js';
import { reasonOf } from './level-database.js';

export class ReplicaDirectory implements ReplicaPlace {
  readonly where: string;
  readonly #init: DataDirectoryInit;
  /** Where the next identity is made. */
  readonly #next: string;
  #present: DataDirectory | null = null;

  constructor(init: DataDirectoryInit) {
    this.#init = init;
    this.where = init.path;
    this.#next = `${init.path}.next`;
  }

  async open(): Promise<Residence | null> {
    const { path } = this.#init;
    if (!existsSync(path) && existsSync(join(this.#next, IDENTITY_FILE))) {
      await this.#attempt('take over', this.#next, () => renameDurably(this.#next, path));
    }
    this.#present = await openDataDirectory(this.#init);
    return residenceOf(this.#present);
  }

  async begin(beginning: Beginning): Promise<Residence> {
    const present = this.#present ?? (await openDataDirectory(this.#init));
    this.#present = present;
    if (present.identity === null) await present.create(beginning);
    else await this.#replace(present, beginning);
    const residence = residenceOf(this.#present);
    assert(residence !== null, 'what was made has an identity');
    return residence;
  }

  async #replace(present: DataDirectory, beginning: Beginning): Promise<void> {
    const { path } = this.#init;
    // What an earlier attempt left there was never told to anyone.
    await this.#attempt('clear', this.#next, () =>
      rm(this.#next, { recursive: true, force: true }),
    );
    const next = await openDataDirectory({ ...this.#init, path: this.#next });
    try {
      await next.create(beginning);
    } finally {
      await next.close();
    }
    await present.close();
    await this.putAway();
    await this.#attempt('take over', this.#next, () => renameDurably(this.#next, path));
    this.#present = await openDataDirectory(this.#init);
  }

  async putAway(): Promise<string> {
    const { path } = this.#init;
    await this.release();
    const retired = freshName(path);
    await this.#attempt('move away', path, () => renameDurably(path, retired));
    return retired;
  }

  async release(): Promise<void> {
    await this.#present?.close();
    this.#present = null;
  }

  async keep(which: KeptForPeople, updates: readonly UpdateBody[]): Promise<string> {
    const file = join(this.#init.path, `${which}.json`);
    await this.#attempt('write', file, async () => {
      const known = await readKept(file);
      const keys = new Set(known.map(keyOf));
      const all = [...known, ...updates.filter((update) => !keys.has(keyOf(update)))];
      await writeFileAtomically(file, [Buffer.from(`${JSON.stringify(all, null, 2)}\n`)]);
    });
    return file;
  }

  async #attempt(what: string, path: string, action: () => Promise<void>): Promise<void> {
    await action().catch((cause: unknown) => {
      throw new FatalError(`cannot ${what} ${path}: ${reasonOf(cause)}`, { cause });
    });
  }
}

function residenceOf({ identity, journal }: DataDirectory): Residence | null {
  return identity === null ? null : { identity, journal };
}

async function readKept(file: string): Promise<readonly UpdateBody[]> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as readonly UpdateBody[];
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncDirectory(dirname(to));
}

/** `rm-1.retired-2026-11-21T11-50-07`, or that with a number: never one that exists. */
function freshName(path: string): string {
  const date = new Date().toISOString().replaceAll(':', '-').replace(/\..*/, '');
  const name = join(dirname(path), `${basename(path)}.retired-${date}`);
  for (let attempt = 2, wanted = name; ; attempt++) {
    if (!existsSync(wanted)) return wanted;
    wanted = `${name}-${attempt}`;
  }
}
