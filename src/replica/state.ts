/**
 * All that a replica knows. The driver owns one `ReplicaState` and hands it to `step`, which changes it
 * in place; nothing else does. Words are the paper's (DESIGN section 1).
 *
 * Invariants, for every origin:
 * - I5 `durable <= received` and `value <= received`; this start's own entry of `value` is at most that
 *   of `durable`. A record made here is executed, told and gossiped only once it is durable; one that
 *   came from elsewhere is durable there, and is executed at once (PROTOCOL A2).
 * - The log is causally closed at every length (PROTOCOL A3).
 */

import type { MemberId, Name, Origin } from '../base/ids.js';
import { LIMITS } from '../base/limits.js';
import { CausalQueue } from '../log/causal-queue.js';
import { type ExecutedEntries, ExecutedTable } from '../log/executed-table.js';
import type { LogRecord, TravellingRecord, UpdateBody } from '../log/record.js';
import { type KeptLog, NOTHING_COLLECTED, UpdateLog } from '../log/update-log.js';
import { WaitIndex } from '../log/wait-index.js';
import { type Stamp, ZERO_STAMP } from '../timestamp/stamp.js';
import { TimestampBuilder, VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { Random } from '../base/random.js';
import type { KeptResults } from '../log/results-table.js';
import { type KeptOrder, NO_FORCED } from '../log/forced-log.js';
import { founded, type KeptMembership, Membership } from '../log/membership.js';
import type { Boot } from '../wire/membership-messages.js';
import type { MemberAddress, Query, ReplicaStatus, Update } from '../wire/messages.js';
import type { LinkId } from './events.js';
import { type CollectionState, emptyCollectionState } from './collection.js';
import { emptyForcedState, type ForcedState } from './forced/state.js';
import { RESULT_TTL_MS } from './forced/timing.js';
import { type ChangeState, emptyChangeState } from './membership/state.js';

/** Tuning; the defaults suit one machine or one data centre. */
export interface ReplicaTuning {
  /** `off` leaves on-demand fetch as the only way of records: for tests and for the classroom. */
  readonly gossip: 'on' | 'off';
  /** Period of anti-entropy; eager gossip does not wait for it. @default 1000 */
  readonly gossipIntervalMs: number;
  /** `off`: no primary is elected, and forced operations find none; to look at the rest alone. */
  readonly forced: 'on' | 'off';
  /** How long results of forced operations are kept; the same at all replicas. @default 24 hours */
  readonly resultTtlMs: number;
  /** Held records beyond which a member that lacks them is retired (PROTOCOL A13). @default `LIMITS.logRecords` */
  readonly logLimit: number;
  /**
   * Whoever started this replica owns the disks of all: where a new one comes in the place of the other of
   * two members, that one's disk is gone and no process of it can be, and this one goes on alone (PROTOCOL F).
   */
  readonly recoversPair: boolean;
  /** Emit `trace` effects. */
  readonly trace: boolean;
}

export interface ReplicaIdentity {
  readonly name: Name;
  readonly memberId: MemberId;
  /** The entry of timestamps that this start writes (PROTOCOL A1). */
  readonly origin: Origin;
  /** Where others reach it. */
  readonly address: string;
  /** This start of its process (PROTOCOL E). */
  readonly boot: Boot;
  /** Cluster versions that it can run (PROTOCOL I). */
  readonly versions: readonly [number, number];
  /** How a replica that is no member wants to become one; null where it does not. */
  readonly joins: 'add' | 'replace' | null;
  /** Names of all members, this one included, where they are given once for all; else null. */
  readonly members: readonly Name[] | null;
}

/** The part of a snapshot that is the core's; the database is the driver's (PROTOCOL A14). */
export interface SnapshotState {
  readonly valueTimestamp: VectorTimestamp;
  readonly executed: ExecutedEntries;
  readonly latest: Stamp;
  readonly results: KeptResults;
  /** Null: the members are those that the replica is started with. */
  readonly membership: KeptMembership | null;
  /** The forced log as it was; null: the journal has all of it. */
  readonly forced: KeptOrder | null;
  /** Where the update log begins whose rest is in the journal. */
  readonly log: KeptLog;
}

/** Another member, whether or not it can be reached now. */
export interface Peer {
  readonly name: Name;
  link: LinkId | null;
  memberId: MemberId | null;
  origin: Origin | null;
  /** Where it says others reach it; empty before its first hello. */
  address: string;
  /** Its label as of what it said last; see `Acknowledged.epoch`. */
  epoch: number;
  boot: Boot | null;
  /** Changes of its promises, as it said last. */
  promises: number;
  versions: readonly [number, number];
  joins: 'add' | 'replace' | null;
  /** Its wall clock minus this replica's when it was heard last, ms; null before that. */
  clockAheadMs: number | null;
  /** The last of what it told that this state covers: its row for collection (PROTOCOL A13). */
  settled: VectorTimestamp;
  /** What it told after that and this state did not cover then; null: nothing. */
  unsettled: VectorTimestamp | null;
  /** It makes no record with an older stamp (PROTOCOL A8), and this state covers those that it has made. */
  floorMs: number;
  /** One that it told with this `replicaTS`, which this state did not cover then; null: none. */
  unsettledFloor: { readonly floorMs: number; readonly past: VectorTimestamp } | null;
  /** `tableTS`: the latest `replicaTS` known; from each hello, also downwards (PROTOCOL A11). */
  timestamp: VectorTimestamp;
  /** What it said first since this start, or since it lost its disk (PROTOCOL A10). */
  firstHeard: VectorTimestamp | null;
  /** Records below this position of the log were sent on this connection, or need not be. */
  sentUpTo: number;
  /** Below this position everything it may lack is sent, above only records of this start. */
  completeUpTo: number;
  /** The gossip message that it has not acknowledged. */
  inFlight: { readonly serial: number; readonly sentAtMs: number } | null;
  nextSerial: number;
  /** Its gossip that is not acknowledged yet, because too many early records wait. */
  owedSerial: number | null;
}

/** A request whose past the state does not cover yet. */
export type WaitingRequest = {
  readonly link: LinkId;
  readonly deadlineMs: number;
} & (
  | {
      readonly kind: 'update';
      readonly request: Update;
      readonly body: UpdateBody;
      readonly wallMs: number;
    }
  | { readonly kind: 'query'; readonly request: Query }
);

/** Where a request waits for one form of its past. */
export interface Ticket {
  readonly waiting: WaitingRequest;
}

/** Records of one origin that were asked for and have not come. */
export interface OutstandingFetch {
  readonly origin: Origin;
  to: number;
  peer: Name | null;
  tried: Name[];
  askedAtMs: number;
  giveUpAtMs: number;
}

/** An alias whose body has not come: the next record of its origin cannot be stored. */
export interface MissingBody {
  /** The update, by `keyOf`. */
  readonly key: string;
  readonly seq: number;
  readonly sinceMs: number;
}

export interface ReplicaState {
  readonly self: ReplicaIdentity;
  readonly tuning: ReplicaTuning;
  /** As of the committed part of the forced log in memory. */
  readonly membership: Membership;
  readonly change: ChangeState;
  /** For pauses that must differ between replicas. */
  readonly random: Random;
  readonly forced: ForcedState;
  readonly log: UpdateLog;
  /** What is in the log, durable or not. */
  readonly received: TimestampBuilder;
  /** `replicaTS`. */
  readonly durable: TimestampBuilder;
  /** `valueTS`. */
  readonly value: TimestampBuilder;
  /** The length of the durable part of the log. */
  durableLength: number;
  /** Records that came before what they depend on. */
  readonly early: CausalQueue<TravellingRecord>;
  /** Records that may be executed but for what they depend on. */
  readonly unexecuted: CausalQueue<LogRecord>;
  readonly executed: ExecutedTable;
  /** The greatest stamp applied. */
  latest: Stamp;
  readonly waiting: WaitIndex<Ticket>;
  /** The waiting requests by link and request id: a ticket for each form of their past. */
  readonly waitingById: Map<string, readonly Ticket[]>;
  /** Front ends to acknowledge once the record at a position is durable. */
  readonly unacknowledged: Map<number, { readonly link: LinkId; readonly requestId: number }[]>;
  readonly frontends: Map<LinkId, MemberAddress>;
  readonly peers: Map<Name, Peer>;
  readonly peerByLink: Map<LinkId, Peer>;
  readonly fetches: Map<Origin, OutstandingFetch>;
  /** By origin: only its next record can be stored, so only that one asks. */
  readonly missingBodies: Map<Origin, MissingBody>;
  /** Who was sent a fresh own record's body by its front end, by position: hints for aliases. */
  readonly holders: Map<number, readonly Name[]>;
  /** When early records last made progress, or null when there are none. */
  earlySinceMs: number | null;
  status: ReplicaStatus;
  /** Since when its value is this one. */
  statusSinceMs: number;
  /** May be counted among the R of a fresh query (PROTOCOL A10). */
  counted: boolean;
  /** What a damaged journal once held: to be fetched before this directory counts as whole again. */
  mustRecover: VectorTimestamp | null;
  readonly collection: CollectionState;
  nextFetchSerial: number;
  nextHeartbeatMs: number;
  nextAntiEntropyMs: number;
  /** The durable length at the last round of anti-entropy: what is newer is still on its way. */
  antiEntropyLength: number;
  /** The tick asked for. */
  wakeAtMs: number;
}

export const DEFAULT_TUNING: ReplicaTuning = {
  gossip: 'on',
  gossipIntervalMs: 1000,
  forced: 'on',
  resultTtlMs: RESULT_TTL_MS,
  logLimit: LIMITS.logRecords,
  recoversPair: false,
  trace: false,
};

export const EMPTY_SNAPSHOT: SnapshotState = {
  valueTimestamp: VectorTimestamp.zero,
  executed: [],
  latest: ZERO_STAMP,
  results: { latest: ZERO_STAMP, sessions: [] },
  membership: null,
  forced: null,
  log: NOTHING_COLLECTED,
};

/** A replica at rest: nothing in its log, the state of `snapshot`. */
export function emptyState(
  self: ReplicaIdentity,
  tuning: ReplicaTuning,
  snapshot: SnapshotState,
  random: Random,
): ReplicaState {
  const received = new TimestampBuilder(snapshot.log.collected);
  const durable = new TimestampBuilder(snapshot.log.collected);
  const value = new TimestampBuilder(snapshot.valueTimestamp);
  const membership = new Membership(snapshot.membership ?? fixedMembership(self));
  for (const [origin, final] of membership.dropped) {
    for (const entries of [received, durable, value]) entries.close(origin, final);
  }
  const { epoch, members } = membership.configuration;
  const others = members.filter(({ name }) => name !== self.name);
  const peers = others.map(({ name, address }) => unknownPeer(name, address));
  return {
    self,
    tuning,
    membership,
    change: emptyChangeState(epoch, membership.isFixed),
    random,
    forced: emptyForcedState(
      peers.map(({ name }) => name),
      tuning.resultTtlMs,
      snapshot.results,
      snapshot.forced ?? NO_FORCED,
    ),
    log: new UpdateLog(snapshot.log),
    received,
    durable,
    value,
    durableLength: snapshot.log.base,
    early: new CausalQueue(received),
    unexecuted: new CausalQueue(value),
    executed: new ExecutedTable(snapshot.executed),
    latest: snapshot.latest,
    waiting: new WaitIndex(),
    waitingById: new Map(),
    unacknowledged: new Map(),
    frontends: new Map(),
    peers: new Map(peers.map((peer) => [peer.name, peer])),
    peerByLink: new Map(),
    fetches: new Map(),
    missingBodies: new Map(),
    holders: new Map(),
    earlySinceMs: null,
    status: { value: 'ACTIVE', source: 'auto' },
    statusSinceMs: Number.NEGATIVE_INFINITY,
    counted: false,
    mustRecover: null,
    collection: emptyCollectionState(),
    nextFetchSerial: 1,
    nextHeartbeatMs: 0,
    nextAntiEntropyMs: 0,
    antiEntropyLength: 0,
    wakeAtMs: Number.POSITIVE_INFINITY,
  };
}

/** The configuration of a replica that is started with names. */
function fixedMembership({ members }: ReplicaIdentity): KeptMembership {
  const named = (members ?? []).map((name) => ({ name, id: null, address: '' }));
  return founded(named, 1);
}

export function unknownPeer(name: Name, address: string): Peer {
  return {
    name,
    address,
    epoch: 0,
    boot: null,
    promises: 0,
    versions: [1, 1],
    joins: null,
    clockAheadMs: null,
    settled: VectorTimestamp.zero,
    unsettled: null,
    floorMs: 0,
    unsettledFloor: null,
    link: null,
    memberId: null,
    origin: null,
    timestamp: VectorTimestamp.zero,
    firstHeard: null,
    sentUpTo: 0,
    completeUpTo: 0,
    inFlight: null,
    nextSerial: 1,
    owedSerial: null,
  };
}
