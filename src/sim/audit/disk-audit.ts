/**
 * What must hold for the log on one disk, after every write to it:
 * - I2, I3: it has no gaps and is causally closed at every length: whoever holds a record can serve its
 *   whole past. A4: an alias stands after a record with its body.
 * - I12: the promised view, the last normal view and the commit number never go back.
 * - I15: an entry depends on nothing that is not on the same disk.
 * What disks must agree on: see cluster-book.ts.
 */

import { InvariantError } from '../../base/assert.js';
import type { MemberId, Origin } from '../../base/ids.js';
import {
  FORCED_ORIGIN,
  type ForcedEntry,
  ForcedLog,
  type ForcedTransition,
  type KeptForced,
} from '../../log/forced-log.js';
import type { Configuration } from '../../log/membership.js';
import { idOf, isAlias, keyOf, type TravellingRecord } from '../../log/record.js';
import type { SnapshotState } from '../../replica/state.js';
import { isSameBallot } from '../../timestamp/ballot.js';
import { TimestampBuilder } from '../../timestamp/vector-timestamp.js';
import { decodeGroup } from '../../wire/journal-group.js';
import { type ClusterBook, placeOf } from './cluster-book.js';

export class DiskAudit {
  readonly #book: ClusterBook;
  /** Whose directory it is. */
  readonly #member: MemberId;
  readonly #received: TimestampBuilder;
  readonly #bodies: Set<string>;
  readonly #forced: ForcedLog;
  /** The configuration of the last entry that brings one; null before the first. */
  #configuration: Configuration | null;

  /** Begins with what a directory is made with. */
  static of(book: ClusterBook, member: MemberId, snapshot: SnapshotState): DiskAudit {
    const { log, forced, membership } = snapshot;
    if (membership !== null) book.found(membership);
    const received = new TimestampBuilder(log.collected);
    const bodies = new Set(log.bodies.map(keyOf));
    const configuration = membership?.configuration ?? null;
    return new DiskAudit(book, member, { received, bodies, forced, configuration });
  }

  private constructor(
    book: ClusterBook,
    member: MemberId,
    held: {
      readonly received: TimestampBuilder;
      readonly bodies: Set<string>;
      readonly forced: KeptForced | null;
      readonly configuration: Configuration | null;
    },
  ) {
    this.#book = book;
    this.#member = member;
    this.#received = held.received;
    this.#bodies = held.bodies;
    this.#forced = held.forced === null ? new ForcedLog() : new ForcedLog(held.forced);
    this.#configuration = held.configuration;
  }

  /** For a disk that is copied: what either is written from now on does not concern the other. */
  copy(): DiskAudit {
    return new DiskAudit(this.#book, this.#member, {
      received: new TimestampBuilder(this.#received.value()),
      bodies: new Set(this.#bodies),
      forced: { ...this.#forced.kept(), entries: [...this.#forced.kept().entries] },
      configuration: this.#configuration,
    });
  }

  /** A group has reached the disk. Answers what is wrong with it, in words, or null. */
  take(bytes: Uint8Array): string | null {
    const { records, transitions } = decodeGroup(bytes);
    // What a group brings is there as a whole.
    this.#received.advance(FORCED_ORIGIN, this.#commitAfter(transitions));
    for (const record of records) {
      const trouble = this.#takeRecord(record);
      if (trouble !== null) return trouble;
    }
    for (const transition of transitions) {
      const trouble = this.#takeTransition(transition);
      if (trouble !== null) return trouble;
    }
    return null;
  }

  /** Entries that it knows to be committed. */
  get commit(): number {
    return this.#forced.commit;
  }

  holds(origin: Origin, seq: number): boolean {
    return this.#received.get(origin) >= seq;
  }

  #commitAfter(transitions: readonly ForcedTransition[]): number {
    return Math.max(this.#forced.commit, ...transitions.map(({ commit = 0 }) => commit));
  }

  #takeRecord(record: TravellingRecord): string | null {
    const { origin, seq, prev } = record;
    const name = `${origin}:${seq}`;
    if (seq !== this.#received.get(origin) + 1) {
      return `I2: ${this.#member} holds ${name} with a gap before`;
    }
    const missing = this.#book.missing(prev, this.#received);
    if (missing !== null) return `I3: ${this.#member} holds ${name} without its ${missing}`;
    const key = keyOf(idOf(record));
    if (!isAlias(record)) this.#bodies.add(key);
    else if (!this.#bodies.has(key)) {
      return `A4: ${this.#member} holds the alias ${name} without its body`;
    }
    this.#received.advance(origin, seq);
    const trouble = this.#book.record(record);
    return trouble === null ? null : `${trouble} (at ${this.#member})`;
  }

  #takeTransition(transition: ForcedTransition): string | null {
    const before = this.#forced.commit;
    try {
      this.#forced.apply(transition);
    } catch (error) {
      if (!(error instanceof InvariantError)) throw error;
      return `I12: ${error.message} (at ${this.#member})`;
    }
    const trouble = this.#entriesTrouble(transition.entries ?? []) ?? this.#viewTrouble(transition);
    if (trouble !== null) return `${trouble} (at ${this.#member})`;
    for (const entry of this.#forced.slice(before + 1, this.#forced.commit)) {
      const wrong = this.#book.commit(entry);
      if (wrong !== null) return `${wrong} (at ${this.#member})`;
    }
    return null;
  }

  #entriesTrouble(entries: readonly ForcedEntry[]): string | null {
    for (const entry of entries) {
      const trouble = this.#book.entry(entry, this.#member);
      if (trouble !== null) return trouble;
      if (entry.kind === 'change' && entry.change.kind === 'configure') {
        this.#configuration = entry.change.configuration;
      }
      const origin = this.#book.missing(entry.prev, this.#received);
      if (origin === null || origin === FORCED_ORIGIN) continue;
      return `I15: entry ${placeOf(entry)} is in a log without its ${origin}`;
    }
    return null;
  }

  #viewTrouble({ view, lnv }: ForcedTransition): string | null {
    if (view !== undefined) this.#book.promise(view, this.#member);
    if (lnv === undefined || lnv.owner !== this.#member) return null;
    // Who comes back to its own view, from what others have of it, has not begun it now.
    if (!isSameBallot(lnv, this.#forced.view)) return null;
    return this.#book.begin(lnv, this.#configuration);
  }
}
