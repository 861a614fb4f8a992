/**
 * Forced updates stand in one order: no two in one place, and who was sent after a place was told stands
 * behind it. Answers reflect that order up to a place: of a session, never less than it was shown
 * before, nor than whoever wrote what it shows; fresh ones, all that was acknowledged before they were
 * sent; final ones, all that lasts.
 *
 * Decided exactly: real time is compared with places pair by pair, in one walk along time that keeps
 * only the greatest place told so far. Whether results fit their places is not looked at here.
 */

import { type Finding, finding } from './finding.js';
import { FreePlaces, placeOf, reflectedBy } from './forced-places.js';
import type { History, HistoryOperation } from './history.js';
import { isFresh } from './relations.js';
import type { SourcedReads } from './sweep.js';

export interface ForcedOrder {
  /** By operation, the greatest place anybody had been told when it was sent: it comes after that. */
  readonly toldBefore: Float64Array;
  /** By operation, the greatest place that its session had been told when it was sent. */
  readonly seenBefore: Float64Array;
  /** Places that no operation is known to have: updates of unknown outcome have these. */
  readonly free: FreePlaces;
  readonly findings: readonly Finding[];
}

/** The greatest place told so far, and the operation whose end told it; -1 = none. */
interface Told {
  readonly place: number;
  readonly operation: number;
}

const NOTHING: Told = { place: 0, operation: -1 };

/** What had been told when a request was sent: to anybody; and what its answer must reflect, and why. */
interface Floors {
  readonly anywhere: Told;
  readonly session: Told;
  readonly fresh: Told;
  readonly final: Told;
}

/** @param updates names of the service's forced updates; places of other operations are not looked at. */
export function forcedOrder(history: History, updates: ReadonlySet<string>): ForcedOrder {
  return new OrderWalk(history, updates).walk();
}

class OrderWalk {
  readonly #history: History;
  readonly #updates: ReadonlySet<string>;
  readonly #toldBefore: Float64Array;
  readonly #seenBefore: Float64Array;
  readonly #floors = new Map<number, Floors>();
  readonly #sessions = new Map<string, Told>();
  readonly #taken = new Map<number, number>();
  readonly #findings: Finding[] = [];
  #anywhere = NOTHING;
  #acknowledged = NOTHING;
  #lasting = NOTHING;

  constructor(history: History, updates: ReadonlySet<string>) {
    this.#history = history;
    this.#updates = updates;
    this.#toldBefore = new Float64Array(history.operations.length);
    this.#seenBefore = new Float64Array(history.operations.length);
  }

  walk(): ForcedOrder {
    const { operations } = this.#history;
    const ends = operations
      .map((_, index) => index)
      .filter((index) => operations[index]?.returned !== null)
      .sort((one, other) => this.#returned(one) - this.#returned(other));
    let next = 0;
    operations.forEach((operation, index) => {
      for (; next < ends.length; next++) {
        const ended = ends[next] ?? -1;
        if (this.#returned(ended) > operation.called) break;
        this.#onReturn(ended);
      }
      this.#onCall(index, operation);
    });
    for (const ended of ends.slice(next)) this.#onReturn(ended);
    return {
      toldBefore: this.#toldBefore,
      seenBefore: this.#seenBefore,
      free: new FreePlaces([...this.#taken.keys()]),
      findings: this.#findings,
    };
  }

  #returned(index: number): number {
    return this.#history.operations[index]?.returned ?? Number.POSITIVE_INFINITY;
  }

  #isForced({ kind, operation }: HistoryOperation): boolean {
    return kind === 'update' && this.#updates.has(operation);
  }

  #onCall(index: number, operation: HistoryOperation): void {
    this.#toldBefore[index] = this.#anywhere.place;
    const session = this.#sessions.get(operation.session) ?? NOTHING;
    this.#seenBefore[index] = session.place;
    this.#floors.set(index, {
      anywhere: this.#anywhere,
      session,
      fresh: isFresh(operation) ? this.#acknowledged : NOTHING,
      final: operation.final ? this.#lasting : NOTHING,
    });
  }

  #onReturn(index: number): void {
    const operation = this.#history.operations[index];
    const floors = this.#floors.get(index);
    if (operation === undefined || floors === undefined) return;
    this.#floors.delete(index);
    if (operation.outcome.kind === 'answered') {
      const reflected = reflectedBy(operation);
      this.#checkAnswer(index, reflected, floors);
      this.#tell(operation, { place: reflected, operation: index });
    } else if (this.#isForced(operation)) this.#endUpdate(index, operation, floors.anywhere);
  }

  #endUpdate(index: number, operation: HistoryOperation, before: Told): void {
    const place = placeOf(operation);
    if (place === undefined) {
      if (operation.outcome.kind === 'updated') {
        this.#find('one order', [index], (update) => `${update} was told no place in the order`);
      }
      return;
    }
    const holder = this.#taken.get(place);
    if (holder !== undefined) {
      this.#find(
        'one order',
        [holder, index],
        (one, other) =>
          `two updates were told the place ${place} in the order: ${one} and ${other}`,
      );
    } else if (place <= before.place) {
      this.#find(
        'one order',
        [index, before.operation],
        (update, told) =>
          `${update} was told the place ${place} in the order, although place ${before.place} had ` +
          `been told before it was sent, by ${told}`,
      );
    }
    this.#taken.set(place, index);
    const told = { place, operation: index };
    this.#tell(operation, told);
    this.#acknowledged = later(this.#acknowledged, told);
    // A refusal has no copies to tell of: it lasts as the order does, which is known by others.
    const { outcome } = operation;
    if (outcome.kind === 'updated' && outcome.copies >= this.#history.leastCopies) {
      this.#lasting = later(this.#lasting, told);
    }
  }

  #tell({ session }: HistoryOperation, told: Told): void {
    this.#anywhere = later(this.#anywhere, told);
    this.#sessions.set(session, later(this.#sessions.get(session) ?? NOTHING, told));
  }

  /** One finding an answer: of the promises that it breaks, the first. */
  #checkAnswer(index: number, reflected: number, { session, fresh, final }: Floors): void {
    const { operations } = this.#history;
    const isOwnWrite = operations[session.operation]?.kind === 'update';
    const promises = [
      [isOwnWrite ? 'read your writes' : 'monotonic reads', session],
      ['fresh', fresh],
      ['durability', final],
    ] as const;
    const broken = promises.find(([, { place }]) => place > reflected);
    if (broken === undefined) return;
    const [promise, { place, operation: missed }] = broken;
    this.#find(
      promise,
      [index, missed],
      (answer, told) =>
        `${answer} reflects the order of forced updates up to place ${reflected}; it had to reflect ` +
        `place ${place}, which was told before it was sent, by ${told}`,
    );
  }

  #find(
    promise: string,
    involved: readonly number[],
    words: (...told: readonly string[]) => string,
  ): void {
    this.#findings.push(finding(this.#history.operations, promise, involved, words));
  }
}

const later = (one: Told, other: Told): Told => (other.place > one.place ? other : one);

/**
 * An answer that shows what a causal update wrote reflects the order as far as that update's session had
 * seen it. One finding an answer.
 */
export function* placesOfReads(
  { operations }: History,
  reads: SourcedReads,
  { seenBefore }: ForcedOrder,
): Generator<Finding> {
  for (const [index, query] of operations.entries()) {
    const reflected = reflectedBy(query);
    const behind = reads[index]?.find(({ writer }) => (seenBefore[writer] ?? 0) > reflected);
    if (behind === undefined) continue;
    yield finding(
      operations,
      'causality',
      [index, behind.writer],
      (answer, writer) =>
        `${answer} reflects the order of forced updates up to place ${reflected}, and shows what ` +
        `${writer} wrote, whose session had been told of place ${seenBefore[behind.writer]} before`,
    );
  }
}
