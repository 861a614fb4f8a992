/**
 * Where a replica keeps what must outlive it: the update log as numbered groups, snapshots of the
 * state, and a little metadata. One group is one group commit: all records that waited for the disk.
 * The bytes are the driver's; the journal adds numbers and checksums and finds damage.
 */

export interface JournalGroup {
  /** 1, 2, 3 … without gaps; those that were trimmed are missing at the beginning. */
  readonly number: number;
  readonly bytes: Uint8Array;
}

export interface StoredSnapshot {
  /** The state holds nothing from groups after this one; 0 = initial state, before any group. */
  readonly throughGroup: number;
  readonly bytes: Uint8Array;
}

/** What opening found wrong. The groups from `firstGroup` on were set aside and count as lost. */
export interface JournalDamage {
  readonly firstGroup: number;
  readonly reason: string;
  /** Groups are missing; false when only files around them were damaged. */
  readonly groupsLost: boolean;
  /** Folder that now holds what was there. */
  readonly movedTo: string;
  /** Later groups that could still be read: evidence of what this replica once held. */
  readonly readable: readonly JournalGroup[];
}

export interface JournalStatistics {
  /** Synced writes since the start. */
  readonly syncs: number;
  readonly bytes: number;
}

export interface Journal {
  /** Damage found when this journal was opened, or null. */
  readonly damage: JournalDamage | null;
  readonly statistics: JournalStatistics;
  /** All groups that were not trimmed, oldest first. */
  groups(): AsyncIterable<JournalGroup>;
  /**
   * Writes the next group; once the promise resolves, the group survives a crash of the machine.
   * Calls must not overlap. A rejection is final: nothing more may be told or written (PROTOCOL A2).
   */
  append(bytes: Uint8Array): Promise<void>;
  /**
   * Lets go of the groups up to this one, and of the initial snapshot, which says nothing without them.
   * After a crash some of that may still be there. Beside appends, in turn with other files.
   */
  trim(throughGroup: number): Promise<void>;
  /** Whole snapshots, newest first, the initial one last. Damaged ones are left out. */
  snapshots(): AsyncIterable<StoredSnapshot>;
  /** Saves a snapshot as a whole or not at all; keeps the initial one and the two newest. */
  saveSnapshot(snapshot: StoredSnapshot): Promise<void>;
  readMeta(key: string): Promise<Uint8Array | null>;
  /** Durable once the promise resolves. */
  writeMeta(key: string, value: Uint8Array | null): Promise<void>;
  close(): Promise<void>;
}
