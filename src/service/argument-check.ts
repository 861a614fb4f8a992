/**
 * Checks an operation's arguments and user before anything else sees them. Every update passes here at
 * each replica that takes it, so the good case does nothing but run the compiled schema; words are
 * found only for what is wrong.
 */

import type { z } from 'zod';
import { HearsayError } from '../base/errors.js';
import { unknownArgument } from './arguments.js';
import type { Arguments } from './contract.js';
import { allowedBy, type Shape, shapeAt, shapeOf } from './describe.js';
import { show } from './messages.js';

/** The part of a zod issue that messages are made from. */
type Issue = z.core.$ZodIssue;

/** zod's message of a `refine` that was given none. */
const NO_MESSAGE = 'Invalid input';

export class ArgumentCheck {
  /** The arguments as JSON Schema, before defaults are filled in. */
  readonly shape: Shape;
  readonly #operation: string;
  readonly #schema: z.ZodObject;

  constructor(operation: string, schema: z.ZodObject) {
    this.#operation = operation;
    this.#schema = schema.strict();
    this.shape = shapeOf(this.#schema);
  }

  /** The arguments with defaults filled in. Throws HearsayError INVALID naming each one that is wrong. */
  parse(raw: unknown): Arguments {
    const result = this.#schema.safeParse(raw);
    if (result.success) return result.data;
    const problems = new Map<PropertyKey | undefined, string>();
    for (const issue of result.error.issues) {
      // What else is wrong with an argument seldom helps once one thing is said of it.
      if (!problems.has(issue.path[0])) problems.set(issue.path[0], this.#problem(issue, raw));
    }
    throw new HearsayError('INVALID', [...problems.values()].join('; '));
  }

  #problem(issue: Issue, raw: unknown): string {
    const came = valueAt(raw, issue.path);
    const shape = shapeAt(this.shape, issue.path);
    const place = placeOf(issue.path);
    if (issue.code === 'unrecognized_keys') {
      const taker = place === '' ? this.#operation : place;
      return unknownArgument(taker, issue.keys[0] ?? '', Object.keys(shape?.properties ?? {}));
    }
    if (place === '') {
      return `the arguments of ${this.#operation} must be an object, not ${show(raw)}`;
    }
    if (issue.code === 'custom' && issue.message !== NO_MESSAGE) return `${place} ${issue.message}`;
    const allowed = shape === undefined ? issue.message : allowedBy(shape);
    if (came === undefined) return `${this.#operation} needs ${place}: ${allowed}`;
    return `${place} must be ${allowed}, not ${show(came)}`;
  }
}

/** Checks who asks; the empty text stands for nobody. */
export class UserCheck {
  readonly #schema: z.ZodType<string> | undefined;

  constructor(schema: z.ZodType<string> | undefined) {
    this.#schema = schema;
  }

  /** Throws HearsayError INVALID when the operation needs a user and `user` is none or no proper one. */
  check(operation: string, user: string): void {
    if (user !== '' && (this.#schema === undefined || this.#schema.safeParse(user).success)) return;
    const allowed = this.#schema === undefined ? 'any name' : allowedBy(shapeOf(this.#schema));
    throw new HearsayError(
      'INVALID',
      user === ''
        ? `${operation} needs a user: give one, ${allowed} (--user, or the option user of connect)`
        : `the user must be ${allowed}, not ${show(user)}`,
    );
  }
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let value = raw;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

/** `items[0].quantity` for the path items, 0, quantity. */
function placeOf(path: readonly PropertyKey[]): string {
  let place = '';
  for (const key of path) {
    if (typeof key === 'number') place += `[${key}]`;
    else place += place === '' ? String(key) : `.${String(key)}`;
  }
  return place;
}
