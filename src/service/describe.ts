/** Derives the descriptions of operations, and the words of "must be …", from their zod schemas. */

import { z } from 'zod';
import type { ArgumentDescription } from './arguments.js';
import type { Json } from './contract.js';

/** The part of JSON Schema that is looked at here. */
export interface Shape {
  readonly type?: string;
  readonly description?: string;
  readonly title?: string;
  readonly default?: Json;
  readonly enum?: readonly Json[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly required?: readonly string[];
}

/** The shape of what comes in, before defaults are filled in. */
export function shapeOf(schema: z.ZodType): Shape {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape;
}

/** The arguments that an object schema takes, in its order. */
export function describeArguments(object: Shape): ArgumentDescription[] {
  return Object.entries(object.properties ?? {}).map(([name, shape]) => ({
    name,
    reads: readingOf(shape),
    type: allowedBy(shape),
    required: object.required?.includes(name) ?? false,
    ...(shape.default === undefined ? {} : { default: shape.default }),
    about: shape.title ?? '',
  }));
}

/** The shape at a path inside another, as far as it is known. */
export function shapeAt(shape: Shape, path: readonly PropertyKey[]): Shape | undefined {
  let found: Shape | undefined = shape;
  for (const key of path) {
    found = typeof key === 'number' ? found?.items : found?.properties?.[String(key)];
  }
  return found;
}

/** What a shape allows, in words that complete "must be …": its description where it has one. */
export function allowedBy(shape: Shape): string {
  if (shape.description !== undefined) return shape.description;
  if (shape.enum !== undefined)
    return shape.enum.map((value) => JSON.stringify(value)).join(' or ');
  switch (shape.type) {
    case 'string':
      return `text${rangeOf(shape.minLength, shape.maxLength)}${shape.maxLength === undefined ? '' : ' characters'}`;
    case 'number':
      return `a number${rangeOf(shape.minimum, shape.maximum)}`;
    case 'integer':
      return `a whole number${rangeOf(shape.minimum, shape.maximum)}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list';
    case 'object':
      return 'an object';
    default:
      return 'a JSON value';
  }
}

function readingOf(shape: Shape): ArgumentDescription['reads'] {
  if (shape.type === 'string') return 'string';
  // A schema that says nothing of the type takes any value: text needs no quotes.
  return shape.type === undefined && shape.enum === undefined ? 'text-or-json' : 'json';
}

function rangeOf(least: number | undefined, most: number | undefined): string {
  const above = least === undefined || least <= Number.MIN_SAFE_INTEGER ? '' : ` from ${least}`;
  const below = most === undefined || most >= Number.MAX_SAFE_INTEGER ? '' : ` up to ${most}`;
  return above + below;
}
