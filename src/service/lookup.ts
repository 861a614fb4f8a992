/**
 * Completes an update's arguments at the front end: what the client gave, and what the operation's
 * lookup finds outside. It happens before the update gets its number, so whatever fails here had no
 * effect: every error is definite.
 */

import { HearsayError } from '../base/errors.js';
import type { Arguments, Outside, Update } from './contract.js';
import type { Operation } from './operations.js';

/**
 * The complete arguments. Throws HearsayError INVALID when the client gave wrong ones or the lookup
 * found what the operation does not take, what the lookup throws, and UNAVAILABLE when that is no
 * HearsayError.
 */
export async function completeArguments(
  { definition, description, given, complete }: Operation<Update>,
  rawArgs: unknown,
  outside: Outside,
): Promise<Arguments> {
  const args = given.parse(rawArgs);
  if (definition.lookup === undefined) return args;
  let found: Arguments;
  try {
    found = await definition.lookup.look(args, outside);
  } catch (error) {
    throw definiteError(description.name, error);
  }
  return complete.parse({ ...args, ...found });
}

function definiteError(operation: string, cause: unknown): HearsayError {
  if (cause instanceof HearsayError) {
    return cause.definite
      ? cause
      : new HearsayError(cause.code, cause.message, { cause, definite: true });
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  const message = `${operation} has to ask outside the cluster, which failed: ${why}; try again`;
  return new HearsayError('UNAVAILABLE', message, { cause, definite: true });
}
