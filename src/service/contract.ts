/**
 * What a service is: data and functions, written once, run at every replica (DESIGN section 5).
 *
 * `apply` of an update must be deterministic (no clock, no chance, no I/O) and total: it never throws,
 * whatever the state. Causal updates arrive in different orders at different replicas, so any causal
 * order of the same updates must end in the same state; each operation says why in its comment, and
 * the convergence kit tests it.
 */

import type { z } from 'zod';
import type { Database } from '../ports/database.js';
import type { Source } from '../ports/source.js';

/**
 * A refusal: the operation is well formed, but the state does not allow it. A class, because a query's
 * result may be any JSON object, one with a member `refused` included.
 */
export class Refusal {
  readonly refused: string;

  constructor(message: string) {
    this.refused = message;
  }
}

/** Says no, for a reason that a person understands: the client gets REFUSED with this message. */
export const refuse = (message: string): Refusal => new Refusal(message);

export const isRefusal = (value: unknown): value is Refusal => value instanceof Refusal;

export interface QueryContext {
  /** The user as the client named itself; already checked by the service's `user` schema, unless the
   * operation is `anonymous`: then any text, empty when none was given. */
  readonly user: string;
}

export interface UpdateContext extends QueryContext {
  /**
   * The update's place among concurrent ones, as text: comparing two of them with `<`, in JavaScript
   * or in SQL, orders any two updates the same way everywhere. It holds the hybrid logical clock
   * stamp, then the session, then the body's digest, so no two different updates have the same one.
   * Initial data counts as written with the empty stamp, before everything.
   */
  readonly stamp: string;
  /** The update id, `session:n`. */
  readonly id: string;
}

/** Values that travel as results: JSON. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Checked arguments: a plain object with what was left out filled in. */
export type Arguments = Readonly<Record<string, unknown>>;

/** The argument schemas of several operations, by the operation's name. */
export type Schemas = Readonly<Record<string, z.ZodObject>>;

interface OperationBase<Args extends z.ZodObject> {
  /** One line of help. */
  readonly about: string;
  /**
   * Checks the arguments, types the handler and draws the client's form. Unknown arguments are always
   * refused; objects inside arguments should be `z.strictObject`. Give each argument a `.describe(…)`
   * that completes "ARGUMENT must be …": it stands in the help and in messages. The message of a
   * `refine` replaces it there, as in "ARGUMENT MESSAGE".
   * `.meta({ title })` says in a few words what the argument is for.
   */
  readonly args: Args;
  /** The operation does not look at the user: none needs to be given. @default false */
  readonly anonymous?: boolean;
}

export interface Query<Args extends z.ZodObject = z.ZodObject> extends OperationBase<Args> {
  run(db: Database, args: z.output<Args>, context: QueryContext): Json | Refusal;
}

export interface Update<Args extends z.ZodObject = z.ZodObject> extends OperationBase<Args> {
  readonly ordering: 'causal';
  /** A precondition, as a query that the front end runs first (PROTOCOL A9); it may only read. */
  check?(db: Database, args: z.output<Args>, context: QueryContext): Refusal | undefined;
  apply(db: Database, args: z.output<Args>, context: UpdateContext): void;
}

/** Types a query that is written apart from its service. */
export const defineQuery = <Args extends z.ZodObject>(query: Query<Args>): Query<Args> => query;

/** Types an update that is written apart from its service. */
export const defineUpdate = <Args extends z.ZodObject>(update: Update<Args>): Update<Args> =>
  update;

/** What a service's author writes; `defineService` infers the type parameters from the `args`. */
export interface ServiceDefinition<Queries extends Schemas, Updates extends Schemas> {
  readonly name: string;
  /** Raised when the meaning of an operation changes; replicas compare it in the handshake. */
  readonly version: number;
  /** SQL text that makes the tables. Causal updates write only causal tables. */
  readonly schema: { readonly causal: string };
  /**
   * SELECT statements, each with a total order, whose rows together are the visible state: replicas
   * that have executed the same updates give the same rows. Tombstones are left out (PROTOCOL A8).
   */
  readonly visibleState: readonly string[];
  /** Checks the user's name; leave it out to take any text. Describe it as arguments are described. */
  readonly user?: z.ZodType<string>;
  /** Fills the tables before the first update. `progress` is told how much is done, 0 to 1. */
  seed?(db: Database, source: Source, progress: (done: number) => void): void;
  readonly queries: { readonly [Name in keyof Queries]: Query<Queries[Name]> };
  readonly updates: { readonly [Name in keyof Updates]: Update<Updates[Name]> };
}
