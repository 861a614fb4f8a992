/**
 * The values of kv: JSON, up to 64 KiB as text. They are kept as text with sorted keys, so that two
 * copies of a value that name their keys in different orders leave replicas with equal states.
 */

import type { Json } from '../contract.js';

export const VALUE_BYTES = 64 * 1024;

/** Far above what people nest, far below what a recursive function can take. */
const DEPTH_MAX = 64;

/** Halves of characters, which UTF-8 cannot write: they would change on their way. */
const HALF_CHARACTER = /\p{Surrogate}/u;

/** UTF-8 takes at most so many bytes a UTF-16 unit. */
const UTF8_BYTES_MAX = 3;

/** JSON takes at most so many bytes a UTF-16 unit, as in `\u0000`, and two quotes. */
const JSON_BYTES_MAX = 6;

const encoder = new TextEncoder();

export const isWellFormed = (text: string): boolean => !HALF_CHARACTER.test(text);

/** Whether a text takes at most `bytes` bytes in UTF-8; short ones are not counted out. */
export function fitsUtf8(text: string, bytes: number): boolean {
  return text.length * UTF8_BYTES_MAX <= bytes || encoder.encode(text).length <= bytes;
}

/** What is wrong with a value, in words that follow its name; undefined when nothing is. */
export function problemOf(value: unknown): string | undefined {
  const problem = problemAt(value, 0);
  if (problem !== undefined) return problem;
  if (typeof value === 'string' && value.length * JSON_BYTES_MAX + 2 <= VALUE_BYTES) {
    return undefined;
  }
  return fitsUtf8(jsonOf(value as Json), VALUE_BYTES)
    ? undefined
    : `must be at most ${VALUE_BYTES} bytes as JSON`;
}

/** The value's one text: keys sorted, no spaces. It must have no problem. */
export function jsonOf(value: Json): string {
  return JSON.stringify(withSortedKeys(value));
}

/** The value that `jsonOf` gave this text. */
export const parseJson = (text: string): Json => JSON.parse(text) as Json;

function problemAt(value: unknown, depth: number): string | undefined {
  switch (typeof value) {
    case 'boolean':
      return undefined;
    case 'string':
      return isWellFormed(value) ? undefined : 'holds half a character (a lone surrogate)';
    case 'number':
      return Number.isFinite(value) ? undefined : `must be JSON, which has no ${value}`;
    case 'object':
      return value === null ? undefined : problemInside(value, depth + 1);
    default:
      return 'must be a string, number, boolean, null, array or object';
  }
}

function problemInside(value: object, depth: number): string | undefined {
  if (depth > DEPTH_MAX) return `is nested deeper than ${DEPTH_MAX} levels`;
  if (!Array.isArray(value)) {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      return 'must be plain JSON: arrays and objects, and nothing else inside';
    }
    for (const key of Object.keys(value)) {
      // Whoever copies such an object key by key changes the copy's prototype.
      if (key === '__proto__')
        return 'holds an object with the key "__proto__", which is not allowed';
      if (!isWellFormed(key)) return 'holds half a character (a lone surrogate)';
    }
  }
  for (const item of Object.values(value)) {
    const problem = problemAt(item, depth);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function withSortedKeys(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withSortedKeys);
  const sorted: Record<string, Json> = {};
  for (const key of Object.keys(value).sort()) {
    const item = value[key];
    if (item !== undefined) sorted[key] = withSortedKeys(item);
  }
  return sorted;
}
