/**
 * A service's state on sql.js: SQLite in memory. It is derived from the log, which alone is durable,
 * so all that SQLite does for durability is switched off. Statements are prepared once and kept until
 * the tables change. A mistake in a statement or its parameters throws and names the SQL text; what
 * sql.js would let pass in silence (a second statement, a missing parameter) does so too.
 */

import initSqlJs from 'sql.js';
import type { SqlRow, SqlValue, StateDatabase } from '../ports/database.js';

type SqlJs = Awaited<ReturnType<typeof initSqlJs>>;
type Connection = InstanceType<SqlJs['Database']>;
type Statement = ReturnType<Connection['prepare']>;

/** Statements kept prepared. A service has a few dozen; the bound is for SQL text made at run time. */
const STATEMENTS_MAX = 256;

/** SQLite's page cache: with 64 MiB, reads of a 30 MB database were 15 % faster than with its own 2. */
const CACHE_KIBIBYTES = 65_536;

/** `run` answers changed rows, which SQLite counts for these only. */
const CHANGES_ROWS = /^\s*(?:INSERT|UPDATE|DELETE|REPLACE|WITH)\b/i;

const PRAGMAS = `
  PRAGMA journal_mode = MEMORY;
  PRAGMA synchronous = OFF;
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA temp_store = MEMORY;
  PRAGMA cache_size = -${CACHE_KIBIBYTES};
`;

interface Prepared {
  readonly statement: Statement;
  readonly columns: readonly string[];
  readonly parameterCount: number;
  readonly changesRows: boolean;
}

/** Makes an empty database. Loads the WebAssembly module on the first call of the process. */
export async function openSqlDatabase(): Promise<SqlDatabase> {
  return new SqlDatabase(await initSqlJs());
}

export class SqlDatabase implements StateDatabase {
  readonly #sqlJs: SqlJs;
  readonly #prepared = new Map<string, Prepared>();
  #connection: Connection;
  #begin: Statement;
  #commit: Statement;
  #inTransaction = false;
  #closed = false;

  constructor(sqlJs: SqlJs) {
    this.#sqlJs = sqlJs;
    this.#connection = openConnection(sqlJs, null);
    this.#begin = this.#connection.prepare('BEGIN');
    this.#commit = this.#connection.prepare('COMMIT');
  }

  all<Row = SqlRow>(sql: string, params: readonly SqlValue[] = []): Row[] {
    return this.#execute(sql, params, ({ statement, columns }) => {
      const rows: Row[] = [];
      while (statement.step()) rows.push(rowOf(statement, columns) as Row);
      return rows;
    });
  }

  get<Row = SqlRow>(sql: string, params: readonly SqlValue[] = []): Row | undefined {
    return this.#execute(sql, params, ({ statement, columns }) =>
      statement.step() ? (rowOf(statement, columns) as Row) : undefined,
    );
  }

  run(sql: string, params: readonly SqlValue[] = []): number {
    return this.#execute(sql, params, ({ statement, changesRows }) => {
      if (!changesRows) throw new Error('run takes INSERT, UPDATE or DELETE');
      statement.step();
      return this.#connection.getRowsModified();
    });
  }

  exec(sql: string): void {
    // Tables may change: kept statements would go on with the columns they were prepared with.
    this.#forgetStatements();
    naming(sql, () => this.#open().exec(sql));
  }

  begin(): void {
    if (this.#inTransaction) return;
    stepOnce(this.#begin);
    this.#inTransaction = true;
  }

  commit(): void {
    if (!this.#inTransaction) return;
    stepOnce(this.#commit);
    this.#inTransaction = false;
  }

  export(): Uint8Array {
    this.commit();
    return this.#connection.export();
  }

  /** Throws, and keeps what it had, when `bytes` are no database. */
  load(bytes: Uint8Array): void {
    const connection = openConnection(this.#sqlJs, bytes);
    this.close();
    this.#closed = false;
    this.#connection = connection;
    this.#begin = connection.prepare('BEGIN');
    this.#commit = connection.prepare('COMMIT');
  }

  close(): void {
    this.#closed = true;
    this.#inTransaction = false;
    this.#prepared.clear();
    this.#connection.close();
  }

  #open(): Connection {
    if (this.#closed) throw new Error('the database is closed');
    return this.#connection;
  }

  #execute<Result>(
    sql: string,
    params: readonly SqlValue[],
    use: (prepared: Prepared) => Result,
  ): Result {
    return naming(sql, () => {
      const prepared = this.#prepared.get(sql) ?? this.#prepare(sql);
      const { statement, parameterCount } = prepared;
      if (params.length !== parameterCount) {
        throw new Error(`${parameterCount} parameters wanted, ${params.length} given`);
      }
      try {
        statement.bind(params as SqlValue[]);
        return use(prepared);
      } finally {
        statement.reset();
      }
    });
  }

  #prepare(sql: string): Prepared {
    const statement = this.#open().prepare(sql);
    if (sql.slice(statement.getSQL().length).trim() !== '') {
      statement.free();
      throw new Error('more than one statement');
    }
    const oldest = this.#prepared.size < STATEMENTS_MAX ? undefined : firstEntry(this.#prepared);
    if (oldest !== undefined) {
      oldest[1].statement.free();
      this.#prepared.delete(oldest[0]);
    }
    const prepared = {
      statement,
      columns: statement.getColumnNames(),
      parameterCount: countParameters(statement),
      changesRows: CHANGES_ROWS.test(sql),
    };
    this.#prepared.set(sql, prepared);
    return prepared;
  }

  #forgetStatements(): void {
    for (const { statement } of this.#prepared.values()) statement.free();
    this.#prepared.clear();
  }
}

function openConnection(sqlJs: SqlJs, bytes: Uint8Array | null): Connection {
  // A Buffer's `slice` shares its memory, and sql.js takes its copy by `slice`: hand it a plain array.
  const plain = bytes && new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const connection = new sqlJs.Database(plain);
  try {
    connection.exec(PRAGMAS);
    connection.exec('SELECT count(*) FROM sqlite_schema');
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** sql.js does not tell how many parameters a statement has: bind one more until it complains. */
function countParameters(statement: Statement): number {
  for (let count = 1; ; count++) {
    try {
      statement.bind(new Array<number>(count).fill(0));
    } catch {
      return count - 1;
    } finally {
      statement.reset();
    }
  }
}

function rowOf(statement: Statement, columns: readonly string[]): SqlRow {
  const values = statement.get();
  const row: SqlRow = {};
  for (const [index, column] of columns.entries()) row[column] = values[index] ?? null;
  return row;
}

function stepOnce(statement: Statement): void {
  statement.step();
  statement.reset();
}

function firstEntry<Key, Value>(map: ReadonlyMap<Key, Value>): [Key, Value] | undefined {
  for (const entry of map) return entry;
  return undefined;
}

/** Runs `use`; what it throws (sql.js throws strings, too) becomes an Error that names the SQL text. */
function naming<Result>(sql: string, use: () => Result): Result {
  try {
    return use();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${reason}, in SQL: ${sql}`, { cause });
  }
}
