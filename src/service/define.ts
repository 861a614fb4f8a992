/**
 * Makes a service of its definition: checks the definition once, then checks arguments, users and SQL
 * statements at each use, so that what reaches a service's functions is sound and what they do to the
 * state is allowed. Everything here is synchronous and without I/O but for the database handed in.
 */

import { assert } from '../base/assert.js';
import { digestOf } from '../base/digest.js';
import { HearsayError } from '../base/errors.js';
import type { Database, StateDatabase } from '../ports/database.js';
import type { Source } from '../ports/source.js';
import { isJson } from './answer-check.js';
import { UserCheck } from './argument-check.js';
import type { OperationDescription } from './arguments.js';
import {
  type Arguments,
  isRefusal,
  type Json,
  type Query,
  type Refusal,
  type Schemas,
  type ServiceDefinition,
  type Update,
  type UpdateContext,
} from './contract.js';
import { show } from './messages.js';
import { known, type OperationKind, operationsOf, unknownOperation } from './operations.js';
import { tablesOf } from './schema.js';
import { hashOfState } from './state-hash.js';
import { StatementGuard } from './statement-guard.js';

/** A service as the rest of the system uses it. */
export interface Service {
  readonly name: string;
  readonly version: number;
  /** Digest of name, version and schema: replicas compare it in the handshake. */
  readonly schemaHash: string;
  /** What can be asked, as plain data: queries first, each kind in the order of the definition. */
  readonly operations: readonly OperationDescription[];
  /**
   * The arguments with defaults filled in; parsing them again gives the same. `user` is empty when none
   * was given. Throws HearsayError INVALID for an unknown operation and for wrong arguments or user.
   */
  parse(kind: OperationKind, operation: string, rawArgs: unknown, user: string): Arguments;
  /** Asks an update's precondition; undefined = nothing is against it. `args` as `parse` gave them. */
  check(db: Database, operation: string, args: Arguments, user: string): Refusal | undefined;
  /** Answers a query. Throws HearsayError REFUSED where the service refuses. */
  query(db: Database, operation: string, args: Arguments, user: string): Json;
  /** Executes an update, once, in the transaction that the caller keeps. */
  apply(db: Database, operation: string, args: Arguments, context: UpdateContext): void;
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

const SERVICE_NAME = /^[a-z][a-z0-9-]{0,31}$/;

/**
 * Checks a definition and makes the service. Throws InvariantError when the definition is wrong: a name
 * that is reserved, taken twice or of another form, a schema that does more than make tables.
 */
export function defineService<Queries extends Schemas, Updates extends Schemas>(
  definition: ServiceDefinition<Queries, Updates>,
): Service {
  const { name, version, schema, visibleState } = definition;
  checkHeader(name, version, visibleState);
  const tables = tablesOf(name, schema.causal);
  const queries = operationsOf<Query>('query', definition.queries);
  const updates = operationsOf<Update>('update', definition.updates);
  for (const operation of updates.keys()) {
    assert(!queries.has(operation), `${operation} of ${name} is both a query and an update`);
  }
  const users = new UserCheck(definition.user);
  const guard = new StatementGuard(name, tables);

  return Object.freeze<Service>({
    name,
    version,
    schemaHash: digestOf(new TextEncoder().encode(JSON.stringify([name, version, schema]))),
    operations: Object.freeze(
      [...queries.values(), ...updates.values()].map(({ description }) => description),
    ),

    parse(kind, operation, rawArgs, user) {
      const found = (kind === 'query' ? queries : updates).get(operation);
      if (found === undefined) throw unknownOperation(name, kind, operation, queries, updates);
      if (!found.description.anonymous) users.check(operation, user);
      return found.arguments.parse(rawArgs);
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
      update.apply(guard.open(db, 'apply-causal', operation), args, context);
    },

    createTables(db) {
      db.exec(schema.causal);
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

function checkHeader(name: string, version: number, visibleState: readonly string[]): void {
  assert(
    SERVICE_NAME.test(name),
    `a service's name is a lower-case letter, then up to 31 letters, digits or "-", not ${show(name)}`,
  );
  assert(
    Number.isSafeInteger(version) && version >= 1,
    `the version of ${name} is a whole number from 1, not ${version}`,
  );
  for (const statement of visibleState) {
    assert(
      /\bORDER BY\b/i.test(statement),
      `a statement of ${name}'s visible state needs an ORDER BY: ${statement}`,
    );
  }
}
