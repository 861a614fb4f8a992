/**
 * What a replica's driver does with its journal: writes what the core wants written, saves snapshots now
 * and then, and gives them to new replicas.
 */

import type { Journal } from '../ports/journal.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { LinkId } from '../replica/events.js';
import type { SnapshotPart } from '../wire/membership-messages.js';
import { type JournalItem, JournalWriter } from './journal-writer.js';
import { SnapshotDonor } from './snapshot-donor.js';
import { SnapshotSaver } from './snapshot-saver.js';

export interface ReplicaDiskInit {
  readonly journal: Journal;
  readonly scheduler: Scheduler;
  /** Records and groups that the journal holds. */
  readonly length: number;
  readonly lastGroup: number;
  /** Updates executed between two snapshots; undefined for the default. */
  readonly snapshotEvery: number | undefined;
  /** The state as it is now, as a snapshot's bytes. */
  readonly takeSnapshot: () => Uint8Array;
  readonly onDurable: (length: number, transitions: number) => void;
  readonly onFailure: (error: unknown) => void;
  readonly sendPart: (link: LinkId, part: SnapshotPart) => void;
}

export class ReplicaDisk {
  readonly writer: JournalWriter;
  readonly donor: SnapshotDonor;
  readonly #snapshots: SnapshotSaver;

  constructor(init: ReplicaDiskInit) {
    const { journal, scheduler, length, lastGroup, onFailure } = init;
    this.writer = new JournalWriter({
      ...{ journal, length, lastGroup, onFailure },
      onDurable: (durableLength, transitions) => {
        init.onDurable(durableLength, transitions);
        this.donor.serve();
      },
    });
    const { writer } = this;
    const take = () => ({ bytes: init.takeSnapshot(), items: writer.appended });
    this.#snapshots = new SnapshotSaver({
      ...{ journal, take, onFailure },
      every: init.snapshotEvery,
      durable: () => ({ items: writer.durable, group: writer.lastGroup }),
    });
    this.donor = new SnapshotDonor({
      ...{ scheduler, take },
      durable: () => writer.durable,
      send: init.sendPart,
    });
  }

  write(item: JournalItem): void {
    this.writer.append(item);
  }

  /** `executed` counts the updates executed since the start. */
  flush(executed: number): void {
    this.writer.flush();
    this.#snapshots.saveWhenDue(executed);
  }

  /** Saves a last snapshot; all that was written must be durable. */
  async finish(executed: number): Promise<void> {
    await this.#snapshots.finish(executed);
  }
}
