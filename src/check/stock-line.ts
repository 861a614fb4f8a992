/**
 * What may be left of one dish at each place of the order: what it was set to, or seen at, less what was
 * taken and more what was given back since. Changes that have no certain place, or may not have come at
 * all, leave several amounts possible; which ones is told exactly for one dish at one place, and what one
 * choice means for other dishes and places is left out.
 */

import { countUpTo } from './forced-places.js';

/** A change at a place greater than `after`, `upTo` at most; it came for certain if that is finite. */
export interface StockChange {
  /** Negative: taken. */
  readonly amount: number;
  readonly after: number;
  readonly upTo: number;
}

/** What is left: something from `least` to `most`. */
export interface Left {
  readonly least: number;
  readonly most: number;
  /** What is left without the uncertain changes, and these, any of which may have come or not. */
  readonly certain: number;
  readonly uncertain: number;
  /** Their amounts; left out when there are more than are told exactly. */
  readonly amounts: readonly number[];
}

interface Placed {
  readonly place: number;
  readonly amount: number;
}

/** Sums of more changes than this are told by their bounds alone. */
const EXACT_MAX = 64;

export class StockLine {
  /** Set or seen, and changed: each by place. */
  readonly #bases: readonly Placed[];
  readonly #placed: readonly Placed[];
  /** By place, the sum of all changes up to it. */
  readonly #sums: readonly number[];
  readonly #vague: readonly StockChange[];
  readonly #unsureAfter: number;

  /**
   * @param settings where it was set to an amount, in any order.
   * @param seen the first that was seen of it, for the time before it was set; null: nothing was.
   * @param unsureAfter it may have been set to something at some place after this one.
   */
  constructor(
    settings: readonly Placed[],
    changes: readonly StockChange[],
    seen: Placed | null,
    unsureAfter: number,
  ) {
    const bases = [...settings];
    this.#placed = changes
      .filter(({ after, upTo }) => upTo - after === 1)
      .map(({ amount, upTo }) => ({ place: upTo, amount }))
      .sort(byPlace);
    this.#vague = changes.filter(({ after, upTo }) => upTo - after !== 1);
    let sum = 0;
    this.#sums = this.#placed.map(({ amount }) => (sum += amount));
    if (seen !== null && bases.every(({ place }) => place > seen.place)) {
      // Where all changes up to it are certain it tells what there was before all.
      const isClear = this.#vague.every(({ after }) => after >= seen.place);
      const before = seen.amount - this.#sumUpTo(seen.place);
      bases.push(isClear ? { place: 0, amount: before } : seen);
    }
    this.#bases = bases.sort(byPlace);
    this.#unsureAfter = unsureAfter;
  }

  /** What is left after all up to a place; undefined where nothing tells. */
  at(place: number): Left | undefined {
    const base = this.#bases[countUpTo(this.#bases, place) - 1];
    if (base === undefined || this.#unsureAfter < place) return undefined;
    let certain = base.amount + this.#sumUpTo(place) - this.#sumUpTo(base.place);
    let [less, more, uncertain] = [0, 0, 0];
    const amounts: number[] = [];
    for (const { amount, after, upTo } of this.#vague) {
      if (after >= place || upTo <= base.place) continue;
      if (after >= base.place && upTo <= place) {
        certain += amount;
        continue;
      }
      if (amount < 0) less -= amount;
      else more += amount;
      if (uncertain++ < EXACT_MAX) amounts.push(amount);
    }
    return { least: certain - less, most: certain + more, certain, uncertain, amounts };
  }

  #sumUpTo(place: number): number {
    return this.#sums[countUpTo(this.#placed, place) - 1] ?? 0;
  }
}

/** Whether so much may be left. */
export function mayBe({ least, most, certain, uncertain, amounts }: Left, left: number): boolean {
  if (left < least || left > most) return false;
  if (uncertain > EXACT_MAX) return true;
  const sums = new Set([certain]);
  for (const amount of amounts) for (const sum of [...sums]) sums.add(sum + amount);
  return sums.has(left);
}

const byPlace = (one: Placed, other: Placed): number => one.place - other.place;
