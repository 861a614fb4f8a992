/**
 * Group commit: whatever waits for the disk when a write ends goes into the next one, as one group with
 * one sync (PROTOCOL A2.5). A write that fails is final: nothing is told that is not durable.
 */

import type { TravellingRecord } from '../log/record.js';
import type { Journal } from '../ports/journal.js';
import { encodeRecords } from '../wire/records.js';

/** A group is read back as a whole: this bounds its size. */
const RECORDS_A_GROUP = 4096;

export interface JournalWriterInit {
  readonly journal: Journal;
  /** Records and groups that the journal holds already. */
  readonly length: number;
  readonly lastGroup: number;
  /** The first `length` records of the log are durable. */
  readonly onDurable: (length: number) => void;
  readonly onFailure: (error: unknown) => void;
}

export class JournalWriter {
  readonly #init: JournalWriterInit;
  #waiting: TravellingRecord[] = [];
  #length: number;
  #isWriting = false;
  #hasFailed = false;
  #idle: (() => void)[] = [];

  /** The number of the last durable group. */
  lastGroup: number;
  /** Groups and records written since the start, for metrics. */
  readonly written = { groups: 0, records: 0 };

  constructor(init: JournalWriterInit) {
    this.#init = init;
    this.#length = init.length;
    this.lastGroup = init.lastGroup;
  }

  append(record: TravellingRecord): void {
    this.#waiting.push(record);
  }

  /** Begins a write if there is something to write and no write under way. */
  flush(): void {
    if (this.#isWriting || this.#hasFailed || this.#waiting.length === 0) return;
    const group = this.#waiting.splice(0, RECORDS_A_GROUP);
    this.#isWriting = true;
    this.#init.journal.append(encodeRecords(group)).then(
      () => {
        this.#isWriting = false;
        this.#length += group.length;
        this.lastGroup++;
        this.written.groups++;
        this.written.records += group.length;
        this.#init.onDurable(this.#length);
        this.flush();
        this.#wakeIdle();
      },
      (error: unknown) => {
        this.#hasFailed = true;
        this.#init.onFailure(error);
        this.#wakeIdle();
      },
    );
  }

  /** Resolves when nothing waits for the disk any more. */
  async drained(): Promise<void> {
    this.flush();
    if (!this.#isWriting) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #wakeIdle(): void {
    if (this.#isWriting) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
