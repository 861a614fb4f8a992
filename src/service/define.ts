/**
 * Makes a service of its definition: checks the definition once, then checks arguments, users and SQL
 * statements at each use, so that what reaches a service's functions is sound and what they do to the
 * state is allowed. Everything here is synchronous and without I/O but for the database handed in.
 */

import { assert } from '../base/assert.js';
import { digestOf } from '../base/digest.js';
import { HearsayError } from '../base/errors.js';
import { LIMITS } from '../base/limits.js';
import type { Database, StateDatabase } from '../ports/database.js';
import type { Source } from '../ports/source.js';
import { isJson } from './answer-check.js';
import { UserCheck } from './argument-check.js';
import type { OperationDescription } from './arguments.js';
import {
  type Arguments,
  isRefusal,
  type Json,
  type Ordering,
  type Outside,
  type Query,
  type Refusal,
  type Schemas,
  type ServiceDefinition,
  type Setting,
  type Update,
  type UpdateContext,
} from './contract.js';
import { checkHeader } from './header-check.js';
import { completeArguments } from './lookup.js';
import {
  known,
  type Operation,
  type OperationKind,
  type Operations,
  operationsOf,
  unknownOperation,
} from './operations.js';
import { tablesOf } from './schema.js';
import { hashOfState } from './state-hash.js';
import { StatementGuard } from './statement-guard.js';

/** What a forced update came to; a refusal changed nothing. */
export type ForcedOutcome =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'refused'; readonly message: string };

/** A service as the rest of the system uses it. */
export interface Service {
  readonly name: string;
  readonly version: number;
  /** Digest of name, version and schema: replicas compare it in the handshake. */
  readonly schemaHash: string;
  /** What can be asked, as plain data: queries first, each kind in the order of the definition. */
  readonly operations: readonly OperationDescription[];
  /** The settings of its lookups, by name. */
  readonly settings: Readonly<Record<string, Setting>>;
  /** How the updates of an operation are ordered; undefined: there is no update of that name. */
  orderingOf(operation: string): Ordering | undefined;
  /**
   * The complete arguments of an update: what the client gave, with defaults filled in, and what the
   * operation's lookup finds. For the front end, before the update gets its number. Rejects with
   * HearsayError INVALID for an unknown operation and for wrong arguments or user, and with what the
   * lookup throws; every error is definite.
   */
  lookUp(operation: string, rawArgs: unknown, user: string, outside: Outside): Promise<Arguments>;
  /**
   * The complete arguments with defaults filled in; parsing them again gives the same. `user` is empty
   * when none was given. Throws HearsayError INVALID for an unknown operation and for wrong arguments
   * or user.
   */
  parse(kind: OperationKind, operation: string, rawArgs: unknown, user: string): Arguments;
  /** Asks an update's precondition; undefined = nothing is against it. `args` as `parse` gave them. */
  check(db: Database, operation: string, args: Arguments, user: string): Refusal | undefined;
  /** Answers a query. Throws HearsayError REFUSED where the service refuses. */
  query(db: Database, operation: string, args: Arguments, user: string): Json;
  /** Executes a causal update, once, in the transaction that the caller keeps. */
  apply(db: Database, operation: string, args: Arguments, context: UpdateContext): void;
  /** Executes a forced update, once, in the transaction that the caller keeps, in the order of all. */
  applyForced(
    db: Database,
    operation: string,
    args: Arguments,
    context: UpdateContext,
  ): ForcedOutcome;
  /** Deletes tombstones with a stamp less than `before`, in the transaction that the caller keeps (PROTOCOL A8). */
  forget(db: Database, before: string): void;
  /** Makes the tables in an empty database. */
  createTables(db: StateDatabase): void;
  /**
   * Fills the tables, before the first update, in one transaction. `progress` is told how much is
   * done, 0 to 1. When it throws (HearsayError INVALID: wrong data) the database is to be thrown away.
   */
  seed(db: StateDatabase, source: Source, progress: (done: number) => void): void;
  /** Digest of the visible state. Reads all of it: about 100 ms for 100,000 rows. */
  stateHash(db: Database): string;
  /** The rows of the visible state, table by table, for tests and for comparing two replicas. */
  visibleState(db: Database): readonly (readonly unknown[])[];
}

/**
 * Checks a definition and makes the service. Throws InvariantError when the definition is wrong: a name
 * that is reserved, taken twice or of another form, a schema that makes no table, one twice, or does
 * more than make tables.
 */
export function defineService<Queries extends Schemas, Updates extends Schemas>(
  definition: ServiceDefinition<Queries, Updates>,
): Service {
  const { name, version, visibleState, settings = {} } = definition;
  const { causal, forced } = definition.schema;
  checkHeader(definition);
  const tables = tablesOf(name, definition.schema);
  const queries = operationsOf<Query>(definition.queries);
  const updates = operationsOf<Update>(definition.updates);
  for (const operation of updates.keys()) {
    assert(!queries.has(operation), `${operation} of ${name} is both a query and an update`);
  }
  const users = new UserCheck(definition.user);
  const guard = new StatementGuard(name, tables);

  /** The operation that somebody asks for, who is checked too. */
  function asked<Definition extends Query | Update>(
    kind: OperationKind,
    operations: Operations<Definition>,
    operation: string,
    user: string,
  ): Operation<Definition> {
    const found = operations.get(operation);
    if (found === undefined) throw unknownOperation(name, kind, operation, queries, updates);
    if (!found.description.anonymous) users.check(operation, user);
    return found;
  }

  return Object.freeze<Service>({
    name,
    version,
    schemaHash: digestOf(
      new TextEncoder().encode(JSON.stringify([name, version, { causal, forced }])),
    ),
    operations: Object.freeze(
      [...queries.values(), ...updates.values()].map(({ description }) => description),
    ),
    settings,

    orderingOf: (operation) => updates.get(operation)?.definition.ordering,

    lookUp: async (operation, rawArgs, user, outside) =>
      completeArguments(asked('update', updates, operation, user), rawArgs, outside),

    parse(kind, operation, rawArgs, user) {
      const operations = kind === 'query' ? queries : updates;
      return asked<Query | Update>(kind, operations, operation, user).complete.parse(rawArgs);
    },

    check(db, operation, args, user) {
      const { definition: update } = known(updates, operation);
      return update.check?.(guard.open(db, 'read', operation), args, { user });
    },

    query(db, operation, args, user) {
      const { definition: query } = known(queries, operation);
      const answer = query.run(guard.open(db, 'read', operation), args, { user });
      if (isRefusal(answer)) throw new HearsayError('REFUSED', answer.refused);
      if (!isJson(answer)) {
        const message = `${operation} of ${name} answered what is no JSON, and cannot travel`;
        throw new HearsayError('INVALID', message);
      }
      return answer;
    },

    apply(db, operation, args, context) {
      const { definition: update } = known(updates, operation);
      assert(
        update.ordering === 'causal',
        `${operation} of ${name} is forced, and was run as causal`,
      );
      update.apply(guard.open(db, 'apply-causal', operation), args, context);
    },

    applyForced(db, operation, args, context) {
      const { definition: update } = known(updates, operation);
      assert(
        update.ordering === 'forced',
        `${operation} of ${name} is causal, and was run as forced`,
      );
      const result = update.apply(guard.open(db, 'apply-forced', operation), args, context);
      if (isRefusal(result)) return { kind: 'refused', message: result.refused };
      assert(isJson(result), `${operation} of ${name} gave a result that is no JSON`);
      const { length } = JSON.stringify(result);
      assert(
        length <= LIMITS.resultLength,
        `${operation} of ${name} gave a result of ${length} characters: ${LIMITS.resultLength} can travel`,
      );
      return { kind: 'value', value: result };
    },

    forget(db, before) {
      definition.forget?.(guard.open(db, 'apply-causal', 'forget'), before);
    },

    createTables(db) {
      if (causal !== undefined) db.exec(causal);
      if (forced !== undefined) db.exec(forced);
      // Runs each statement once on no rows: a mistake in one shows now.
      hashOfState(guard.open(db, 'read', 'visibleState'), visibleState);
    },

    seed(db, source, progress) {
      db.begin();
      definition.seed?.(guard.open(db, 'seed', 'seed'), source, progress);
      db.commit();
      progress(1);
    },

    stateHash: (db) => hashOfState(guard.open(db, 'read', 'visibleState'), visibleState),

    visibleState(db) {
      const guarded = guard.open(db, 'read', 'visibleState');
      return visibleState.map((statement) => guarded.all(statement));
    },
  });
}
