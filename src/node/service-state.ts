/** The service's state at one replica: executes updates and runs queries on its database. */

import { HearsayError } from '../base/errors.js';
import type { ForcedEntry } from '../log/forced-log.js';
import { isAlias, type TravellingRecord, type UpdateBody } from '../log/record.js';
import type { ForcedResult } from '../log/results-table.js';
import type { StateDatabase } from '../ports/database.js';
import type { AnswerBasis } from '../replica/effects.js';
import type { Service } from '../service/define.js';
import { stampText, stampTextFrom } from '../timestamp/stamp.js';
import { bodyDigest } from '../wire/digest.js';
import type { Forward } from '../wire/forced-messages.js';
import type { Answer, Declined, Outcome, Query, Update } from '../wire/messages.js';

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
  bodyOf({ operation, args, user, stamp, session, n }: Update | Forward): UpdateBody {
    const parsed = this.#service.parse('update', operation, args, user);
    const digest = bodyDigest(operation, parsed, user, stamp, session);
    return { session, n, digest, stamp, operation, args: parsed, user };
  }

  /** How an update is ordered; undefined when the service has no such update. */
  orderingOf(operation: string): 'causal' | 'forced' | undefined {
    return this.#service.orderingOf(operation);
  }

  /**
   * Checks what another replica sends: what is stored is executed by every replica, so nothing may be
   * stored that cannot be. Throws HearsayError INVALID naming the record.
   */
  checkRecords(records: readonly TravellingRecord[]): void {
    for (const record of records) {
      if (!isAlias(record)) this.#check(record.body, 'causal', `${record.origin}:${record.seq}`);
    }
  }

  /** The same for entries of the forced log. */
  checkEntries(entries: readonly ForcedEntry[]): void {
    for (const entry of entries) {
      if (entry.kind === 'update') this.#check(entry.body, 'forced', `!:${entry.seq}`);
    }
  }

  #check({ operation, args, user }: UpdateBody, ordering: string, which: string): void {
    const cannot = `record ${which} cannot be executed here`;
    try {
      this.#service.parse('update', operation, args, user);
    } catch (error) {
      if (!(error instanceof HearsayError)) throw error;
      throw new HearsayError('INVALID', `${cannot}: ${error.message}`);
    }
    if (this.#service.orderingOf(operation) === ordering) return;
    throw new HearsayError('INVALID', `${cannot}: ${operation} is not ${ordering}`);
  }

  /** Executes a causal update; many share one transaction, which `commit` ends. */
  apply(body: UpdateBody): void {
    this.#begin();
    this.#service.apply(this.#database, body.operation, body.args, contextOf(body));
  }

  /** Executes a forced update, in the same transaction, and answers what it came to. */
  execute(body: UpdateBody): ForcedResult {
    this.#begin();
    return this.#service.applyForced(this.#database, body.operation, body.args, contextOf(body));
  }

  /** Deletes what was deleted before this stamp for good, in the same transaction: nobody sees a difference. */
  forget(beforeMs: number): void {
    this.#database.begin();
    this.#service.forget(this.#database, stampTextFrom(beforeMs));
  }

  #begin(): void {
    this.#hash = null;
    this.#database.begin();
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

  /** The answer to a query as it travels; a `declined` where its arguments are wrong. */
  answer(query: Query, basis: AnswerBasis): Answer | Declined {
    const { requestId } = query;
    try {
      return { kind: 'answer', requestId, ...basis, outcome: this.read(query) };
    } catch (error) {
      if (error instanceof HearsayError) return declined(requestId, error);
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

const contextOf = ({ user, stamp, session, n, digest }: UpdateBody) => ({
  user,
  stamp: stampText(stamp, session, digest),
  id: `${session}:${n}`,
});

export const declined = (requestId: number, { code, message }: HearsayError): Declined => ({
  kind: 'declined',
  requestId,
  code,
  message,
});
