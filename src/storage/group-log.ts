/** The groups of a journal in LevelDB, once opened and verified: one synced key a group commit. */

import { FatalError } from '../base/errors.js';
import type { JournalDamage, JournalGroup } from '../ports/journal.js';
import { decodeGroup, encodeGroup, groupKey, groupRange } from './group-format.js';
import { DAMAGE_KEY, encodeTrimmed, type OpenedGroups, TRIMMED_KEY } from './group-recovery.js';
import { entriesOf, type Level } from './level-database.js';

/** So many go at once: appends beside it have to wait for no more. */
const GROUPS_A_BATCH = 1000;

export class GroupLog {
  readonly #level: Level;
  readonly damage: JournalDamage | null;
  /** Number of the newest group; 0 = none. */
  lastGroup: number;
  /** Groups up to this one are not there any more. */
  #trimmed: number;
  /** The note of the damage is still in the database. */
  #noteIsStored: boolean;

  constructor({ level, trimmed, lastGroup, damage }: OpenedGroups) {
    this.#level = level;
    this.#trimmed = trimmed;
    this.lastGroup = lastGroup;
    this.damage = damage;
    this.#noteIsStored = damage !== null;
  }

  async *groups(): AsyncGenerator<JournalGroup> {
    let number = this.#trimmed;
    const range = groupRange('group', number + 1);
    for await (const [, value] of entriesOf(this.#level, range)) {
      number += 1;
      const bytes = decodeGroup(number, value);
      if (bytes === null) throw new FatalError(`group ${number} was damaged since the start`);
      yield { number, bytes };
    }
  }

  /** Writes the next group and waits for the disk. The first one after damage ends its note. */
  async append(bytes: Uint8Array): Promise<void> {
    const number = this.lastGroup + 1;
    const key = groupKey('group', number);
    const value = encodeGroup(number, bytes);
    if (this.#noteIsStored) await this.#appendAndForgetDamage(key, value);
    else await this.#level.put(key, value, { sync: true });
    this.lastGroup = number;
  }

  /** A batch has its groups go as its note says; if it is lost in a crash, the groups are there again. */
  async trim(throughGroup: number): Promise<void> {
    const first = this.#trimmed + 1;
    for (let number = first; number <= throughGroup; ) {
      const batch = this.#level.batch();
      const end = Math.min(throughGroup, number + GROUPS_A_BATCH - 1);
      for (; number <= end; number++) batch.del(groupKey('group', number));
      await batch.put(TRIMMED_KEY, encodeTrimmed(end)).write();
      this.#trimmed = end;
    }
    if (throughGroup < first) return;
    // Without this they would take up their place for a long while yet.
    await this.#level.compactRange(groupKey('group', first), groupKey('group', throughGroup));
  }

  async close(): Promise<void> {
    await this.#level.close();
  }

  async #appendAndForgetDamage(key: Buffer, value: Buffer): Promise<void> {
    const batch = this.#level.batch().put(key, value).del(DAMAGE_KEY);
    for await (const later of this.#level.keys(groupRange('later'))) batch.del(later);
    await batch.write({ sync: true });
    this.#noteIsStored = false;
  }
}
