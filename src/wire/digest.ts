/**
 * The digest that tells two bodies of one update id apart (PROTOCOL A6): SHA-256, first 16 bytes, over
 * the msgpack of `[operation, arguments with keys sorted, user, [physical ms, logical, session]]`.
 * Every replica computes it itself; none that was sent is trusted, save in an alias, where a wrong one
 * finds no body.
 */

import { digestOf } from '../base/digest.js';
import type { SessionId } from '../base/ids.js';
import type { Stamp } from '../timestamp/stamp.js';
import { pack } from './msgpack.js';
import type { Arguments } from './messages.js';

export function bodyDigest(
  operation: string,
  args: Arguments,
  user: string,
  stamp: Stamp,
  session: SessionId,
): string {
  const { physicalMs, logical } = stamp;
  return digestOf(pack([operation, sorted(args), user, [physicalMs, logical, session]]));
}

/** The same value with the keys of every object in ascending order of their UTF-16 units. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  // A Map, because an object has keys like '10' and '9' in an order of its own.
  const map = new Map<string, unknown>();
  const object = value as Arguments;
  for (const key of Object.keys(object).sort()) map.set(key, sorted(object[key]));
  return map;
}
