/**
 * What may travel as the arguments of an operation: JSON, of bounded size and depth, so that nothing
 * arrives as something else and every replica gets the same digest from it. Run on all arguments that
 * come in; a client runs it before it sends, where the message can still reach the caller.
 */

/// <reference lib="es2024.string" />

import { HearsayError } from '../base/errors.js';
import { LIMITS } from '../base/limits.js';
import type { Arguments } from './messages.js';

/** Throws HearsayError INVALID unless `args` can travel as it is, TOO_LARGE when it is too large. */
export function checkArguments(args: unknown): asserts args is Arguments {
  if (!isPlainMap(args)) throw new HearsayError('INVALID', 'arguments must be a map');
  let size = 0;
  for (const key of Object.keys(args)) {
    size += sizeOf(args[key], key, 1) + key.length;
    if (key === '__proto__') throw noJson('a key __proto__', key);
    if (size > LIMITS.argumentBytes) {
      throw new HearsayError(
        'TOO_LARGE',
        `the arguments are larger than the ${LIMITS.argumentBytes} bytes that are allowed`,
      );
    }
  }
}

/** At most the length of the value as JSON. `argument` is where it stands, for messages. */
function sizeOf(value: unknown, argument: string, depth: number): number {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw noJson('text with half a character', argument);
      return value.length + 2;
    case 'number':
      if (!Number.isFinite(value)) throw noJson(String(value), argument);
      return 1;
    case 'boolean':
      return 4;
    case 'object':
      break;
    default:
      throw noJson(`a value of type ${typeof value}`, argument);
  }
  if (value === null) return 4;
  if (depth >= LIMITS.nesting) {
    const message = `argument ${argument} has more than ${LIMITS.nesting} levels`;
    throw new HearsayError('TOO_LARGE', message);
  }
  let size = 2;
  if (Array.isArray(value)) {
    for (const item of value) size += sizeOf(item, argument, depth + 1);
    return size;
  }
  if (!isPlainMap(value)) throw noJson('an object of a class', argument);
  for (const key of Object.keys(value)) {
    if (key === '__proto__') throw noJson('a key __proto__', argument);
    size += sizeOf(value[key], argument, depth + 1) + key.length;
  }
  return size;
}

function isPlainMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

function noJson(what: string, argument: string): HearsayError {
  return new HearsayError('INVALID', `argument ${argument} has ${what}, which is no JSON`);
}
