/** Saves snapshots of the state now and then, so that a start need not execute the whole log again. */

import type { Journal } from '../ports/journal.js';

/** Updates executed between two snapshots: what a start after a crash has to execute again. */
const SNAPSHOT_EVERY = 50_000;

export interface SnapshotSaverInit {
  readonly journal: Journal;
  /** The state as bytes, and the last durable group: of one instant. */
  readonly take: () => { readonly bytes: Uint8Array; readonly throughGroup: number };
  readonly onFailure: (error: unknown) => void;
}

export class SnapshotSaver {
  readonly #init: SnapshotSaverInit;
  #savedAt = 0;
  #saving: Promise<void> = Promise.resolve();

  constructor(init: SnapshotSaverInit) {
    this.#init = init;
  }

  /** Saves one when enough updates have been executed since the last; `executed` counts them. */
  saveWhenDue(executed: number): void {
    if (executed - this.#savedAt >= SNAPSHOT_EVERY) this.#save(executed);
  }

  /** Saves one if anything was executed since the last, and waits until all are on disk. */
  async finish(executed: number): Promise<void> {
    if (executed > this.#savedAt) this.#save(executed);
    await this.#saving;
  }

  #save(executed: number): void {
    this.#savedAt = executed;
    const { journal, take, onFailure } = this.#init;
    const snapshot = take();
    this.#saving = this.#saving.then(() => journal.saveSnapshot(snapshot)).catch(onFailure);
  }
}
