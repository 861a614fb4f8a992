/** The service's state at one replica: executes updates and runs queries on its database. */

import { HearsayError } from '../base/errors.js';
import { isAlias, type TravellingRecord, type UpdateBody } from '../log/record.js';
import type { StateDatabase } from '../ports/database.js';
import type { Service } from '../service/define.js';
import { stampText } from '../timestamp/stamp.js';
import { bodyDigest } from '../wire/digest.js';
import type { Outcome, Query, Update } from '../wire/messages.js';

export class ServiceState {
  readonly #service: Service;
  readonly #database: StateDatabase;
  /** Hash of the state as it is, once somebody has asked for it. */
  #hash: string | null = null;

  constructor(service: Service, database: StateDatabase) {
    this.#service = service;
    this.#database = database;
  }

  /** Checks an update's arguments and makes its body. Throws HearsayError INVALID. */
  bodyOf({ operation, args, user, stamp, session, n }: Update): UpdateBody {
    const parsed = this.#service.parse('update', operation, args, user);
    const digest = bodyDigest(operation, parsed, user, stamp, session);
    return { session, n, digest, stamp, operation, args: parsed, user };
  }

  /**
   * Checks records that another replica sends: a record that is stored is executed by every replica,
   * so nothing may be stored that cannot be. Throws HearsayError INVALID naming the record.
   */
  checkRecords(records: readonly TravellingRecord[]): void {
    for (const record of records) {
      if (isAlias(record)) continue;
      const { operation, args, user } = record.body;
      try {
        this.#service.parse('update', operation, args, user);
      } catch (error) {
        if (!(error instanceof HearsayError)) throw error;
        const which = `record ${record.origin}:${record.seq} cannot be executed here`;
        throw new HearsayError('INVALID', `${which}: ${error.message}`);
      }
    }
  }

  /** Executes an update; many share one transaction, which `commit` ends. */
  apply(body: UpdateBody): void {
    this.#hash = null;
    this.#database.begin();
    this.#service.apply(this.#database, body.operation, body.args, {
      user: body.user,
      stamp: stampText(body.stamp, body.session, body.digest),
      id: `${body.session}:${body.n}`,
    });
  }

  /** Runs a query, or the precondition of an update. Throws HearsayError INVALID on wrong arguments. */
  read({ operation, args, user, precondition }: Query): Outcome {
    if (precondition !== null) {
      const parsed = this.#service.parse('update', operation, args, user);
      const refusal = this.#service.check(this.#database, operation, parsed, user);
      return refusal === undefined
        ? { kind: 'holds' }
        : { kind: 'refused', message: refusal.refused };
    }
    const parsed = this.#service.parse('query', operation, args, user);
    try {
      const value = this.#service.query(this.#database, operation, parsed, user);
      return { kind: 'value', value };
    } catch (error) {
      if (error instanceof HearsayError && error.code === 'REFUSED') {
        return { kind: 'refused', message: error.message };
      }
      throw error;
    }
  }

  commit(): void {
    this.#database.commit();
  }

  export(): Uint8Array {
    return this.#database.export();
  }

  hash(): string {
    this.#hash ??= this.#service.stateHash(this.#database);
    return this.#hash;
  }
}
