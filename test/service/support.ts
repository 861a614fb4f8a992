/** Services on a fresh database, for tests: initial data as rows in the test, an update in one call. */

import { HearsayError } from '../../src/base/errors.js';
import type { StateDatabase } from '../../src/ports/database.js';
import type { Source } from '../../src/ports/source.js';
import type { Json } from '../../src/service/contract.js';
import type { Service } from '../../src/service/define.js';
import { openSqlDatabase } from '../../src/storage/sql-database.js';

/** A source whose files are lists of rows, header first; row n stands on line n. */
export function sourceOf(files: Readonly<Record<string, readonly string[][]>>): Source {
  return {
    label: 'the test',
    rows: (file) => (files[file] ?? []).map((fields, index) => ({ line: index + 1, fields })),
  };
}

/** One replica's worth of a service. */
export class OpenService {
  readonly service: Service;
  readonly db: StateDatabase;
  #updates = 0;

  constructor(service: Service, db: StateDatabase) {
    this.service = service;
    this.db = db;
  }

  query(operation: string, args: Record<string, unknown> = {}, user = ''): Json {
    const parsed = this.service.parse('query', operation, args, user);
    return this.service.query(this.db, operation, parsed, user);
  }

  /**
   * The result of an update; null for a causal one. Each update is stamped later than the one before,
   * unless a stamp is given. Throws HearsayError REFUSED where a forced update refuses.
   */
  update(operation: string, args: Record<string, unknown>, user = '', stamp?: string): Json {
    this.#updates += 1;
    const parsed = this.service.parse('update', operation, args, user);
    const context = {
      user,
      id: `test:${this.#updates}`,
      stamp: stamp ?? String(this.#updates).padStart(9, '0'),
    };
    if (this.service.orderingOf(operation) === 'causal') {
      this.service.apply(this.db, operation, parsed, context);
      return null;
    }
    const outcome = this.service.applyForced(this.db, operation, parsed, context);
    if (outcome.kind === 'refused') throw new HearsayError('REFUSED', outcome.message);
    return outcome.value;
  }

  /** Why the precondition of an update refuses, or undefined. */
  refusal(operation: string, args: Record<string, unknown>, user = ''): string | undefined {
    const parsed = this.service.parse('update', operation, args, user);
    return this.service.check(this.db, operation, parsed, user)?.refused;
  }

  hash(): string {
    return this.service.stateHash(this.db);
  }
}

export async function openService(service: Service, source?: Source): Promise<OpenService> {
  const db = await openSqlDatabase();
  service.createTables(db);
  if (source !== undefined) service.seed(db, source, () => {});
  return new OpenService(service, db);
}
