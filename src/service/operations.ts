/** The operations of a service by name, each with its compiled argument checks and its description. */

import type { z } from 'zod';
import { assert } from '../base/assert.js';
import { HearsayError } from '../base/errors.js';
import { ArgumentCheck } from './argument-check.js';
import type { OperationDescription } from './arguments.js';
import type { Query, Update } from './contract.js';
import { describeArguments } from './describe.js';
import { alternatives, show } from './messages.js';

export type OperationKind = OperationDescription['kind'];

/** Words of the command line, which no operation can have. */
const RESERVED_NAMES: readonly string[] = ['help', 'quit', 'status', 'log'];

const OPERATION_NAME = /^[a-z][A-Za-z0-9]{0,31}$/;

export interface Operation<Definition extends Query | Update> {
  readonly definition: Definition;
  readonly description: OperationDescription;
  /** The arguments that the client gives. */
  readonly given: ArgumentCheck;
  /** All arguments: those that the client gives and those that a lookup finds. */
  readonly complete: ArgumentCheck;
}

export type Operations<Definition extends Query | Update> = ReadonlyMap<
  string,
  Operation<Definition>
>;

/**
 * Throws InvariantError for a name that is reserved or of another form, and for an argument that is
 * both given and found.
 */
export function operationsOf<Definition extends Query | Update>(
  definitions: Readonly<Record<string, Definition>>,
): Operations<Definition> {
  const operations = new Map<string, Operation<Definition>>();
  for (const [name, definition] of Object.entries(definitions)) {
    assert(
      OPERATION_NAME.test(name) && !RESERVED_NAMES.includes(name),
      `an operation's name is a lower-case letter, then up to 31 letters or digits, and none of ${RESERVED_NAMES.join(', ')}; not ${show(name)}`,
    );
    const update = updateOf(definition);
    const given = new ArgumentCheck(name, definition.args);
    const found = update?.lookup?.found;
    const complete =
      found === undefined
        ? given
        : new ArgumentCheck(name, withFound(name, definition.args, found));
    const description: OperationDescription = {
      name,
      kind: update === undefined ? 'query' : 'update',
      about: definition.about,
      arguments: describeArguments(given.shape),
      anonymous: definition.anonymous ?? false,
      hasCheck: update?.check !== undefined,
      ordering: update?.ordering ?? null,
      hasLookup: found !== undefined,
      administrator: update?.administrator ?? false,
    };
    operations.set(name, { definition, description, given, complete });
  }
  return operations;
}

const updateOf = (definition: Query | Update): Update | undefined =>
  'ordering' in definition ? definition : undefined;

function withFound(operation: string, given: z.ZodObject, found: z.ZodObject): z.ZodObject {
  for (const name of Object.keys(found.shape)) {
    assert(
      !(name in given.shape),
      `${name} of ${operation} is both given and found: give what the lookup finds another name`,
    );
  }
  return given.safeExtend(found.shape);
}

/** The caller parsed the arguments, so it asked for this operation before. */
export function known<Definition extends Query | Update>(
  operations: Operations<Definition>,
  name: string,
): Operation<Definition> {
  const operation = operations.get(name);
  assert(operation !== undefined, `${name} was not parsed before it was run`);
  return operation;
}

export function unknownOperation(
  service: string,
  kind: OperationKind,
  operation: string,
  queries: Operations<Query>,
  updates: Operations<Update>,
): HearsayError {
  const other = kind === 'query' ? updates : queries;
  if (other.has(operation)) {
    const [is, not] = kind === 'query' ? ['an update', 'a query'] : ['a query', 'an update'];
    return new HearsayError('INVALID', `${operation} is ${is}, not ${not}`);
  }
  // The other kind's names help too: whoever mistypes one may have the wrong kind in mind as well.
  const names = [...queries.keys(), ...updates.keys()];
  const there = names.length === 0 ? 'it has no operations' : alternatives(operation, names);
  return new HearsayError('INVALID', `${service} has no ${kind} ${show(operation)}; ${there}`);
}
