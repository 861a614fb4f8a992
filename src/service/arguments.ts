/**
 * What can be asked of a service, as plain data: it travels to clients in the handshake, draws help
 * and forms, and reads `key=value` words (DESIGN section 4). Nothing here knows the service itself:
 * a client has only the descriptions.
 */

import { HearsayError } from '../base/errors.js';
import type { Json, Ordering } from './contract.js';
import { alternatives, show } from './messages.js';

export interface ArgumentDescription {
  readonly name: string;
  /** `string` takes text as it is, `text-or-json` JSON if it parses, `json` nothing but JSON. */
  readonly reads: 'string' | 'json' | 'text-or-json';
  /** What is allowed, in words that complete "must be …": `0.5 to 5 in steps of 0.5`. */
  readonly type: string;
  readonly required: boolean;
  /** What is taken when the argument is left out, where something is. */
  readonly default?: Json;
  /** What it is for, in a few words; may be empty. */
  readonly about: string;
}

export interface OperationDescription {
  readonly name: string;
  readonly kind: 'query' | 'update';
  readonly about: string;
  /** What the client gives, in the order in which the service names it. */
  readonly arguments: readonly ArgumentDescription[];
  /** No user needs to be given. */
  readonly anonymous: boolean;
  /** An update with a precondition, which the front end asks first (PROTOCOL A9). */
  readonly hasCheck: boolean;
  /** How updates are ordered; null: a query. */
  readonly ordering: Ordering | null;
  /** The front end looks further arguments up, outside the cluster, before the update is sent. */
  readonly hasLookup: boolean;
  /** Only the user named by `--admin` may do it. */
  readonly administrator: boolean;
}

/** What reading `key=value` needs to know of an operation. */
export type ReadableOperation = Pick<OperationDescription, 'name'> & {
  readonly arguments: readonly Pick<ArgumentDescription, 'name' | 'reads' | 'type'>[];
};

/**
 * Turns `key=value` words into raw arguments, for the service's own check to look at.
 * Throws HearsayError INVALID for an argument that is unknown, given twice, or not JSON where it must be.
 */
export function readArguments(
  operation: ReadableOperation,
  pairs: readonly (readonly [key: string, text: string])[],
): Record<string, unknown> {
  const read = new Map<string, unknown>();
  for (const [key, text] of pairs) {
    const argument = operation.arguments.find(({ name }) => name === key);
    if (argument === undefined) {
      const names = operation.arguments.map(({ name }) => name);
      throw new HearsayError('INVALID', unknownArgument(operation.name, key, names));
    }
    if (read.has(key)) throw new HearsayError('INVALID', `${key} is given twice`);
    read.set(key, readText(argument, text));
  }
  return Object.fromEntries(read);
}

/** Says that an operation has no such argument, and which it has. */
export function unknownArgument(
  operation: string,
  argument: string,
  names: readonly string[],
): string {
  if (names.length === 0) return `${operation} takes no arguments, so no ${show(argument)}`;
  return `${operation} takes no argument ${show(argument)}; ${alternatives(argument, names)}`;
}

function readText(argument: ReadableOperation['arguments'][number], text: string): unknown {
  if (argument.reads === 'string') return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    if (argument.reads === 'text-or-json') return text;
    const message = `${argument.name} must be ${argument.type}, not ${show(text)}`;
    throw new HearsayError('INVALID', message);
  }
}
