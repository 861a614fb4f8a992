/**
 * Which groups of the journal are before a place in it, roughly: of many groups only some are noted. A
 * journal may be trimmed only after a group that is followed by one that says its own place.
 */

import type { JournalPlace } from '../wire/journal-group.js';

/** Records and transitions between two marks, at least. */
const APART = 64;

interface Mark extends JournalPlace {
  readonly group: number;
}

export class JournalMarks {
  /** In the order of the journal. */
  #marks: Mark[] = [];

  /** Up to this group the journal has so much. */
  note(group: number, { records, transitions }: JournalPlace): void {
    const last = this.#marks.at(-1) ?? { records: 0, transitions: 0 };
    if (records - last.records + transitions - last.transitions < APART) return;
    this.#marks.push({ group, records, transitions });
  }

  /**
   * The last group before `lastGroup` that is known to hold nothing from `place` on; 0 = none. Marks up to
   * it are forgotten.
   */
  takeBefore({ records, transitions }: JournalPlace, lastGroup: number): number {
    const isAfter = (mark: Mark) =>
      mark.group >= lastGroup || mark.records > records || mark.transitions > transitions;
    const first = this.#marks.findIndex(isAfter);
    const before = this.#marks.splice(0, first < 0 ? this.#marks.length : first);
    return before.at(-1)?.group ?? 0;
  }
}
