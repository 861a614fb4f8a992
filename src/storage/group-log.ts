/** The groups of a journal in LevelDB, once opened and verified: one synced key a group commit. */

import { FatalError } from '../base/errors.js';
import type { JournalDamage, JournalGroup } from '../ports/journal.js';
import { decodeGroup, encodeGroup, groupKey, groupRange } from './group-format.js';
import { DAMAGE_KEY, type OpenedGroups } from './group-recovery.js';
import { entriesOf, type Level } from './level-database.js';

export class GroupLog {
  readonly #level: Level;
  readonly damage: JournalDamage | null;
  /** Number of the newest group; 0 = none. */
  lastGroup: number;
  /** The note of the damage is still in the database. */
  #noteIsStored: boolean;

  constructor({ level, lastGroup, damage }: OpenedGroups) {
    this.#level = level;
    this.lastGroup = lastGroup;
    this.damage = damage;
    this.#noteIsStored = damage !== null;
  }

  async *groups(): AsyncGenerator<JournalGroup> {
    let number = 0;
    for await (const [, value] of entriesOf(this.#level, groupRange('group'))) {
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
