/**
 * The causal part of kv: keys and values, and counters, in two separate key spaces.
 *
 * Why any order ends in the same state:
 * - `set` and `delete` keep the write with the greatest stamp; a deleted key stays as a tombstone
 *   (value null), which an earlier `set` that arrives later does not get past.
 * - `add` adds whole numbers exactly. A sum can outgrow SQLite's integers, which then turn into
 *   inexact ones and depend on the order; so it is kept as two halves, `high` * 2^32 + `low`, with
 *   `low` from 0 to 2^32 - 1: every sum has one such form.
 */

import { z } from 'zod';
import type { Database } from '../../ports/database.js';
import { defineQuery, defineUpdate, refuse } from '../contract.js';
import { CHANGE, KEY, PREFIX, VALUE } from './forms.js';
import { jsonOf, parseJson } from './values.js';

export const CAUSAL_SCHEMA = `
  CREATE TABLE entries (
    key TEXT PRIMARY KEY,
    value TEXT,              -- JSON; null = deleted
    stamp TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE counters (
    key TEXT PRIMARY KEY,
    high INTEGER NOT NULL,
    low INTEGER NOT NULL
  ) WITHOUT ROWID;
`;

export const CAUSAL_STATE = [
  'SELECT key, value FROM entries WHERE value IS NOT NULL ORDER BY key',
  'SELECT key, high, low FROM counters ORDER BY key',
];

const LOW = 2 ** 32;

/** An answer must fit into a message; a key costs little beside what JSON adds. */
const SCAN_BYTES = 512 * 1024;

interface Entry {
  readonly key: string;
  readonly value: string;
}

export const get = defineQuery({
  about: 'The value of a key, or null',
  anonymous: true,
  args: z.object({ key: KEY }),
  run(db, { key }) {
    const sql = 'SELECT value FROM entries WHERE key = ? AND value IS NOT NULL';
    const entry = db.get<Pick<Entry, 'value'>>(sql, [key]);
    return entry === undefined ? null : parseJson(entry.value);
  },
});

export const scan = defineQuery({
  about: 'Keys that begin with a prefix and their values, by the bytes of the key',
  anonymous: true,
  args: z.object({
    prefix: PREFIX,
    limit: z
      .int()
      .min(1)
      .max(1000)
      .default(100)
      .meta({ description: 'a whole number from 1 to 1000', title: 'how many at most' }),
  }),
  run(db, { prefix, limit }) {
    const range = [prefix, firstAfter(prefix), limit];
    const where =
      'WHERE key >= ?1 AND (?2 IS NULL OR key < ?2) AND value IS NOT NULL ORDER BY key LIMIT ?3';
    const size = db.get<{ bytes: number | null }>(
      `SELECT sum(octet_length(key) + octet_length(value)) AS bytes
       FROM (SELECT key, value FROM entries ${where})`,
      range,
    );
    if (size?.bytes != null && size.bytes > SCAN_BYTES) {
      return refuse(
        `the values are ${size.bytes} bytes, more than the ${SCAN_BYTES} of one answer; lower the limit`,
      );
    }
    return db
      .all<Entry>(`SELECT key, value FROM entries ${where}`, range)
      .map(({ key, value }) => ({ key, value: parseJson(value) }));
  },
});

export const count = defineQuery({
  about: 'The sum of all amounts added to a counter',
  anonymous: true,
  args: z.object({ key: KEY }),
  run(db, { key }) {
    const sql = 'SELECT high, low FROM counters WHERE key = ?';
    const halves = db.get<{ high: number; low: number }>(sql, [key]);
    if (halves === undefined) return 0;
    const sum = BigInt(halves.high) * BigInt(LOW) + BigInt(halves.low);
    if (Number.isSafeInteger(Number(sum))) return Number(sum);
    return refuse(`the count of ${key} is ${sum}: numbers in JSON are exact only up to 2^53 - 1`);
  },
});

/** Of two writes of a key the one with the greater stamp stays. */
const WRITE = `
  INSERT INTO entries (key, value, stamp) VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET value = excluded.value, stamp = excluded.stamp
  WHERE excluded.stamp > stamp`;

export const set = defineUpdate({
  about: 'Give a key a value',
  ordering: 'causal',
  anonymous: true,
  args: z.object({ key: KEY, value: VALUE }),
  apply(db, { key, value }, { stamp }) {
    db.run(WRITE, [key, jsonOf(value), stamp]);
  },
});

export const remove = defineUpdate({
  about: 'Delete a key and its value',
  ordering: 'causal',
  anonymous: true,
  args: z.object({ key: KEY }),
  apply(db, { key }, { stamp }) {
    db.run(WRITE, [key, null, stamp]);
  },
});

export const add = defineUpdate({
  about: 'Add an amount to a counter',
  ordering: 'causal',
  anonymous: true,
  args: z.object({ key: KEY, amount: CHANGE }),
  apply(db, { key, amount }) {
    const high = Math.floor(amount / LOW);
    db.run(
      `INSERT INTO counters (key, high, low) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET
         high = high + excluded.high + ((low + excluded.low) >> 32),
         low = (low + excluded.low) & 4294967295`,
      [key, high, amount - high * LOW],
    );
  },
});

/** Deletes the tombstones of keys that were deleted before a stamp. */
export function forget(db: Database, before: string): void {
  db.run('DELETE FROM entries WHERE value IS NULL AND stamp < ?', [before]);
}

/** The least text that is greater than all that begin with `prefix`; null when there is none. */
function firstAfter(prefix: string): string | null {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === 0x10ffff) continue;
    // Between these two lie the surrogates, which are no characters.
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    return String.fromCodePoint(...points, next);
  }
  return null;
}
