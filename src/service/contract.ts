/**
 * What a service is: data and functions, written once, run at every replica (DESIGN section 5).
 *
 * `apply` of an update must be deterministic (no clock, no chance, no I/O) and total: it never throws,
 * whatever the state. *Causal* updates arrive in different orders at different replicas, so any causal
 * order of the same updates must end in the same state; each operation says why in its comment.
 * *Forced* updates are executed in one sequence everywhere, but with different causal updates around
 * them; so the two never touch each other's tables. The convergence kit tests both.
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

/** What a lookup may reach: the world outside the cluster, from one front end. */
export interface Outside {
  /**
   * Asks a web address. Rejects with an Error in words when there is no answer in time or the body is
   * larger than 64 KiB; an answer of any status is an answer.
   */
  get(url: string, timeoutMs: number): Promise<{ readonly status: number; readonly body: string }>;
  /** The service's settings, each as it was set or as its default is. */
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * What an update needs from outside, which no replica may ask for. The front end looks it up once,
 * before the update gets its number; it then travels as arguments, the same in every retry.
 */
export interface Lookup<Args extends z.ZodObject, Found extends z.ZodObject> {
  /** Checks what was found: arguments beside those that the client gives, by other names. */
  readonly found: Found;
  /**
   * Finds it. Throws HearsayError INVALID for a value that is wrong, UNAVAILABLE when nobody can be
   * asked now; any other error becomes UNAVAILABLE too.
   */
  look(args: z.output<Args>, outside: Outside): Promise<z.input<Found>>;
}

/** What `check` and `apply` are given: the client's arguments, and what a lookup found. */
type Complete<Args extends z.ZodObject, Found extends z.ZodObject> = z.ZodObject extends Found
  ? z.output<Args>
  : z.output<Args> & z.output<Found>;

interface UpdateBase<Args extends z.ZodObject, Found extends z.ZodObject>
  extends OperationBase<Args> {
  /** What comes from outside. An update that has it is to be made with `defineUpdate`. */
  readonly lookup?: Lookup<Args, Found>;
  /** A precondition, as a query that the front end runs first (PROTOCOL A9); it may only read. */
  check?(db: Database, args: Complete<Args, Found>, context: QueryContext): Refusal | undefined;
  /** Only the administrator may do it (`--admin`): the front end tells others UNAUTHORIZED. @default false */
  readonly administrator?: boolean;
}

/** Executed in any causal order; gives no result. Touches causal tables only. */
export interface CausalUpdate<
  Args extends z.ZodObject = z.ZodObject,
  Found extends z.ZodObject = z.ZodObject,
> extends UpdateBase<Args, Found> {
  readonly ordering: 'causal';
  apply(db: Database, args: Complete<Args, Found>, context: UpdateContext): void;
}

/**
 * Executed in one sequence with all other forced updates; gives a result, which is the same
 * everywhere, and small (LIMITS.resultLength). Touches forced tables only. It refuses with `return refuse(…)` before it has written
 * anything: a refusal is a result at its place in the sequence.
 */
export interface ForcedUpdate<
  Args extends z.ZodObject = z.ZodObject,
  Found extends z.ZodObject = z.ZodObject,
> extends UpdateBase<Args, Found> {
  readonly ordering: 'forced';
  apply(db: Database, args: Complete<Args, Found>, context: UpdateContext): Json | Refusal;
}

export type Update<
  Args extends z.ZodObject = z.ZodObject,
  Found extends z.ZodObject = z.ZodObject,
> = CausalUpdate<Args, Found> | ForcedUpdate<Args, Found>;

/** How an update is ordered among others. */
export type Ordering = Update['ordering'];

/** Types a query that is written apart from its service. */
export const defineQuery = <Args extends z.ZodObject>(query: Query<Args>): Query<Args> => query;

/** Types an update that is written apart from its service, or that has a lookup. */
export const defineUpdate = <Args extends z.ZodObject, Found extends z.ZodObject = z.ZodObject>(
  update: Update<Args, Found>,
): Update<Args, Found> => update;

/** SQL text that makes the tables: causal updates touch only causal ones, forced only forced ones. */
export type Schema = { readonly [Owner in Ordering]?: string };

/** A setting of a service's lookups, given to front ends when they start. */
export interface Setting {
  readonly default: string;
  /** One line of help. */
  readonly about: string;
}

/** What a service's author writes; `defineService` infers the type parameters from the `args`. */
export interface ServiceDefinition<Queries extends Schemas, Updates extends Schemas> {
  readonly name: string;
  /** Raised when the meaning of an operation changes; replicas compare it in the handshake. */
  readonly version: number;
  /** The tables, at least of one kind; no two may have the same name. */
  readonly schema: Schema;
  /**
   * SELECT statements, each with a total order, whose rows together are the visible state: replicas
   * that have executed the same updates give the same rows. Tombstones are left out (PROTOCOL A8).
   */
  readonly visibleState: readonly string[];
  /** Checks the user's name; leave it out to take any text. Describe it as arguments are described. */
  readonly user?: z.ZodType<string>;
  /** What the service's lookups can be told from outside, by name. @default none */
  readonly settings?: Readonly<Record<string, Setting>>;
  /** Fills the tables before the first update. `progress` is told how much is done, 0 to 1. */
  seed?(db: Database, source: Source, progress: (done: number) => void): void;
  /**
   * Deletes tombstones whose stamp, as text, is less than `before`: no update with an older stamp will
   * come any more. The visible state stays as it is. Leave it out where nothing is ever deleted.
   */
  forget?(db: Database, before: string): void;
  readonly queries: { readonly [Name in keyof Queries]: Query<Queries[Name]> };
  readonly updates: { readonly [Name in keyof Updates]: Update<Updates[Name]> };
}
