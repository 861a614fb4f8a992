/**
 * The state that all replicas of a cluster begin with: the one of `--data`, or built from a folder of
 * CSV files. It is built once for a `--data` and kept there, because replicas that began with different
 * states could never agree.
 */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FatalError, HearsayError } from '../base/errors.js';
import type { Source } from '../ports/source.js';
import type { Service } from '../service/define.js';
import { openFolderSource } from '../storage/folder-source.js';
import {
  type InitialState,
  readInitialState,
  writeInitialState,
} from '../storage/initial-state.js';
import { openSqlDatabase } from '../storage/sql-database.js';

/** The folders of initial data that come with the program, by the service's name. */
const SHIPPED_DATA = new URL('../../../db/', import.meta.url);

export interface InitialStateWanted {
  readonly service: Service;
  /** The `--data` that keeps it, or null to keep it nowhere. */
  readonly data: string | null;
  /** The folder to build it from, or null for the state of `data`, else the shipped folder. */
  readonly importFrom: string | null;
  /** Told how much is done while it is built, 0 to 1; not called when there is nothing to build. */
  readonly onProgress: (done: number) => void;
}

/**
 * Finds the initial state in `data`, or builds it and writes it there.
 * Throws HearsayError INVALID for malformed data, naming file and line, and when `data` holds another
 * state than the one in `importFrom`; FatalError when `data` cannot be used.
 */
export async function prepareInitialState(wanted: InitialStateWanted): Promise<InitialState> {
  const { service, data, importFrom } = wanted;
  const kept = data === null ? null : await readKept(service, data);
  if (kept !== null && importFrom === null) return kept;
  const built = await build(wanted);
  if (kept === null) {
    if (data !== null) await writeInitialState(data, built);
    return built;
  }
  if (kept.stateHash === built.stateHash) return kept;
  throw new HearsayError(
    'INVALID',
    `${data} holds another initial state (${kept.stateHash}) than ${importFrom} gives ` +
      `(${built.stateHash}): choose another --data for this one, or leave the import out`,
  );
}

async function readKept(service: Service, data: string): Promise<InitialState | null> {
  const kept = await readInitialState(data);
  if (kept === null) return null;
  if (kept.service !== service.name) {
    throw new FatalError(
      `${data} was made for service ${kept.service}, not ${service.name}: choose another --data`,
    );
  }
  if (kept.schemaHash !== service.schemaHash) {
    throw new FatalError(
      `${data} was made by another version of service ${service.name}, with other tables: choose ` +
        'another --data, or go on with that version',
    );
  }
  return kept;
}

async function build(wanted: InitialStateWanted): Promise<InitialState> {
  const { service, importFrom, onProgress } = wanted;
  const source = countingReads(
    importFrom === null ? shippedSource(service.name) : openFolderSource(importFrom),
  );
  const database = await openSqlDatabase();
  try {
    service.createTables(database);
    service.seed(database, source, onProgress);
    if (importFrom !== null && source.reads === 0) {
      const message = `service ${service.name} begins empty: there is nothing to import`;
      throw new HearsayError('INVALID', message);
    }
    return {
      service: service.name,
      schemaHash: service.schemaHash,
      stateHash: service.stateHash(database),
      database: database.export(),
    };
  } finally {
    database.close();
  }
}

/** A service that begins empty has no folder, and asks for no file. */
function shippedSource(service: string): Source {
  const label = 'the shipped data';
  const folder = fileURLToPath(new URL(service, SHIPPED_DATA));
  if (existsSync(folder)) return openFolderSource(folder, label);
  return {
    label,
    rows(file) {
      throw new HearsayError('INVALID', `no data is shipped for service ${service}, so no ${file}`);
    },
  };
}

/** The same source, which also knows how many of its files were asked for. */
function countingReads(source: Source): Source & { readonly reads: number } {
  let reads = 0;
  return {
    label: source.label,
    rows(file) {
      reads += 1;
      return source.rows(file);
    },
    get reads() {
      return reads;
    },
  };
}
