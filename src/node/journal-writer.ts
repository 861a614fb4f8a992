/**
 * Group commit: whatever waits for the disk when a write ends goes into the next one, as one group with
 * one sync (PROTOCOL A2.5). A write that fails is final: nothing is told that is not durable.
 */

import type { ForcedTransition } from '../log/forced-log.js';
import type { TravellingRecord } from '../log/record.js';
import type { Journal } from '../ports/journal.js';
import { encodeGroup, type JournalPlace } from '../wire/journal-group.js';
import type { JournalMarks } from './journal-marks.js';

/** A group is read back as a whole: this bounds its size. */
const ITEMS_A_GROUP = 4096;

/** What is written: never a part of an item. */
export type JournalItem =
  | { readonly kind: 'record'; readonly record: TravellingRecord }
  | { readonly kind: 'transition'; readonly transition: ForcedTransition };

export interface JournalWriterInit {
  readonly journal: Journal;
  /** What the journal has got by now, in this many groups. */
  readonly place: JournalPlace;
  readonly lastGroup: number;
  readonly marks: JournalMarks;
  /** The first `length` records of the log are durable, and so many more transitions. */
  readonly onDurable: (length: number, transitions: number) => void;
  readonly onFailure: (error: unknown) => void;
}

export class JournalWriter {
  readonly #init: JournalWriterInit;
  /** Items since the start, and how many of them are durable. */
  #appended = 0;
  #durable = 0;
  #waiting: JournalItem[] = [];
  /** Records and transitions that are durable, since the directory was made. */
  #place: JournalPlace;
  /** Transitions since then, durable or not. */
  #transitions: number;
  #isWriting = false;
  #hasFailed = false;
  #drains: { readonly appended: number; readonly resolve: () => void }[] = [];

  /** The number of the last durable group. */
  lastGroup: number;
  /** Groups and records written since the start, for metrics. */
  readonly written = { groups: 0, records: 0 };

  constructor(init: JournalWriterInit) {
    this.#init = init;
    this.#place = init.place;
    this.#transitions = init.place.transitions;
    this.lastGroup = init.lastGroup;
  }

  /** Items since the start, written or not. */
  get appended(): number {
    return this.#appended;
  }

  /** Of those, the ones that are durable. */
  get durable(): number {
    return this.#durable;
  }

  /** Changes of the forced log since the directory was made, written or not. */
  get transitions(): number {
    return this.#transitions;
  }

  append(item: JournalItem): void {
    this.#waiting.push(item);
    this.#appended++;
    if (item.kind === 'transition') this.#transitions++;
  }

  /** Begins a write if there is something to write and no write under way. */
  flush(): void {
    if (this.#isWriting || this.#hasFailed || this.#waiting.length === 0) return;
    const items = this.#waiting.splice(0, ITEMS_A_GROUP);
    const records = items.flatMap((item) => (item.kind === 'record' ? [item.record] : []));
    const transitions = items.flatMap((item) =>
      item.kind === 'transition' ? [item.transition] : [],
    );
    this.#isWriting = true;
    const place = this.#place;
    this.#init.journal.append(encodeGroup({ records, transitions, place })).then(
      () => {
        this.#isWriting = false;
        this.#durable += items.length;
        this.#place = {
          records: place.records + records.length,
          transitions: place.transitions + transitions.length,
        };
        this.lastGroup++;
        this.#init.marks.note(this.lastGroup, this.#place);
        this.written.groups++;
        this.written.records += records.length;
        this.#init.onDurable(this.#place.records, transitions.length);
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
    if (this.#durable === this.#appended || this.#hasFailed) return;
    const appended = this.#appended;
    await new Promise<void>((resolve) => this.#drains.push({ appended, resolve }));
  }

  #endDrains(): void {
    const isOver = (appended: number): boolean => this.#hasFailed || this.#durable >= appended;
    for (const { appended, resolve } of this.#drains) if (isOver(appended)) resolve();
    this.#drains = this.#drains.filter(({ appended }) => !isOver(appended));
  }
}
