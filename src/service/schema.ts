/**
 * Reads a service's schema: which tables it makes. Only plain CREATE TABLE and CREATE INDEX are taken,
 * so that a replica's tables are what the text says and nothing runs behind an update's back.
 */

import { assert } from '../base/assert.js';

/** The tables of a service. A later issue tells causal tables from forced ones here. */
export type ServiceTables = ReadonlySet<string>;

/** Quoted text and names, and comments: whatever may hide a semicolon. */
const QUOTED_OR_COMMENT =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\//g;

const CREATE_TABLE = /^CREATE TABLE (?:IF NOT EXISTS )?([A-Za-z]\w*) ?\((.*)$/i;
const CREATE_INDEX = /^CREATE (?:UNIQUE )?INDEX (?:IF NOT EXISTS )?[A-Za-z]\w* ON [A-Za-z]\w* ?\(/i;

/** The driver's own tables, in the same database, begin so. */
const RESERVED_PREFIX = /^(?:sqlite|hearsay)_/i;

/** The names of the tables that `sql` makes. Throws InvariantError when it does anything else. */
export function tablesOf(service: string, sql: string): ServiceTables {
  const tables = new Set<string>();
  for (const statement of statementsOf(sql)) {
    const table = CREATE_TABLE.exec(statement)?.[1];
    assert(
      table !== undefined || CREATE_INDEX.test(statement),
      `the schema of ${service} may only CREATE TABLE name (…) and CREATE INDEX name ON …, not: ${statement}`,
    );
    if (table === undefined) continue;
    assert(
      !RESERVED_PREFIX.test(table),
      `the table name ${table} of ${service} is reserved: choose one without that prefix`,
    );
    tables.add(table);
  }
  return tables;
}

/** The statements in `sql`, on one line each, with comments and quoted parts taken out. */
function statementsOf(sql: string): string[] {
  return sql
    .replace(QUOTED_OR_COMMENT, ' ')
    .split(';')
    .map((statement) => statement.replace(/\s+/g, ' ').trim())
    .filter((statement) => statement !== '');
}
