/**
 * Stands between a service's functions and the database, so that a mistake in a service shows when it
 * is first tried and not as replicas that differ a month later (DESIGN section 5). SQLite's own EXPLAIN
 * says what a statement would do: which b-trees it opens, by root page, and which functions it calls.
 * - Queries and checks read all tables, and `seed` writes all. `apply` of a causal update sees nothing
 *   but causal tables, that of a forced one nothing but forced tables: replicas execute a forced update
 *   with different causal ones applied.
 * - No statement sees a table that is not the service's: the driver keeps its own in the same database.
 * - No statement calls time, chance or the connection's counters, or makes a hidden row id in `apply`.
 * Each text is looked at once for each kind of access; after that it costs one look into a set.
 */

import { assert, InvariantError } from '../base/assert.js';
import type { Database, SqlRow, SqlValue } from '../ports/database.js';
import type { Ordering } from './contract.js';
import type { ServiceTables } from './schema.js';

/** What the function that is being run may do. */
export type Access = 'read' | 'apply-causal' | 'apply-forced' | 'seed';

interface AccessRule {
  readonly writes: boolean;
  /** Whose tables it may touch; null: all. */
  readonly owner: Ordering | null;
}

const RULES: Readonly<Record<Access, AccessRule>> = {
  read: { writes: false, owner: null },
  'apply-causal': { writes: true, owner: 'causal' },
  'apply-forced': { writes: true, owner: 'forced' },
  seed: { writes: true, owner: null },
};

/** What to do about a statement of an update that touches a table of the other kind. */
const WAYS_OUT: Readonly<Record<Ordering, string>> = {
  causal:
    'replicas execute causal updates at different places among forced ones: make the update forced too, or keep what it needs in a causal table',
  forced:
    'replicas execute forced updates with different causal ones applied: pass what it needs as an argument, or keep it in a forced table',
};

/** Different statement texts of one service: more are made by pasting values into SQL. */
const STATEMENTS_MAX = 1000;

const READING_VERBS = ['SELECT', 'WITH', 'VALUES'];
const WRITING_VERBS = [...READING_VERBS, 'INSERT', 'UPDATE', 'DELETE', 'REPLACE'];

/** Functions whose answer is not settled by their arguments and the service's tables. */
const FORBIDDEN_FUNCTIONS: ReadonlySet<string> = new Set([
  ...['random', 'randomblob', 'changes', 'total_changes', 'last_insert_rowid', 'load_extension'],
  ...['current_date', 'current_time', 'current_timestamp'],
  ...['date', 'time', 'datetime', 'julianday', 'unixepoch', 'strftime', 'timediff'],
]);

const LEADING_COMMENTS = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/;

/** One row of EXPLAIN (https://sqlite.org/opcode.html). */
type Instruction = {
  readonly opcode: string;
  readonly p1: number;
  readonly p2: number;
  readonly p3: number;
  readonly p4: string | null;
};

export class StatementGuard {
  readonly #service: string;
  readonly #tables: ServiceTables;
  readonly #allowed: Readonly<Record<Access, Set<string>>> = {
    read: new Set(),
    'apply-causal': new Set(),
    'apply-forced': new Set(),
    seed: new Set(),
  };
  readonly #guarded = new WeakMap<Database, Readonly<Record<Access, GuardedDatabase>>>();

  constructor(service: string, tables: ServiceTables) {
    this.#service = service;
    this.#tables = tables;
  }

  /** The database as a function of `operation` may use it, until the next call for the same access. */
  open(db: Database, access: Access, operation: string): Database {
    let guarded = this.#guarded.get(db);
    if (guarded === undefined) {
      guarded = {
        read: new GuardedDatabase(this, db, 'read'),
        'apply-causal': new GuardedDatabase(this, db, 'apply-causal'),
        'apply-forced': new GuardedDatabase(this, db, 'apply-forced'),
        seed: new GuardedDatabase(this, db, 'seed'),
      };
      this.#guarded.set(db, guarded);
    }
    guarded[access].operation = operation;
    return guarded[access];
  }

  /** Throws InvariantError, naming service, operation and statement, unless the statement is allowed. */
  check(guarded: GuardedDatabase, sql: string, params: readonly SqlValue[]): void {
    const allowed = this.#allowed[guarded.access];
    if (allowed.has(sql)) return;
    const where = `${this.#service}.${guarded.operation}`;
    assert(
      allowed.size < STATEMENTS_MAX,
      `${where} has made ${STATEMENTS_MAX} different statements; pass values as parameters, not in the text`,
    );
    const violation = this.#violationOf(guarded, sql, params);
    assert(violation === undefined, `${where} ${violation}; in SQL: ${sql}`);
    allowed.add(sql);
  }

  #violationOf(
    { db, access }: GuardedDatabase,
    sql: string,
    params: readonly SqlValue[],
  ): string | undefined {
    const verb = /^\w*/.exec(sql.replace(LEADING_COMMENTS, ''))?.[0].toUpperCase() ?? '';
    const verbs = RULES[access].writes ? WRITING_VERBS : READING_VERBS;
    if (!verbs.includes(verb)) return `may not use ${verb} here`;
    const owners = new Map(
      db
        .all<{ root: number; owner: string }>(
          'SELECT rootpage AS root, tbl_name AS owner FROM sqlite_schema',
        )
        .map(({ root, owner }) => [root, owner]),
    );
    const writers = new Set<number>();
    for (const step of explain(db, sql, params)) {
      const violation = this.#violationIn(step, access, owners, writers);
      if (violation !== undefined) return violation;
    }
    return undefined;
  }

  /** `writers` collects the cursors that write a table, in the order of the instructions. */
  #violationIn(
    { opcode, p1, p2, p4 }: Instruction,
    access: Access,
    owners: ReadonlyMap<number, string>,
    writers: Set<number>,
  ): string | undefined {
    switch (opcode) {
      case 'OpenRead':
      case 'ReopenIdx':
        return this.#readViolation(owners.get(p2), access);
      case 'OpenWrite':
        writers.add(p1);
        return this.#writeViolation(owners.get(p2), access);
      case 'Clear':
        return this.#writeViolation(owners.get(p1), access);
      case 'NewRowid':
        if (access === 'seed' || !writers.has(p1)) return undefined;
        return 'inserts into a table with automatic row ids, which may differ between replicas: declare it WITHOUT ROWID';
      case 'VOpen':
        return 'may not read a virtual table or a table-valued function';
      case 'Function':
      case 'PureFunc':
        return forbiddenFunction(p4);
      default:
        return undefined;
    }
  }

  #readViolation(table: string | undefined, access: Access): string | undefined {
    const kind = table === undefined ? undefined : this.#tables.get(table);
    if (kind === undefined) {
      return `reads ${table ?? 'the schema'}, which is no table of the service`;
    }
    const { owner } = RULES[access];
    if (owner === null || owner === kind) return undefined;
    return `reads ${table}, a ${kind} table, in a ${owner} update; ${WAYS_OUT[owner]}`;
  }

  #writeViolation(table: string | undefined, access: Access): string | undefined {
    const violation = this.#readViolation(table, access);
    if (violation !== undefined) return violation.replace('reads', 'writes');
    return RULES[access].writes ? undefined : `writes ${table}, where it may only read`;
  }
}

/** What a service's functions get: each statement is checked before it first runs. */
class GuardedDatabase implements Database {
  readonly db: Database;
  readonly access: Access;
  /** Whose statements these are, for messages. */
  operation = '';
  readonly #guard: StatementGuard;

  constructor(guard: StatementGuard, db: Database, access: Access) {
    this.#guard = guard;
    this.db = db;
    this.access = access;
  }

  all<Row = SqlRow>(sql: string, params: readonly SqlValue[] = []): Row[] {
    this.#guard.check(this, sql, params);
    return this.db.all<Row>(sql, params);
  }

  get<Row = SqlRow>(sql: string, params: readonly SqlValue[] = []): Row | undefined {
    this.#guard.check(this, sql, params);
    return this.db.get<Row>(sql, params);
  }

  run(sql: string, params: readonly SqlValue[] = []): number {
    this.#guard.check(this, sql, params);
    return this.db.run(sql, params);
  }
}

function explain(db: Database, sql: string, params: readonly SqlValue[]): Instruction[] {
  try {
    return db.all<Instruction>(`EXPLAIN ${sql}`, params);
  } catch (cause) {
    throw new InvariantError(cause instanceof Error ? cause.message : String(cause));
  }
}

/** `p4` is the function's name and its number of arguments: `date(-1)`. */
function forbiddenFunction(p4: string | null): string | undefined {
  const name = p4?.replace(/\(.*$/, '').toLowerCase() ?? '';
  if (!FORBIDDEN_FUNCTIONS.has(name)) return undefined;
  return `calls ${name}, whose answer may differ between replicas: pass it as an argument`;
}
