/**
 * Vector timestamps (Ladin et al. 1992, section 2; Coulouris et al., section 14.4): a map from origin to
 * a count of updates, missing = 0. A timestamp is an immutable value: it is shared by many messages and
 * records, and the codec writes it once for all of them. State that moves uses {@link TimestampBuilder}.
 */

import { assert } from '../base/assert.js';
import type { Origin } from '../base/ids.js';

/** How two timestamps stand to each other in the partial order. */
export type Ordering = 'before' | 'after' | 'equal' | 'concurrent';

/** Updates of one origin that somebody lacks: all counts from `from` to `to`, both included. */
export interface MissingRange {
  readonly origin: Origin;
  readonly from: number;
  readonly to: number;
}

/** What both the value and the builder can be asked. */
export interface TimestampView {
  /** The count of an origin; 0 when the timestamp does not name it. */
  get(origin: Origin): number;
}

export class VectorTimestamp implements TimestampView {
  static readonly zero = new VectorTimestamp(new Map());

  /** Only counts above 0 are kept, so that equal timestamps have equal maps. */
  readonly #counts: ReadonlyMap<Origin, number>;

  private constructor(counts: ReadonlyMap<Origin, number>) {
    this.#counts = counts;
  }

  /** Makes a timestamp from entries; entries of count 0 vanish. Counts must be safe integers >= 0. */
  static of(entries: Iterable<readonly [Origin, number]>): VectorTimestamp {
    const counts = new Map<Origin, number>();
    for (const [origin, count] of entries) {
      assert(Number.isSafeInteger(count) && count >= 0, `count of ${origin} is ${count}`);
      if (count > 0) counts.set(origin, count);
    }
    return counts.size === 0 ? VectorTimestamp.zero : new VectorTimestamp(counts);
  }

  /** The number of entries above 0. */
  get size(): number {
    return this.#counts.size;
  }

  get(origin: Origin): number {
    return this.#counts.get(origin) ?? 0;
  }

  entries(): IterableIterator<[Origin, number]> {
    return this.#counts.entries();
  }

  /** Its entries; also what assertion libraries compare two timestamps by. */
  [Symbol.iterator](): IterableIterator<[Origin, number]> {
    return this.#counts.entries();
  }

  /** True when every entry here is at most the other's: the other covers all that this one names. */
  leq(other: TimestampView): boolean {
    for (const [origin, count] of this.#counts) if (count > other.get(origin)) return false;
    return true;
  }

  compare(other: VectorTimestamp): Ordering {
    const below = this.leq(other);
    const above = other.leq(this);
    if (below && above) return 'equal';
    if (below) return 'before';
    return above ? 'after' : 'concurrent';
  }

  equals(other: VectorTimestamp): boolean {
    if (this === other) return true;
    return this.size === other.size && this.leq(other) && other.leq(this);
  }

  /** The least timestamp that covers both; one of the two itself where it covers the other. */
  merge(other: VectorTimestamp): VectorTimestamp {
    if (this === other || other.leq(this)) return this;
    if (this.leq(other)) return other;
    const counts = new Map(this.#counts);
    for (const [origin, count] of other.#counts) {
      if (count > (counts.get(origin) ?? 0)) counts.set(origin, count);
    }
    return new VectorTimestamp(counts);
  }

  /** This timestamp with one entry set to `count`, which must be above 0. */
  with(origin: Origin, count: number): VectorTimestamp {
    assert(Number.isSafeInteger(count) && count > 0, `count of ${origin} is ${count}`);
    const counts = new Map(this.#counts);
    counts.set(origin, count);
    return new VectorTimestamp(counts);
  }

  /** What `have` lacks of this timestamp, as ranges; empty when `have` covers it. */
  missingFrom(have: TimestampView): MissingRange[] {
    const ranges: MissingRange[] = [];
    for (const [origin, to] of this.#counts) {
      const from = have.get(origin) + 1;
      if (from <= to) ranges.push({ origin, from, to });
    }
    return ranges;
  }

  /** The first entry that `have` lacks, or null: where a waiter waits. */
  firstMissingFrom(have: TimestampView): readonly [Origin, number] | null {
    for (const entry of this.#counts) if (entry[1] > have.get(entry[0])) return entry;
    return null;
  }

  /** A plain object, for JSON and for users: `{"rm-1.x7~3f": 12, "!0": 3}`. */
  toJSON(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}

/** A timestamp that moves: a replica's `replicaTS` or `valueTS`. Entries only grow. */
export class TimestampBuilder implements TimestampView {
  readonly #counts: Map<Origin, number>;
  /** Origins that are complete and named no more, with their last counts. */
  readonly #closed = new Map<Origin, number>();
  /** The value last handed out; null when an entry has moved since. */
  #value: VectorTimestamp | null = null;

  constructor(from: VectorTimestamp = VectorTimestamp.zero) {
    this.#counts = new Map(from.entries());
    this.#value = from;
  }

  get(origin: Origin): number {
    return this.#counts.get(origin) ?? this.#closed.get(origin) ?? 0;
  }

  /** An origin is complete with `count`: its entry stays what it is, and the value names it no more. */
  close(origin: Origin, count: number): void {
    this.#counts.delete(origin);
    this.#closed.set(origin, count);
    this.#value = null;
  }

  /** Moves one entry forward; a count that is not above the present one changes nothing. */
  advance(origin: Origin, count: number): void {
    if (count <= this.get(origin) || this.#closed.has(origin)) return;
    this.#counts.set(origin, count);
    this.#value = null;
  }

  /** Moves every entry that `other` has further. */
  mergeIn(other: VectorTimestamp): void {
    for (const [origin, count] of other.entries()) this.advance(origin, count);
  }

  /** The present value; the same object until an entry moves. */
  value(): VectorTimestamp {
    this.#value ??= VectorTimestamp.of(this.#counts);
    return this.#value;
  }
}
