/**
 * Looks at every write to every disk of a world, as it happens. Clients would notice most of what it
 * finds in the end, where several disks are lost in the right order; here it shows at once.
 */

import type { MemberId } from '../../base/ids.js';
import { decodeSnapshot } from '../../node/snapshot.js';
import { EMPTY_SNAPSHOT, type SnapshotState } from '../../replica/state.js';
import type { VectorTimestamp } from '../../timestamp/vector-timestamp.js';
import type { MemoryDisk } from '../../storage/memory-disk.js';
import { ClusterBook } from './cluster-book.js';
import { DiskAudit } from './disk-audit.js';

interface Watched {
  readonly member: MemberId;
  readonly initial: SnapshotState;
  /** All groups since the directory was made, also those that it has let go of. */
  readonly groups: Uint8Array[];
  audit: DiskAudit;
}

export class LogAudit {
  readonly book = new ClusterBook();
  /** What was wrong, in words, each once. */
  readonly troubles = new Set<string>();
  readonly #watched = new WeakMap<MemoryDisk, Watched>();
  /** All disks that there were of an identity. */
  readonly #disks = new Map<MemberId, Watched[]>();

  /** From now on every write to this disk is looked at; it is as it was made. */
  watch(disk: MemoryDisk, member: MemberId): void {
    if (this.#watched.has(disk)) return;
    const bytes = disk.snapshots.get(0);
    const initial = bytes === undefined ? EMPTY_SNAPSHOT : decodeSnapshot(bytes).state;
    const audit = DiskAudit.of(this.book, member, initial);
    this.#follow(disk, { member, initial, groups: [], audit });
  }

  /** One disk has been made a copy of another. */
  copied(from: MemoryDisk, to: MemoryDisk): void {
    const known = this.#watched.get(from);
    if (known === undefined) return;
    this.#follow(to, { ...known, groups: [...known.groups], audit: known.audit.copy() });
  }

  /** A disk has lost what was in the groups from this one on. */
  cut(disk: MemoryDisk, fromGroup: number): void {
    const known = this.#watched.get(disk);
    if (known === undefined) return;
    known.groups.length = fromGroup - 1;
    known.audit = DiskAudit.of(this.book, known.member, known.initial);
    for (const bytes of known.groups) known.audit.take(bytes);
  }

  /** Whether these disks, as far as they are members', hold all that was acknowledged with enough copies. */
  holdsAll(disks: readonly MemoryDisk[]): boolean {
    const members = this.book.membership?.configuration.members ?? [];
    const audits = disks.flatMap((disk) => {
      const watched = this.#watched.get(disk);
      const isMember = members.some(({ id }) => id === watched?.member);
      return watched !== undefined && isMember ? [watched.audit] : [];
    });
    return this.book.isHeld((origin, seq) => audits.some((audit) => audit.holds(origin, seq)));
  }

  /** What a member shows that it knows to be void, in words, or null. */
  voidShown(member: MemberId, timestamp: VectorTimestamp): string | null {
    const commits = (this.#disks.get(member) ?? []).map(({ audit }) => audit.commit);
    return this.book.voidPart(timestamp, Math.min(...commits));
  }

  #follow(disk: MemoryDisk, watched: Watched): void {
    this.#watched.set(disk, watched);
    const known = this.#disks.get(watched.member);
    if (known === undefined) this.#disks.set(watched.member, [watched]);
    else known.push(watched);
    disk.onGroup = (bytes) => {
      watched.groups.push(bytes);
      const trouble = watched.audit.take(bytes);
      if (trouble !== null) this.troubles.add(trouble);
    };
  }
}
