/**
 * A process of a cluster whose members come and go, and its disk: a beginning (a foundation or another
 * replica's donation), what the journal was given since, and perhaps a snapshot in between.
 */

import type { MemberId, Name, Origin, SessionId } from '../../src/base/ids.js';
import type { ForcedTransition } from '../../src/log/forced-log.js';
import type { TravellingRecord, UpdateBody } from '../../src/log/record.js';
import type { ReplicaEvent } from '../../src/replica/events.js';
import type { Reflected } from '../../src/replica/snapshots.js';
import type { ReplicaState, SnapshotState } from '../../src/replica/state.js';
import type { Boot } from '../../src/wire/membership-messages.js';
import type { Trace } from '../../src/wire/messages.js';
import type { DiskItem, WithoutTime } from './forced-node.js';

/** What the service made: forced updates in order, and the causal ones as a set. */
export interface MemberService {
  readonly done: string[];
  readonly applied: Set<string>;
  stock: number;
}

export const emptyService = (): MemberService => ({ done: [], applied: new Set(), stock: 10 });

export const copyService = ({ done, applied, stock }: MemberService): MemberService => ({
  done: [...done],
  applied: new Set(applied),
  stock,
});

/** A state to start from, with the part of the journal that it stands for. */
export interface Saved {
  readonly items: number;
  readonly snapshot: SnapshotState;
  readonly service: MemberService;
}

/** A data directory. */
export interface Directory {
  readonly member: MemberId;
  readonly joins: 'add' | 'replace' | null;
  readonly beginning: Saved;
  saved: Saved | null;
  items: DiskItem[];
  /** So many of the items are on it. */
  written: number;
  /** Starts of a process on it. */
  boots: number;
}

/** A copy as `cp -r` makes one, of what was written by then. */
export const copyOf = (directory: Directory): Directory => ({
  ...directory,
  saved:
    directory.saved === null || directory.saved.items > directory.written ? null : directory.saved,
  items: directory.items.slice(0, directory.written),
});

export interface MemberNode {
  /** Where its process runs: a clone has another place than the original, and the same name. */
  readonly place: string;
  readonly name: Name;
  directory: Directory | null;
  state: ReplicaState | null;
  origin: Origin;
  boot: Boot;
  life: number;
  service: MemberService;
  isWriting: boolean;
  /** Length of the part of the log that is on the disk. */
  recordsWritten: number;
  wakeAtMs: number;
  /** Updates of its earlier identity, to be given back once it is a member. */
  takenOver: readonly UpdateBody[];
  /** Set when it begins anew: how it wants to join. */
  wants: 'add' | 'replace' | null;
  /** Why its last process ended by itself. */
  ended: string | null;
  pausedUntilMs: number;
  deferred: WithoutTime<ReplicaEvent>[];
  reflected: { readonly items: number; readonly reflected: Reflected } | null;
  readonly trace: Trace[];
}

export const emptyMemberNode = (name: string, place = name): MemberNode => ({
  place,
  name: name as Name,
  directory: null,
  state: null,
  origin: '' as Origin,
  boot: { number: 0, nonce: '' },
  life: 0,
  service: emptyService(),
  isWriting: false,
  recordsWritten: 0,
  wakeAtMs: Number.POSITIVE_INFINITY,
  takenOver: [],
  wants: null,
  ended: null,
  pausedUntilMs: 0,
  deferred: [],
  reflected: null,
  trace: [],
});

/** What a start reads: the snapshot, and the journal from there on. */
export function readDirectory({ beginning, saved, items }: Directory): {
  readonly from: Saved;
  readonly records: readonly TravellingRecord[];
  readonly transitions: readonly ForcedTransition[];
} {
  const from = saved ?? beginning;
  const records = items.flatMap((item) => (item.kind === 'record' ? [item.record] : []));
  const transitions = items
    .slice(from.items)
    .flatMap((item) => (item.kind === 'transition' ? [item.transition] : []));
  return { from, records: records.slice(from.snapshot.log.base), transitions };
}

export const idOf = ({ session, n }: { readonly session: SessionId; readonly n: number }): string =>
  `${session}:${n}`;
