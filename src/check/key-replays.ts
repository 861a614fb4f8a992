/**
 * Forced operations on keys, where each operation looks at one key alone: sorted out by key, each key is
 * replayed on its own. A kind of keys says what its operations do.
 */

import { type Finding, finding } from './finding.js';
import type { ForcedOrder } from './forced-order.js';
import { placeOf, reflectedBy } from './forced-places.js';
import type { ForcedResults } from './forced-service.js';
import type { HistoryOperation } from './history.js';
import { identityOf } from './meaning.js';
import {
  type BrokenStep,
  type FindWays,
  type KnownStep,
  type LooseUpdate,
  replay,
  type State,
} from './replay.js';

/** What an operation found and left; `before` undefined: anything may have been before. */
export interface Change {
  readonly before: State | undefined;
  readonly after: State;
}

/** A result or answer that no state can have led to. */
export interface Impossible {
  readonly promise: string;
  readonly why: string;
}

export interface KeyKind<Effect> {
  /** For people: `the value of`. */
  readonly name: string;
  /** The promise that results of one key which do not fit break. */
  readonly promise: string;
  /** What a key is before all. */
  readonly initial: State;
  readonly updates: ReadonlySet<string>;
  readonly query: string;
  effectOf(update: HistoryOperation): Effect;
  changeOf(update: HistoryOperation, result: unknown): Change | Impossible;
  stateOf(value: unknown): Change | Impossible;
  readonly findWays: FindWays<Effect>;
}

interface Key<Effect> {
  readonly steps: KnownStep[];
  readonly groups: Map<string, { readonly effect: Effect; readonly updates: LooseUpdate[] }>;
}

export class KeyReplays<Effect> {
  readonly #operations: readonly HistoryOperation[];
  readonly #order: ForcedOrder;
  readonly #kind: KeyKind<Effect>;
  readonly #keys = new Map<string, Key<Effect>>();
  readonly #findings: Finding[] = [];

  constructor(operations: readonly HistoryOperation[], order: ForcedOrder, kind: KeyKind<Effect>) {
    this.#operations = operations;
    this.#order = order;
    this.#kind = kind;
  }

  check(): ForcedResults {
    for (const [index, operation] of this.#operations.entries()) {
      if (operation.kind === 'query') this.#addAnswer(index, operation);
      else if (this.#kind.updates.has(operation.operation)) this.#addUpdate(index, operation);
    }
    const notes: string[] = [];
    for (const [name, { steps, groups }] of this.#keys) {
      const { initial, findWays } = this.#kind;
      const replayed = replay(steps, [...groups.values()], initial, this.#order.free, findWays);
      for (const broken of replayed.broken) this.#findings.push(this.#brokenStep(name, broken));
      if (replayed.wasTooMuch) {
        notes.push(
          `${this.#kind.name} key ${name} was checked in part only: too many updates of unknown ` +
            'outcome may have changed it',
        );
      }
    }
    return { findings: this.#findings, notes };
  }

  #addAnswer(index: number, operation: HistoryOperation): void {
    if (operation.operation !== this.#kind.query || operation.outcome.kind !== 'answered') return;
    const change = this.#kind.stateOf(operation.outcome.value);
    this.#addKnown(index, operation, change, reflectedBy(operation), true);
  }

  #addUpdate(index: number, operation: HistoryOperation): void {
    const { outcome } = operation;
    const place = placeOf(operation);
    if (outcome.kind === 'failed') return;
    const isKnown =
      outcome.kind === 'updated' &&
      place !== undefined &&
      this.#addKnown(
        index,
        operation,
        this.#kind.changeOf(operation, outcome.result),
        place,
        false,
      );
    if (isKnown) return;
    const effect = this.#kind.effectOf(operation);
    const { groups } = this.#keyOf(operation);
    const name = identityOf(effect);
    const update = { operation: index, after: this.#order.toldBefore[index] ?? 0 };
    const group = groups.get(name);
    // Operations come in the order of sending, in which what had been told never shrinks.
    if (group === undefined) groups.set(name, { effect, updates: [update] });
    else group.updates.push(update);
  }

  /** False when that cannot have been: nothing is learnt from it then. */
  #addKnown(
    operation: number,
    request: HistoryOperation,
    change: Change | Impossible,
    place: number,
    isAnswer: boolean,
  ): boolean {
    if ('why' in change) {
      const { promise, why } = change;
      this.#findings.push(
        finding(this.#operations, promise, [operation], (told) => `${told}: ${why}`),
      );
      return false;
    }
    this.#keyOf(request).steps.push({ operation, place, isAnswer, ...change });
    return true;
  }

  #keyOf({ args }: HistoryOperation): Key<Effect> {
    const name = identityOf(args['key']);
    let key = this.#keys.get(name);
    if (key === undefined) this.#keys.set(name, (key = { steps: [], groups: new Map() }));
    return key;
  }

  #brokenStep(key: string, { found, leftBy, state }: BrokenStep): Finding {
    const name = `${this.#kind.name} key ${key}`;
    const where = found.isAnswer ? `up to place ${found.place}` : `at place ${found.place}`;
    const excuse = 'and no updates of unknown outcome can have changed it in between';
    if (leftBy === null) {
      return finding(
        this.#operations,
        this.#kind.promise,
        [found.operation],
        (finder) =>
          `${finder} found ${name} to be ${found.before}, ${where}; before all it was ${state}, ${excuse}`,
      );
    }
    return finding(
      this.#operations,
      this.#kind.promise,
      [found.operation, leftBy.operation],
      (finder, leaver) =>
        `${finder} found ${name} to be ${found.before}, ${where}; the last that was known before ` +
        `it is ${state}, at place ${leftBy.place}, by ${leaver}, ${excuse}`,
    );
  }
}
