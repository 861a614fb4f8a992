/**
 * Reads a service's schema: which tables it makes, and whether causal or forced updates own each. Only
 * plain CREATE TABLE and CREATE INDEX are taken, so that a replica's tables are what the text says and
 * nothing runs behind an update's back.
 */

import { assert } from '../base/assert.js';
import type { Ordering, Schema } from './contract.js';

/** The tables of a service, each with the kind of updates that it belongs to. */
export type ServiceTables = ReadonlyMap<string, Ordering>;

/** Quoted text and names, and comments: whatever may hide a semicolon. */
const QUOTED_OR_COMMENT =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\//g;

const CREATE_TABLE = /^CREATE TABLE (?:IF NOT EXISTS )?([A-Za-z]\w*) ?\((.*)$/i;
const CREATE_INDEX = /^CREATE (?:UNIQUE )?INDEX (?:IF NOT EXISTS )?[A-Za-z]\w* ON [A-Za-z]\w* ?\(/i;

/** The driver's own tables, in the same database, begin so. */
const RESERVED_PREFIX = /^(?:sqlite|hearsay)_/i;

/**
 * The tables that a schema makes. Throws InvariantError when it makes none, one twice, or does anything
 * else.
 */
export function tablesOf(service: string, schema: Schema): ServiceTables {
  const tables = new Map<string, Ordering>();
  // SQLite does not tell names in capitals from others.
  const taken = new Set<string>();
  for (const owner of ['causal', 'forced'] as const) {
    for (const table of tablesIn(service, schema[owner] ?? '')) {
      assert(
        !taken.has(table.toLowerCase()),
        `the schema of ${service} makes the table ${table} twice: a table is causal or forced, with a name of its own`,
      );
      taken.add(table.toLowerCase());
      tables.set(table, owner);
    }
  }
  assert(
    tables.size > 0,
    `the schema of ${service} makes no table: give it \`causal\` or \`forced\` or both`,
  );
  return tables;
}

function tablesIn(service: string, sql: string): string[] {
  const tables: string[] = [];
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
    tables.push(table);
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
