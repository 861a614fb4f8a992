/**
 * What causal operations of the service kv mean. A key is a register; `delete` writes null, which is also what
 * a key is at first: who reads null may read from either. `scan` reads every key it covers, the absent
 * ones as null. Counters are in `counters.ts`, forced operations in `kv-forced.ts`.
 */

import { Counters } from './counters.js';
import type { History, HistoryOperation } from './history.js';
import { kvForced } from './kv-forced.js';
import { identityOf, type Meaning, MeaningBuilder } from './meaning.js';
import { oddAnswer } from './words.js';

const ABSENT = 'null';

/** What `scan` takes when no limit is given. */
const SCAN_LIMIT = 100;

interface KeyRegister {
  readonly key: string;
  readonly register: number;
}

export function kvMeaning(history: History): Meaning {
  const { operations } = history;
  const builder = new MeaningBuilder(history, kvForced.updates);
  const counters = new Counters(operations, builder);
  const keys = collectUpdates(operations, builder, counters);
  operations.forEach((operation, index) => {
    if (operation.kind !== 'query' || operation.outcome.kind !== 'answered') return;
    const { value } = operation.outcome;
    switch (operation.operation) {
      case 'get':
        builder.read(index, registerOf(builder, textOf(operation, 'key')), identityOf(value));
        break;
      case 'scan':
        if (isRows(value)) readScan(operations, index, value, keys, builder);
        else builder.violations.push(oddAnswer(operations, index));
        break;
      case 'count':
        if (typeof value === 'number') counters.read(index, textOf(operation, 'key'), value);
        else builder.violations.push(oddAnswer(operations, index));
        break;
      default:
        if (kvForced.queries.has(operation.operation)) break;
        builder.note(`${operation.operation} was not checked: the checkers do not know it`);
    }
  });
  counters.finish();
  return builder.finish();
}

/** The keys that were ever written, in the order of `scan`. */
function collectUpdates(
  operations: readonly HistoryOperation[],
  builder: MeaningBuilder,
  counters: Counters,
): readonly KeyRegister[] {
  const keys = new Map<string, number>();
  operations.forEach((operation, index) => {
    if (operation.kind !== 'update') return;
    const key = textOf(operation, 'key');
    switch (operation.operation) {
      case 'set':
      case 'delete': {
        const isSet = operation.operation === 'set';
        const register = registerOf(builder, key);
        keys.set(key, register);
        builder.write(index, register, isSet ? identityOf(operation.args['value']) : ABSENT);
        break;
      }
      case 'add':
        counters.add(index, key, Number(operation.args['amount']));
        break;
      default:
        if (kvForced.updates.has(operation.operation)) break;
        builder.note(`${operation.operation} was not checked: the checkers do not know it`);
    }
  });
  counters.decode();
  return [...keys]
    .map(([key, register]) => ({ key, register }))
    .sort((one, other) => compareText(one.key, other.key));
}

const registerOf = (builder: MeaningBuilder, key: string): number =>
  builder.register(`key ${JSON.stringify(key)}`, ABSENT);

const textOf = ({ args }: HistoryOperation, name: string): string => {
  const value = args[name];
  return typeof value === 'string' ? value : identityOf(value);
};

type Row = Readonly<Record<'key', string> & Record<'value', unknown>>;

const isRows = (value: unknown): value is readonly Row[] =>
  Array.isArray(value) &&
  value.every((row) => typeof (row as Partial<Row> | null)?.key === 'string');

function readScan(
  operations: readonly HistoryOperation[],
  index: number,
  rows: readonly Row[],
  keys: readonly KeyRegister[],
  builder: MeaningBuilder,
): void {
  const operation = operations[index];
  if (operation === undefined) return;
  const prefix = textOf(operation, 'prefix');
  const shown = new Set<string>();
  for (const { key, value } of rows) {
    shown.add(key);
    builder.read(index, registerOf(builder, key), identityOf(value));
  }
  const limit = Number(operation.args['limit'] ?? SCAN_LIMIT);
  // A full answer may have been cut after its last row: of later keys it says nothing.
  const last = rows.length >= limit ? rows.at(-1)?.key : undefined;
  for (let i = firstAtLeast(keys, prefix); i < keys.length; i++) {
    const entry = keys[i];
    if (entry === undefined || !entry.key.startsWith(prefix)) return;
    if (last !== undefined && compareText(entry.key, last) > 0) return;
    if (shown.has(entry.key)) continue;
    // What was not written yet is absent: nothing can be learnt from that.
    if (builder.firstSent(entry.register, operations) > (operation.returned ?? 0)) continue;
    builder.read(index, entry.register, ABSENT);
  }
}

function firstAtLeast(keys: readonly KeyRegister[], text: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareText(keys[middle]?.key ?? '', text) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Orders texts as SQLite does, by their bytes in UTF-8, which is by code points. */
function compareText(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let i = 0; i < length; i++) {
    const a = one.charCodeAt(i);
    const b = other.charCodeAt(i);
    if (a === b) continue;
    // Of two units only one of which is a surrogate, that one belongs to the greater code point.
    const aIsSurrogate = a >= 0xd800 && a <= 0xdfff;
    const bIsSurrogate = b >= 0xd800 && b <= 0xdfff;
    if (aIsSurrogate !== bIsSurrogate) return aIsSurrogate ? 1 : -1;
    return a - b;
  }
  return one.length - other.length;
}
