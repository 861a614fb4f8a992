/**
 * The forced log: operations in one order, and the view state that protects it (PROTOCOL B). All of it
 * changes by transitions, each of which reaches the disk as a whole or not at all; a replica keeps one
 * such log as it is in memory and one as it is on its disk, and applies the same transitions to both.
 *
 * Invariants: `view`, `lnv` and `commit` never go back (I12), `lnv <= view`, `commit <= op`; an entry at
 * or below `commit` is never replaced; (seq, born) names one entry for ever (I21).
 */

import { assert } from '../base/assert.js';
import { isReservedOrigin, type MemberId, type Origin } from '../base/ids.js';
import { type Ballot, compareBallots, isLater, ZERO_BALLOT } from '../timestamp/ballot.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { MembershipChange } from './membership.js';
import type { UpdateBody } from './record.js';

/** The entry of timestamps that counts forced operations: `!g`, g the recovery generation (PROTOCOL F). */
export const FORCED_ORIGIN = '!0' as Origin;

/** The last forced operation that a timestamp counts, of whatever generation; 0 = none. */
export function orderedIn(timestamp: VectorTimestamp): number {
  let last = 0;
  for (const [origin, count] of timestamp.entries()) {
    if (isReservedOrigin(origin)) last = Math.max(last, count);
  }
  return last;
}

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
  | (EntryPlace & { readonly kind: 'no-op' })
  /** A change of the members; it depends on nothing. */
  | (EntryPlace & { readonly kind: 'change'; readonly change: MembershipChange });

/** What is known of another member's starts and promises: a disk put back is behind it (PROTOCOL E). */
export interface MemberNote {
  readonly member: MemberId;
  readonly boot: { readonly number: number; readonly nonce: string };
  readonly promises: number;
}

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
  readonly note?: MemberNote;
  /** It stands still for the recovery of this plan (PROTOCOL F); empty: it does not. */
  readonly halted?: string;
  /** No own record with an older stamp is made any more, ms (PROTOCOL A8). */
  readonly floorMs?: number;
}

/** A forced log as plain data, for snapshots. */
export interface KeptForced {
  /** Entries 1 to `base` are collected. */
  readonly base: number;
  /** The last update among those, or 0; and the view of the last of them. */
  readonly baseUpdate: number;
  readonly baseBorn: Ballot;
  readonly entries: readonly ForcedEntry[];
  readonly view: Ballot;
  readonly lnv: Ballot;
  readonly commit: number;
  readonly mayVote: boolean;
  readonly promises: number;
  readonly notes: readonly MemberNote[];
  readonly floorMs: number;
  readonly halted: string;
}

/** The same with how far a state reflects it: the last entry that was executed, and its view. */
export interface KeptOrder extends KeptForced {
  readonly executed: number;
  readonly executedView: Ballot;
}

export const NO_FORCED: KeptForced = {
  base: 0,
  baseUpdate: 0,
  baseBorn: ZERO_BALLOT,
  entries: [],
  view: ZERO_BALLOT,
  lnv: ZERO_BALLOT,
  commit: 0,
  mayVote: false,
  promises: 0,
  notes: [],
  floorMs: 0,
  halted: '',
};

export class ForcedLog {
  /** Entries 1 to `#base` are collected; the others stand at `seq - #base - 1`. */
  #base: number;
  #baseUpdate: number;
  #baseBorn: Ballot;
  #entries: ForcedEntry[];
  #view: Ballot;
  #lnv: Ballot;
  #commit: number;
  #mayVote: boolean;
  #promises: number;
  readonly #notes: Map<MemberId, MemberNote>;
  #floorMs: number;
  #halted: string;

  constructor(kept: KeptForced = NO_FORCED) {
    this.#base = kept.base;
    this.#baseUpdate = kept.baseUpdate;
    this.#baseBorn = kept.baseBorn;
    this.#entries = [...kept.entries];
    this.#view = kept.view;
    this.#lnv = kept.lnv;
    this.#commit = kept.commit;
    this.#mayVote = kept.mayVote;
    this.#promises = kept.promises;
    this.#notes = new Map(kept.notes.map((note) => [note.member, note]));
    this.#floorMs = kept.floorMs;
    this.#halted = kept.halted;
  }

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

  /** Entries up to this one are collected: every member has them, and a snapshot holds what they did. */
  get base(): number {
    return this.#base;
  }

  /** Number of the last entry: `op` of the papers. */
  get op(): number {
    return this.#base + this.#entries.length;
  }

  /** Changes of promises and entries since the beginning: a copy of an older disk has fewer. */
  get promises(): number {
    return this.#promises;
  }

  get floorMs(): number {
    return this.#floorMs;
  }

  /** The plan of the recovery that it stands still for; empty: none. */
  get halted(): string {
    return this.#halted;
  }

  noteOf(member: MemberId): MemberNote | undefined {
    return this.#notes.get(member);
  }

  /** The view is under way here: its log is this log. */
  get isNormal(): boolean {
    return compareBallots(this.#view, this.#lnv) === 0;
  }

  /** The last entry that is an update, committed or not; 0 = none. */
  get lastUpdate(): number {
    return this.lastUpdateUpTo(this.op);
  }

  /** The last update among the entries up to `seq`; 0 = none. */
  lastUpdateUpTo(seq: number): number {
    for (let at = seq; at > this.#base; at--) if (this.at(at)?.kind === 'update') return at;
    return this.#baseUpdate;
  }

  at(seq: number): ForcedEntry | undefined {
    return this.#entries[seq - this.#base - 1];
  }

  /** The entries `from` to `to`, both included, as far as there are any; none where some are collected. */
  slice(from: number, to: number): readonly ForcedEntry[] {
    if (from <= this.#base) return [];
    return this.#entries.slice(from - this.#base - 1, to - this.#base);
  }

  /** Lets go of the entries up to `seq`, which are committed. */
  collect(seq: number): void {
    assert(seq <= this.#commit, 'only committed entries are collected');
    const last = this.at(seq);
    if (last === undefined) return;
    this.#baseUpdate = this.lastUpdateUpTo(seq);
    this.#baseBorn = last.born;
    this.#entries = this.#entries.slice(seq - this.#base);
    this.#base = seq;
  }

  /** As plain data. The list of entries is this log's own: to be encoded at once, or copied. */
  kept(): KeptForced {
    return {
      base: this.#base,
      baseUpdate: this.#baseUpdate,
      baseBorn: this.#baseBorn,
      entries: this.#entries,
      view: this.#view,
      lnv: this.#lnv,
      commit: this.#commit,
      mayVote: this.#mayVote,
      promises: this.#promises,
      notes: [...this.#notes.values()],
      floorMs: this.#floorMs,
      halted: this.#halted,
    };
  }

  /** How far this log is, for elections: by view, then by length (Raft's vote restriction). */
  compareTo({ lnv, op }: { readonly lnv: Ballot; readonly op: number }): number {
    return compareBallots(this.#lnv, lnv) || this.op - op;
  }

  apply(transition: ForcedTransition): void {
    const { view, lnv, keep, entries = [], commit, mayVote, note, floorMs, halted } = transition;
    if ([view, lnv, keep, transition.entries].some((part) => part !== undefined)) this.#promises++;
    if (note !== undefined) this.#notes.set(note.member, note);
    if (halted !== undefined) this.#halted = halted;
    if (floorMs !== undefined) this.#floorMs = Math.max(this.#floorMs, floorMs);
    if (keep !== undefined) {
      assert(keep >= this.#commit && keep <= this.op, `the log cannot be cut to ${keep}`);
      this.#entries.length = keep - this.#base;
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
