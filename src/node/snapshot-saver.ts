/**
 * Saves snapshots of the state now and then, so that a start need not execute the whole log again, and
 * lets go of what no start will read. A snapshot may hold records from elsewhere that are not on this disk
 * yet; it is saved once they are (PROTOCOL A14: `valueTS <= replicaTS`). The two newest are kept, and the
 * journal from where the older one of them needs it.
 */

import type { Journal } from '../ports/journal.js';
import type { Reflected } from '../replica/snapshots.js';
import type { JournalPlace } from '../wire/journal-group.js';
import type { JournalMarks } from './journal-marks.js';

/** Updates executed between two snapshots, unless told: what a start after a crash has to execute again. */
const SNAPSHOT_EVERY = 50_000;

/** Items of the journal between two: an update has two records or three, and a forced one is two items. */
const ITEMS_AN_UPDATE = 4;

export interface TakenSnapshot {
  readonly bytes: Uint8Array;
  /** Items given to the journal when it was taken. */
  readonly items: number;
  /** Whoever begins with it reads the journal from here on. */
  readonly place: JournalPlace;
  readonly reflected: Reflected;
}

export interface SnapshotSaverInit {
  readonly journal: Journal;
  readonly marks: JournalMarks;
  /** Updates executed between two snapshots. @default 50,000 */
  readonly every: number | undefined;
  /** The log is not to become longer than this: what a snapshot reflects may be collected. */
  readonly logLimit: number;
  /** Where the journal is read from after the snapshot of this start. */
  readonly place: JournalPlace;
  readonly take: () => TakenSnapshot;
  /** How much of the journal is durable: items, and the group that holds the last of them. */
  readonly durable: () => { readonly items: number; readonly group: number };
  readonly onSaved: (reflected: Reflected) => void;
  readonly onFailure: (error: unknown) => void;
}

export class SnapshotSaver {
  readonly #init: SnapshotSaverInit;
  readonly #every: number;
  #takenAt = 0;
  #takenAtItems = 0;
  /** Taken, and not saved until the log is durable as far as it goes. */
  #taken: TakenSnapshot | null = null;
  /** Of the newest that is saved. */
  #place: JournalPlace;
  #saving: Promise<void> = Promise.resolve();

  constructor(init: SnapshotSaverInit) {
    this.#init = init;
    this.#every = Math.min(init.every ?? SNAPSHOT_EVERY, Math.ceil(init.logLimit / 2));
    this.#place = init.place;
  }

  /** Takes one when enough has happened since the last; counts updates executed, and items of the journal. */
  saveWhenDue(executed: number, items: number): void {
    const isDue =
      executed - this.#takenAt >= this.#every ||
      items - this.#takenAtItems >= ITEMS_AN_UPDATE * this.#every;
    if (this.#taken === null && isDue) this.#take(executed);
    this.#saveTaken();
  }

  /** Takes one if anything was executed since the last. The whole log must be durable. */
  async finish(executed: number): Promise<void> {
    this.#saveTaken();
    if (executed > this.#takenAt) this.#take(executed);
    this.#saveTaken();
    await this.#saving;
  }

  #take(executed: number): void {
    this.#takenAt = executed;
    this.#taken = this.#init.take();
    this.#takenAtItems = this.#taken.items;
  }

  #saveTaken(): void {
    const taken = this.#taken;
    const { durable, onFailure } = this.#init;
    const { items, group } = durable();
    if (taken === null || items < taken.items) return;
    this.#taken = null;
    this.#saving = this.#saving.then(() => this.#save(taken, group)).catch(onFailure);
  }

  async #save({ bytes, place, reflected }: TakenSnapshot, throughGroup: number): Promise<void> {
    const { journal, marks, onSaved } = this.#init;
    await journal.saveSnapshot({ throughGroup, bytes });
    onSaved(reflected);
    const needed = {
      records: Math.min(this.#place.records, place.records),
      transitions: Math.min(this.#place.transitions, place.transitions),
    };
    this.#place = place;
    const group = marks.takeBefore(needed, throughGroup);
    if (group > 0) await journal.trim(group);
  }
}
