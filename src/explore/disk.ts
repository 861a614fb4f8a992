/**
 * The disk of a replica in a small world: records and transitions of the forced log, in the order in
 * which they were written. What is synced outlives any crash; of the rest a crash keeps a prefix, so
 * what must hold of a disk holds after each item: it is causally closed, entries of the forced log
 * included (I3, I15).
 */

import { isReservedOrigin } from '../base/ids.js';
import {
  FORCED_ORIGIN,
  ForcedLog,
  type ForcedTransition,
  type KeptForced,
  NO_FORCED,
} from '../log/forced-log.js';
import { type TravellingRecord, idOf } from '../log/record.js';
import { TimestampBuilder, VectorTimestamp } from '../timestamp/vector-timestamp.js';

export type DiskItem =
  | { readonly kind: 'record'; readonly record: TravellingRecord }
  | { readonly kind: 'transition'; readonly transition: ForcedTransition };

export class Disk {
  readonly #name: string;
  readonly #records: TravellingRecord[] = [];
  readonly #transitions: ForcedTransition[] = [];
  /** Items written and not synced, oldest first. */
  #unsynced: DiskItem[] = [];
  /** The forced log as it is synced, and as it is written. */
  readonly #synced: ForcedLog;
  #written: ForcedLog;
  readonly #beginning: KeptForced;
  /** What the records that are synced, and those that are written, name. */
  readonly #held = new TimestampBuilder();
  #heldAll = new TimestampBuilder();

  /** `name`: of the replica, for what is found wrong. `beginning`: the forced log before all else. */
  constructor(name: string, beginning: KeptForced = NO_FORCED) {
    this.#name = name;
    this.#beginning = beginning;
    this.#synced = new ForcedLog(beginning);
    this.#written = new ForcedLog(beginning);
  }

  /** Synced records, in their order. */
  get records(): readonly TravellingRecord[] {
    return this.#records;
  }

  /** Synced transitions, in their order. */
  get transitions(): readonly ForcedTransition[] {
    return this.#transitions;
  }

  get unsynced(): readonly DiskItem[] {
    return this.#unsynced;
  }

  /** Records written, synced or not. */
  get recordsWritten(): number {
    return this.#records.length + this.#unsynced.filter(({ kind }) => kind === 'record').length;
  }

  /** The forced log that a start would find here now, were nothing else synced. */
  get forced(): ForcedLog {
    return this.#synced;
  }

  /** The forced log with all that is written. */
  get forcedWritten(): ForcedLog {
    return this.#written;
  }

  /** The `replicaTS` of what is synced. */
  get held(): VectorTimestamp {
    return this.#held.value();
  }

  /** Writes an item; answers what is wrong with having it behind those before it. */
  write(item: DiskItem): string[] {
    const faults =
      item.kind === 'record'
        ? this.#faultsOfRecord(item.record)
        : this.#faultsOfTransition(item.transition);
    this.#unsynced.push(item);
    enter(item, this.#heldAll, this.#written);
    return faults;
  }

  /** Syncs the next `count` items; answers how many of them are transitions. */
  sync(count: number): number {
    const items = this.#unsynced.splice(0, count);
    for (const item of items) {
      if (item.kind === 'record') this.#records.push(item.record);
      else this.#transitions.push(item.transition);
      enter(item, this.#held, this.#synced);
    }
    return items.filter(({ kind }) => kind === 'transition').length;
  }

  /** A crash: the next `kept` items have reached the disk, and no others. */
  crash(kept: number): void {
    this.sync(kept);
    this.#unsynced = [];
    this.#written = new ForcedLog(this.#beginning);
    for (const transition of this.#transitions) this.#written.apply(transition);
    this.#heldAll = new TimestampBuilder(this.held);
  }

  /** Updates (`session:n`) that are on this disk, in either log, with the causal records of each. */
  updates(): Map<string, readonly VectorTimestamp[]> {
    const updates = new Map<string, VectorTimestamp[]>();
    for (const record of this.#records) {
      const name = nameOfUpdate(idOf(record));
      const named = updates.get(name) ?? [];
      updates.set(name, [...named, VectorTimestamp.of([[record.origin, record.seq]])]);
    }
    for (const entry of this.#synced.slice(1, this.#synced.op)) {
      if (entry.kind === 'update') updates.set(nameOfUpdate(entry.body), []);
    }
    return updates;
  }

  #faultsOfRecord({ origin, seq, prev }: TravellingRecord): string[] {
    if (prev.leq(this.#heldAll)) return [];
    return [`I3: ${this.#name} writes ${origin}:${seq} before what it depends on`];
  }

  #faultsOfTransition({ entries = [] }: ForcedTransition): string[] {
    const faults: string[] = [];
    for (const { seq, prev } of entries) {
      const causal = [...prev.entries()].filter(([origin]) => !isReservedOrigin(origin));
      if (!VectorTimestamp.of(causal).leq(this.#heldAll)) {
        faults.push(`I15: ${this.#name} writes entry ${seq} before what it depends on`);
      }
    }
    return faults;
  }
}

const nameOfUpdate = ({ session, n }: { readonly session: string; readonly n: number }): string =>
  `${session}:${n}`;

function enter(item: DiskItem, held: TimestampBuilder, log: ForcedLog): void {
  if (item.kind === 'record') return held.advance(item.record.origin, item.record.seq);
  log.apply(item.transition);
  // The entry of timestamps that stands for what is committed is that of the last update.
  const last = log.lastUpdateUpTo(log.commit);
  if (last > 0) held.advance(FORCED_ORIGIN, last);
}
