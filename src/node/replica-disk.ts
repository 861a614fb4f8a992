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
import type { RecoveredReplica } from './recovery.js';
import { donationOf, type Reflected, reflectedBy, snapshotOf } from '../replica/snapshots.js';
import type { ReplicaState } from '../replica/state.js';
import type { ServiceState } from './service-state.js';
import { encodeSnapshot } from './snapshot.js';
import { SnapshotSaver, type TakenSnapshot } from './snapshot-saver.js';

export interface ReplicaDiskInit {
  readonly journal: Journal;
  readonly scheduler: Scheduler;
  /** What the journal holds, and where this start has read it from. */
  readonly recovered: Pick<RecoveredReplica, 'place' | 'end' | 'lastGroup' | 'marks'>;
  /** Updates executed between two snapshots; undefined for the default. */
  readonly snapshotEvery: number | undefined;
  /** What snapshots are of. */
  readonly state: ReplicaState;
  readonly service: Pick<ServiceState, 'export'>;
  readonly onSaved: (reflected: Reflected) => void;
  readonly onDurable: (length: number, transitions: number) => void;
  readonly onFailure: (error: unknown) => void;
  readonly sendPart: (link: LinkId, part: SnapshotPart) => void;
}

export class ReplicaDisk {
  readonly writer: JournalWriter;
  readonly donor: SnapshotDonor;
  readonly #snapshots: SnapshotSaver;

  constructor(init: ReplicaDiskInit) {
    const { journal, scheduler, recovered, onSaved, onFailure } = init;
    const { place, end, lastGroup, marks } = recovered;
    this.writer = new JournalWriter({
      ...{ journal, place: end, lastGroup, marks, onFailure },
      onDurable: (durableLength, transitions) => {
        init.onDurable(durableLength, transitions);
        this.donor.serve();
      },
    });
    const { writer } = this;
    this.#snapshots = new SnapshotSaver({
      ...{ journal, marks, place, onSaved, onFailure },
      take: () => takeOwn(init, writer),
      every: init.snapshotEvery,
      logLimit: init.state.tuning.logLimit,
      durable: () => ({ items: writer.durable, group: writer.lastGroup }),
    });
    this.donor = new SnapshotDonor({
      scheduler,
      take: () => ({
        bytes: encodeSnapshot(donationOf(init.state), init.service.export()),
        items: writer.appended,
      }),
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
    this.#snapshots.saveWhenDue(executed, this.writer.appended);
  }

  /** Saves a last snapshot; all that was written must be durable. */
  async finish(executed: number): Promise<void> {
    await this.#snapshots.finish(executed);
  }
}

/** The state as it is now, for a later start of this replica. */
function takeOwn({ state, service }: ReplicaDiskInit, writer: JournalWriter): TakenSnapshot {
  const { transitions, appended: items } = writer;
  const kept = snapshotOf(state);
  return {
    bytes: encodeSnapshot(kept, service.export(), transitions),
    items,
    place: { records: kept.log.base, transitions },
    reflected: reflectedBy(state),
  };
}
