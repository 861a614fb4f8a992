/**
 * The forced log: operations in one order, and the view state that protects it (PROTOCOL B). All of it
 * changes by transitions, each of which reaches the disk as a whole or not at all; a replica keeps one
 * such log as it is in memory and one as it is on its disk, and applies the same transitions to both.
 *
 * Invariants: `view`, `lnv` and `commit` never go back (I12), `lnv <= view`, `commit <= op`; an entry at
 * or below `commit` is never replaced; (seq, born) names one entry for ever (I21).
 */

import { assert } from '../base/assert.js';
import type { Origin } from '../base/ids.js';
import { type Ballot, compareBallots, isLater, ZERO_BALLOT } from '../timestamp/ballot.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { UpdateBody } from './record.js';

/** The entry of timestamps that counts forced operations: `!g`, g the recovery generation (PROTOCOL F). */
export const FORCED_ORIGIN = '!0' as Origin;

interface EntryPlace {
  /** Its place in the order: 1, 2, 3 … */
  readonly seq: number;
  /** The view that first ordered it. */
  readonly born: Ballot;
  /** The primary's commit when it ordered this: whoever has the entry knows that so much is committed. */
  readonly committed: number;
  /** What it depends on: it executes where the state covers `prev`. */
  readonly prev: VectorTimestamp;
}

export type ForcedEntry =
  | (EntryPlace & {
      readonly kind: 'update';
      readonly body: UpdateBody;
      /** Updates 1 to `answered` of the session have been answered: their results may be freed. */
      readonly answered: number;
    })
  /** What a new primary begins its view with; it changes no state. */
  | (EntryPlace & { readonly kind: 'no-op' });

/** One change of a forced log. What is left out stays as it is. */
export interface ForcedTransition {
  /** The highest ballot promised. */
  readonly view?: Ballot;
  /** The last normal view: the view whose log this is. */
  readonly lnv?: Ballot;
  /** The log is cut to so many entries first. */
  readonly keep?: number;
  readonly entries?: readonly ForcedEntry[];
  /** So many entries are committed. */
  readonly commit?: number;
  /** Nothing that this member ever promised or acknowledged is forgotten: it may vote. */
  readonly mayVote?: boolean;
}

export class ForcedLog {
  readonly #entries: ForcedEntry[] = [];
  #view = ZERO_BALLOT;
  #lnv = ZERO_BALLOT;
  #commit = 0;
  #mayVote = false;

  get view(): Ballot {
    return this.#view;
  }

  get lnv(): Ballot {
    return this.#lnv;
  }

  get commit(): number {
    return this.#commit;
  }

  get mayVote(): boolean {
    return this.#mayVote;
  }

  /** Number of the last entry: `op` of the papers. */
  get op(): number {
    return this.#entries.length;
  }

  /** The view is under way here: its log is this log. */
  get isNormal(): boolean {
    return compareBallots(this.#view, this.#lnv) === 0;
  }

  /** The last entry that is no no-op, committed or not; 0 = none. */
  get lastUpdate(): number {
    let seq = this.op;
    while (seq > 0 && this.#entries[seq - 1]?.kind === 'no-op') seq--;
    return seq;
  }

  at(seq: number): ForcedEntry | undefined {
    return this.#entries[seq - 1];
  }

  /** The entries `from` to `to`, both included, as far as there are any. */
  slice(from: number, to: number): readonly ForcedEntry[] {
    return this.#entries.slice(from - 1, to);
  }

  /** How far this log is, for elections: by view, then by length (Raft's vote restriction). */
  compareTo({ lnv, op }: { readonly lnv: Ballot; readonly op: number }): number {
    return compareBallots(this.#lnv, lnv) || this.op - op;
  }

  apply({ view, lnv, keep, entries = [], commit, mayVote }: ForcedTransition): void {
    if (keep !== undefined) {
      assert(keep >= this.#commit && keep <= this.op, `the log cannot be cut to ${keep}`);
      this.#entries.length = keep;
    }
    for (const entry of entries) {
      assert(entry.seq === this.op + 1, `entry ${entry.seq} does not follow ${this.op}`);
      this.#entries.push(entry);
    }
    if (view !== undefined) {
      assert(!isLater(this.#view, view), 'the promised view cannot go back');
      this.#view = view;
    }
    if (lnv !== undefined) {
      assert(!isLater(this.#lnv, lnv), 'the last normal view cannot go back');
      this.#lnv = lnv;
    }
    assert(!isLater(this.#lnv, this.#view), 'the last normal view is one that was promised');
    if (commit !== undefined) {
      assert(commit >= this.#commit && commit <= this.op, `commit cannot become ${commit}`);
      this.#commit = commit;
    }
    if (mayVote !== undefined) this.#mayVote = mayVote;
  }
}
