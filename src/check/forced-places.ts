/**
 * Places in the one order of forced updates, as clients were told them: of an update, where it stands;
 * of an answer, how far it reflects the order. Other updates (and what the protocol itself puts into
 * the order) have the places that nobody was told.
 */

import type { HistoryOperation } from './history.js';

/** Where an update stands, be it as a refusal; undefined when its client was not told. */
export const placeOf = ({ outcome }: HistoryOperation): number | undefined =>
  outcome.kind === 'updated' || outcome.kind === 'failed' ? outcome.order : undefined;

/** How far an answer reflects the order: all up to this place, nothing after it. */
export const reflectedBy = ({ outcome }: HistoryOperation): number =>
  outcome.kind === 'answered' ? (outcome.order ?? 0) : 0;

export interface PlacedUpdate {
  readonly operation: number;
  readonly place: number;
}

/** The updates of these names that have a place, refused ones too, by place. */
export function placedUpdates(
  operations: readonly HistoryOperation[],
  names: ReadonlySet<string>,
): readonly PlacedUpdate[] {
  return operations
    .flatMap((update, operation) => {
      const place = placeOf(update);
      const isForced = update.kind === 'update' && names.has(update.operation);
      return isForced && place !== undefined ? [{ operation, place }] : [];
    })
    .sort((one, other) => one.place - other.place);
}

/** How many of these, sorted by place, stand at a place or before it. */
export function countUpTo(sorted: readonly { readonly place: number }[], place: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.place ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The places that no update in the history is known to have. */
export class FreePlaces {
  /** Of each run of taken places, the first; and the first free one after it. */
  readonly #firsts: number[] = [];
  readonly #ends: number[] = [];

  constructor(taken: readonly number[]) {
    for (const place of taken.toSorted((one, other) => one - other)) {
      const last = this.#ends.length - 1;
      if ((this.#ends[last] ?? 0) < place || last === -1) {
        this.#firsts.push(place);
        this.#ends.push(place + 1);
      } else this.#ends[last] = place + 1;
    }
  }

  /** The first free place after this one. */
  after(place: number): number {
    let low = 0;
    let high = this.#firsts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#firsts[middle] ?? 0) <= place + 1) low = middle + 1;
      else high = middle;
    }
    return Math.max(place + 1, this.#ends[low - 1] ?? 0);
  }
}
