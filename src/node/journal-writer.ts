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
  /** All records, and how many of them are durable. */
  #appended: number;
  #waiting: TravellingRecord[] = [];
  #length: number;
  #isWriting = false;
  #hasFailed = false;
  #drains: { readonly length: number; readonly resolve: () => void }[] = [];

  /** The number of the last durable group. */
  lastGroup: number;
  /** Groups and records written since the start, for metrics. */
  readonly written = { groups: 0, records: 0 };

  constructor(init: JournalWriterInit) {
    this.#init = init;
    this.#appended = init.length;
    this.#length = init.length;
    this.lastGroup = init.lastGroup;
  }

  append(record: TravellingRecord): void {
    this.#waiting.push(record);
    this.#appended++;
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
        this.#endDrains();
      },
      (error: unknown) => {
        this.#hasFailed = true;
        this.#init.onFailure(error);
        this.#endDrains();
      },
    );
  }

  /** Resolves when all that was appended by now is durable, or cannot be: more may come meanwhile. */
  async drained(): Promise<void> {
    this.flush();
    if (this.#length === this.#appended || this.#hasFailed) return;
    const length = this.#appended;
    await new Promise<void>((resolve) => this.#drains.push({ length, resolve }));
  }

  #endDrains(): void {
    const isOver = (length: number): boolean => this.#hasFailed || this.#length >= length;
    for (const { length, resolve } of this.#drains) if (isOver(length)) resolve();
    this.#drains = this.#drains.filter(({ length }) => !isOver(length));
  }
}
