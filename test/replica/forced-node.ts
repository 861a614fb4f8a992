/** One core in a cluster of the forced log's tests: its disk, its service, and what it is about to do. */

import type { MemberId, Name, Origin } from '../../src/base/ids.js';
import type { ForcedTransition } from '../../src/log/forced-log.js';
import type { TravellingRecord, UpdateBody } from '../../src/log/record.js';
import type { ForcedResult } from '../../src/log/results-table.js';
import type { ReplicaEvent } from '../../src/replica/events.js';
import type { ReplicaState, SnapshotState } from '../../src/replica/state.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import type { Trace } from '../../src/wire/messages.js';
import type { End } from './forced-network.js';
import { counterpartOf } from './identities.js';

export type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'nowMs'> : never;
/** What is given to a disk: a prefix of it survives. */
export type DiskItem =
  | { readonly kind: 'record'; readonly record: TravellingRecord }
  | { readonly kind: 'transition'; readonly transition: ForcedTransition };

/** The service: what has been taken and put, in order. A `take` of more than there is is refused. */
export interface Service {
  readonly done: string[];
  stock: number;
}

interface Saved {
  readonly items: number;
  readonly snapshot: SnapshotState;
  readonly service: Service;
}

export interface CoreNode {
  readonly name: Name;
  member: MemberId;
  origin: Origin;
  /** Null while the process is down. */
  state: ReplicaState | null;
  /** Counts the starts: what an earlier one had under way is over. */
  life: number;
  /** What the disk was given; the first `written` items are on it. */
  disk: DiskItem[];
  written: number;
  isWriting: boolean;
  hasForgotten: boolean;
  saved: Saved | null;
  service: Service;
  wakeAtMs: number;
  /** It stands still until then: what happens meanwhile is processed afterwards, in order. */
  pausedUntilMs: number;
  deferred: WithoutTime<ReplicaEvent>[];
  readonly trace: Trace[];
}

export function emptyNode(name: string): CoreNode {
  return {
    name: name as Name,
    member: `${name}.d1` as MemberId,
    origin: '' as Origin,
    state: null,
    life: 0,
    disk: [],
    written: 0,
    isWriting: false,
    hasForgotten: false,
    saved: null,
    service: { done: [], stock: 10 },
    wakeAtMs: Number.POSITIVE_INFINITY,
    pausedUntilMs: 0,
    deferred: [],
    trace: [],
  };
}

export const copyOf = ({ done, stock }: Service): Service => ({ done: [...done], stock });

export function executeIn(
  service: Service,
  { session, n, operation, args }: UpdateBody,
): ForcedResult {
  const amount = Number(args['amount']);
  service.done.push(`${session}:${n}`);
  if (operation === 'take' && amount > service.stock) {
    return { kind: 'refused', message: `only ${service.stock} left` };
  }
  service.stock += operation === 'take' ? -amount : amount;
  return { kind: 'value', value: service.stock };
}

export function endOf(node: CoreNode): End<CoreNode> {
  const { name, member, origin, state } = node;
  const replicaTimestamp = state?.durable.value() ?? VectorTimestamp.zero;
  const counterpart = counterpartOf({ name, memberId: member, origin }, replicaTimestamp);
  return { node, name, counterpart };
}
