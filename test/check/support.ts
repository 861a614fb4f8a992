/** Histories written by hand: a request a line, each one after the other unless places are given. */

import { expect } from 'chai';
import { checkHistory, type CheckResult } from '../../src/check/check-history.js';
import type { History, HistoryOperation, HistoryOutcome } from '../../src/check/history.js';

type Args = Readonly<Record<string, unknown>>;

/** What a test may say of a request besides what it does. */
export type Details = Partial<
  Pick<HistoryOperation, 'called' | 'returned' | 'sentTo' | 'answeredBy' | 'final' | 'user'>
>;

/** Makes requests; the ones without places are sent and answered one after the other. */
export class Script {
  readonly operations: HistoryOperation[] = [];
  #place = 0;

  updated(session: string, operation: string, args: Args, copies = 2, details: Details = {}): this {
    return this.#add(session, 'update', operation, args, { kind: 'updated', copies }, details);
  }

  unknown(session: string, operation: string, args: Args, details: Details = {}): this {
    const outcome = { kind: 'unknown', code: 'TIMEOUT', message: 'no answer' } as const;
    return this.#add(session, 'update', operation, args, outcome, details);
  }

  failed(session: string, operation: string, args: Args, details: Details = {}): this {
    const outcome = { kind: 'failed', code: 'REFUSED', message: 'no' } as const;
    return this.#add(session, 'update', operation, args, outcome, details);
  }

  causal(session: string, operation: string, args: Args, value: unknown, details?: Details): this {
    const outcome = { kind: 'answered', value, guarantee: 'causal' } as const;
    return this.#add(session, 'query', operation, args, outcome, details);
  }

  fresh(session: string, operation: string, args: Args, value: unknown, details?: Details): this {
    const outcome = { kind: 'answered', value, guarantee: 'fresh' } as const;
    return this.#add(session, 'query', operation, args, outcome, details);
  }

  /** A forced update that was acknowledged at a place in the order. */
  forced(
    session: string,
    operation: string,
    args: Args,
    result: unknown,
    order: number,
    details: Details = {},
  ): this {
    const outcome = { kind: 'updated', copies: 2, result, order } as const;
    return this.#add(session, 'update', operation, args, outcome, details);
  }

  /** A forced update that was refused at a place in the order. */
  refused(session: string, operation: string, args: Args, order: number, details?: Details): this {
    const outcome = { kind: 'failed', code: 'REFUSED', message: 'no', order } as const;
    return this.#add(session, 'update', operation, args, outcome, details);
  }

  /** A query whose answer reflects the order up to a place. */
  shown(
    session: string,
    operation: string,
    args: Args,
    value: unknown,
    order: number,
    { guarantee = 'causal', ...details }: Details & { guarantee?: 'causal' | 'fresh' } = {},
  ): this {
    const outcome = { kind: 'answered', value, guarantee, order } as const;
    return this.#add(session, 'query', operation, args, outcome, details);
  }

  history(service = 'kv', rest: Partial<History> = {}): History {
    const operations = [...this.operations].sort((one, other) => one.called - other.called);
    return { service, leastCopies: 2, operations, finalHashes: {}, ...rest };
  }

  #add(
    session: string,
    kind: HistoryOperation['kind'],
    operation: string,
    args: Args,
    outcome: HistoryOutcome,
    details: Details = {},
  ): this {
    const called = details.called ?? this.#place + 1;
    const returned = details.returned === undefined ? called + 1 : details.returned;
    this.#place = Math.max(this.#place, called, returned ?? 0);
    this.operations.push({
      session,
      user: '',
      kind,
      operation,
      args,
      sentTo: 'fe-1',
      answeredBy: 'fe-1',
      final: false,
      ...details,
      called,
      returned,
      calledMs: called,
      returnedMs: returned,
      outcome,
    });
    return this;
  }
}

/** The result of a history that must be rejected for one promise and no other. */
export function expectBroken(history: History, promise: string, ...words: string[]): CheckResult {
  const result = checkHistory(history);
  expect(result.violations.map((violation) => violation.promise)).to.deep.equal([promise]);
  for (const part of words) expect(result.violations[0]?.words).to.contain(part);
  return result;
}

export function expectKept(history: History): CheckResult {
  const result = checkHistory(history);
  expect(result.violations).to.deep.equal([]);
  return result;
}
