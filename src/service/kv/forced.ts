/**
 * The forced part of kv: keys and values that are swapped on a condition, and stocks that never go
 * below zero, in two separate key spaces of their own. All replicas execute these updates in one
 * order, so each sees what the one before left, and gives the same result everywhere.
 *
 * A value null and no value are the same here, as `cas` has no other word for "absent"; so null is
 * kept as no row.
 */

import { z } from 'zod';
import type { Database } from '../../ports/database.js';
import { defineQuery, defineUpdate, type Json } from '../contract.js';
import { AMOUNT, EXPECTED, KEY, VALUE } from './forms.js';
import { jsonOf, parseJson } from './values.js';

export const FORCED_SCHEMA = `
  CREATE TABLE forced_entries (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL      -- JSON with sorted keys
  ) WITHOUT ROWID;
  CREATE TABLE stocks (
    key TEXT PRIMARY KEY,
    amount INTEGER NOT NULL  -- 0 or more
  ) WITHOUT ROWID;
`;

export const FORCED_STATE = [
  'SELECT key, value FROM forced_entries ORDER BY key',
  'SELECT key, amount FROM stocks ORDER BY key',
];

function valueOf(db: Database, key: string): Json {
  const sql = 'SELECT value FROM forced_entries WHERE key = ?';
  const entry = db.get<{ value: string }>(sql, [key]);
  return entry === undefined ? null : parseJson(entry.value);
}

function writeValue(db: Database, key: string, value: Json): void {
  if (value === null) db.run('DELETE FROM forced_entries WHERE key = ?', [key]);
  else db.run('REPLACE INTO forced_entries (key, value) VALUES (?, ?)', [key, jsonOf(value)]);
}

function leftOf(db: Database, key: string): number | null {
  const sql = 'SELECT amount FROM stocks WHERE key = ?';
  return db.get<{ amount: number }>(sql, [key])?.amount ?? null;
}

function writeStock(db: Database, key: string, amount: number): void {
  db.run('REPLACE INTO stocks (key, amount) VALUES (?, ?)', [key, amount]);
}

export const forced = defineQuery({
  about: 'The value that put and cas gave a key, or null',
  anonymous: true,
  args: z.object({ key: KEY }),
  run: (db, { key }) => valueOf(db, key),
});

export const left = defineQuery({
  about: 'How much is left of a stock; null when none was set',
  anonymous: true,
  args: z.object({ key: KEY }),
  run: (db, { key }) => leftOf(db, key),
});

export const put = defineUpdate({
  about: 'Give a key a value, in one order with all forced updates',
  ordering: 'forced',
  anonymous: true,
  args: z.object({ key: KEY, value: VALUE }),
  apply(db, { key, value }) {
    writeValue(db, key, value);
    return null;
  },
});

export const cas = defineUpdate({
  about: 'Give a key a value if it has the expected one',
  ordering: 'forced',
  anonymous: true,
  args: z.object({ key: KEY, expected: EXPECTED, value: VALUE }),
  apply(db, { key, expected, value }) {
    const current = valueOf(db, key);
    if (jsonOf(current) !== jsonOf(expected)) return { swapped: false, value: current };
    writeValue(db, key, value);
    return { swapped: true, value: valueOf(db, key) };
  },
});

export const stock = defineUpdate({
  about: 'Set how much there is of something',
  ordering: 'forced',
  anonymous: true,
  args: z.object({ key: KEY, amount: AMOUNT }),
  apply(db, { key, amount }) {
    writeStock(db, key, amount);
    return null;
  },
});

export const take = defineUpdate({
  about: 'Take an amount from a stock, all of it or nothing',
  ordering: 'forced',
  anonymous: true,
  args: z.object({ key: KEY, amount: AMOUNT }),
  apply(db, { key, amount }) {
    const there = leftOf(db, key);
    if (there === null || there < amount) return { taken: 0, left: there };
    writeStock(db, key, there - amount);
    return { taken: amount, left: there - amount };
  },
});
