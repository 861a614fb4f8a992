/**
 * The state of a service as the protocol sees it: an SQL database in memory, derived from the log.
 * Statements are prepared once and kept; text goes in as text, so no value is ever pasted into SQL.
 */

export type SqlValue = string | number | null | Uint8Array;
export type SqlRow = Record<string, SqlValue>;

/** What a service's functions are given: reads and writes of its own tables. */
export interface Database {
  /** All rows of a query. */
  all<Row = SqlRow>(sql: string, params?: readonly SqlValue[]): Row[];
  /** The first row, or undefined when there is none. */
  get<Row = SqlRow>(sql: string, params?: readonly SqlValue[]): Row | undefined;
  /** Runs one statement that writes; answers the number of rows it changed. */
  run(sql: string, params?: readonly SqlValue[]): number;
}

/** What the node's driver holds: the same database, with transactions and snapshots. */
export interface StateDatabase extends Database {
  /** Runs several statements without parameters (a schema). */
  exec(sql: string): void;
  /** Opens a transaction when none is open: many updates share one. */
  begin(): void;
  /** Commits the open transaction, if there is one. */
  commit(): void;
  /** The whole database as bytes; commits first. */
  export(): Uint8Array;
  /** Replaces the whole database by what `export` gave. */
  load(bytes: Uint8Array): void;
  close(): void;
}
