/**
 * Saves snapshots of the state now and then, so that a start need not execute the whole log again. A
 * snapshot may hold records from elsewhere that are not on this disk yet; it is saved once they are
 * (PROTOCOL A14: `valueTS <= replicaTS`).
 */

import type { Journal } from '../ports/journal.js';

/** Updates executed between two snapshots, unless told: what a start after a crash has to execute again. */
const SNAPSHOT_EVERY = 50_000;

export interface TakenSnapshot {
  readonly bytes: Uint8Array;
  /** Items given to the journal when it was taken. */
  readonly items: number;
}

export interface SnapshotSaverInit {
  readonly journal: Journal;
  /** Updates executed between two snapshots. @default 50,000 */
  readonly every: number | undefined;
  readonly take: () => TakenSnapshot;
  /** How much of the journal is durable: items, and the group that holds the last of them. */
  readonly durable: () => { readonly items: number; readonly group: number };
  readonly onFailure: (error: unknown) => void;
}

export class SnapshotSaver {
  readonly #init: SnapshotSaverInit;
  readonly #every: number;
  #takenAt = 0;
  /** Taken, and not saved until the log is durable as far as it goes. */
  #taken: TakenSnapshot | null = null;
  #saving: Promise<void> = Promise.resolve();

  constructor(init: SnapshotSaverInit) {
    this.#init = init;
    this.#every = init.every ?? SNAPSHOT_EVERY;
  }

  /** Takes one when enough updates have been executed since the last; `executed` counts them. */
  saveWhenDue(executed: number): void {
    if (this.#taken === null && executed - this.#takenAt >= this.#every) this.#take(executed);
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
  }

  #saveTaken(): void {
    const taken = this.#taken;
    const { journal, durable, onFailure } = this.#init;
    const { items, group } = durable();
    if (taken === null || items < taken.items) return;
    this.#taken = null;
    const snapshot = { throughGroup: group, bytes: taken.bytes };
    this.#saving = this.#saving.then(() => journal.saveSnapshot(snapshot)).catch(onFailure);
  }
}
