/**
 * Every message of the protocol, as types: one closed union per direction, told apart by `kind`. Cores
 * import only these types; bytes are the codec's business. docs/protocol.md describes them for people
 * who write a client in another language.
 */

import type { ErrorCode } from '../base/errors.js';
import type { Name, SessionId } from '../base/ids.js';
import type { ForcedEntry } from '../log/forced-log.js';
import type { TravellingRecord } from '../log/record.js';
import type { Ballot } from '../timestamp/ballot.js';
import type { Stamp } from '../timestamp/stamp.js';
import type { MissingRange, VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type {
  Answered,
  ClientLookup,
  ClientQuery,
  ClientUpdate,
  Failed,
  LookedUp,
  Updated,
} from './client-messages.js';
import type { ForcedAnswered, ForcedMessage, ForcedStanding, Tip } from './forced-messages.js';
import type { Hello, Rejected } from './hello-messages.js';
import type {
  ChangeMembers,
  ClaimGranted,
  ClaimRefused,
  ConfigurationTold,
  Frozen,
  FrontendsTold,
  GetSnapshot,
  Handover,
  MembersChanged,
  Recover,
  RecoverHalt,
  RecoverHalted,
  RecoverRelease,
  Retired,
  SnapshotPart,
} from './membership-messages.js';

export type {
  Answered,
  ClientLookup,
  ClientQuery,
  ClientUpdate,
  Failed,
  LookedUp,
  Updated,
} from './client-messages.js';
export type {
  ArgumentDescription,
  ClientHello,
  ClusterIdentity,
  FrontendHello,
  Hello,
  JoinerHello,
  MemberAddress,
  OperationDescription,
  Rejected,
  ReplicaHello,
} from './hello-messages.js';

export type {
  ChangeMembers,
  ConfigurationTold,
  FrontendsTold,
  MembersChanged,
  Recover,
} from './membership-messages.js';

/** What a replica says of itself (DESIGN section 2). */
export type StatusValue = 'ACTIVE' | 'OVERLOADED' | 'OFFLINE';

export interface ReplicaStatus {
  readonly value: StatusValue;
  /** Who decided: measurement, a person, or chance. */
  readonly source: 'auto' | 'hand' | 'random';
}

/** How fresh a query's answer must be (DESIGN section 2). */
export type Consistency = 'causal' | 'fresh' | 'auto';

export type Arguments = Readonly<Record<string, unknown>>;

// ---- Status and events: client to front end, front end to replica. ----

export interface StatusRequest {
  readonly kind: 'status-request';
  readonly requestId: number;
  /** Also compute the state hash, which reads the whole state. */
  readonly hash: boolean;
}

export interface StatusReport {
  readonly kind: 'status-report';
  readonly requestId: number;
  /** JSON: of one replica, or of the whole cluster as `status --json` prints it. */
  readonly report: unknown;
}

export interface SetStatus {
  readonly kind: 'set-status';
  readonly requestId: number;
  readonly name: Name;
  readonly value: StatusValue | 'random' | 'auto';
}

/** Start or stop the stream of events of this process (and, at a front end, of its replicas). */
export interface Watch {
  readonly kind: 'watch';
  readonly on: boolean;
}

/** What a core notes for the gossip log. */
export interface Trace {
  /** What happened: `gossip sent`, `executed rate` … */
  readonly event: string;
  /** Update id, or the number of a request or a gossip message. */
  readonly id?: string;
  readonly from?: string;
  readonly to?: string;
  readonly before?: VectorTimestamp;
  readonly after?: VectorTimestamp;
  readonly detail?: string;
}

/** One line of the gossip log: a trace with its host and its time, timestamps as plain objects. */
export interface TraceEvent extends Omit<Trace, 'before' | 'after'> {
  /** Wall clock of the host, ms since 1970. */
  readonly at: number;
  readonly host: string;
  readonly before?: Readonly<Record<string, number>>;
  readonly after?: Readonly<Record<string, number>>;
}

export interface Events {
  readonly kind: 'events';
  readonly events: readonly TraceEvent[];
}

// ---- Front end and replica. ----

/** An update as replicas are asked for it. */
export interface RequestedUpdate {
  readonly session: SessionId;
  readonly n: number;
  readonly answered: number;
  readonly stamp: Stamp;
  readonly prev: VectorTimestamp;
  /** The same past by the other records of the session's updates; absent where there are none. */
  readonly alternative?: VectorTimestamp;
  readonly operation: string;
  readonly args: Arguments;
  readonly user: string;
  readonly timeoutMs: number;
}

export interface Update extends RequestedUpdate {
  readonly kind: 'update';
  readonly requestId: number;
  /** The replicas it was sent to at once; the first sends the body onward (PROTOCOL A11). */
  readonly holders: readonly Name[];
}

export interface Acknowledged {
  readonly kind: 'acknowledged';
  readonly requestId: number;
  readonly timestamp: VectorTimestamp;
  readonly latest: Stamp;
  /**
   * The replica's label, as of sending: the newest configuration that it knows durably to be committed
   * (PROTOCOL C); 0 where it is none of its members, or its claim is not granted: then it is no copy.
   */
  readonly epoch: number;
}

export interface Query {
  readonly kind: 'query';
  readonly requestId: number;
  readonly prev: VectorTimestamp;
  /** The same past by the other records of the session's updates; absent where there are none. */
  readonly alternative?: VectorTimestamp;
  /** Tell `replicaTS` at once, before `prev` is covered (PROTOCOL A10, `fresh`). */
  readonly collect: boolean;
  /** What the state must reflect of the forced log besides (PROTOCOL B, `fresh` and forced). */
  readonly tip?: Tip;
  /** A precondition of this update id instead of a query (PROTOCOL A9). */
  readonly precondition: { readonly session: SessionId; readonly n: number } | null;
  readonly operation: string;
  readonly args: Arguments;
  readonly user: string;
  readonly timeoutMs: number;
}

/** What a query came to at one replica. */
export type Outcome =
  | { readonly kind: 'value'; readonly value: unknown }
  /** The precondition holds. */
  | { readonly kind: 'holds' }
  /** The update was executed already, so its precondition is not asked. */
  | { readonly kind: 'executed' }
  | { readonly kind: 'refused'; readonly message: string };

export interface Answer {
  readonly kind: 'answer';
  readonly requestId: number;
  /** What the answer reflects. */
  readonly valueTimestamp: VectorTimestamp;
  /** What this replica holds durably, as of sending. */
  readonly replicaTimestamp: VectorTimestamp;
  /** It may be counted among the R of a fresh query (PROTOCOL A10). */
  readonly counted: boolean;
  /** The label, as of sending; see {@link Acknowledged}. */
  readonly epoch: number;
  /** How far its forced log goes, as of sending; and the last view whose no-op it has executed. */
  readonly tip: Tip;
  readonly executedView: Ballot;
  readonly latest: Stamp;
  readonly outcome: Outcome;
}

/** The first half of an answer to a query that has to wait. */
export interface Collected {
  readonly kind: 'collected';
  readonly requestId: number;
  readonly replicaTimestamp: VectorTimestamp;
  readonly counted: boolean;
  readonly epoch: number;
  readonly tip: Tip;
}

/** A replica did not take a request; other replicas may. */
export interface Declined {
  readonly kind: 'declined';
  readonly requestId: number;
  readonly code: ErrorCode;
  readonly message: string;
}

/** These queries were answered elsewhere. */
export interface Cancel {
  readonly kind: 'cancel';
  readonly requestIds: readonly number[];
}

/** Each 300 ms on every connection of a replica (PROTOCOL H). */
export interface Heartbeat {
  readonly kind: 'heartbeat';
  readonly status: ReplicaStatus;
  readonly counted: boolean;
  readonly replicaTimestamp: VectorTimestamp;
  readonly standing: ForcedStanding;
  /** The label, as of sending; see {@link Acknowledged}. */
  readonly epoch: number;
  /** The sender's wall clock, ms: clocks that are wrong are told to people (PROTOCOL H). */
  readonly wallMs: number;
  /** It makes no record of its own with an older stamp any more, ms (PROTOCOL A8); 0 = none told yet. */
  readonly floorMs: number;
  /** Changes of its promises and of its forced log, counted for ever: a disk put back is behind (PROTOCOL E). */
  readonly promises: number;
}

// ---- Between replicas. ----

export interface Gossip {
  readonly kind: 'gossip';
  /** Counts the gossip messages of this connection; the acknowledgement repeats it. */
  readonly serial: number;
  readonly replicaTimestamp: VectorTimestamp;
  /** The sender's label: frozen origins are taken from who has frozen them (PROTOCOL D2). */
  readonly epoch: number;
  /** In the order of the sender's log, which is causal. */
  readonly records: readonly TravellingRecord[];
}

export interface GossipAcknowledged {
  readonly kind: 'gossip-acknowledged';
  readonly serial: number;
  readonly replicaTimestamp: VectorTimestamp;
}

export interface Fetch {
  readonly kind: 'fetch';
  /** Counts the fetches of this start; the answer repeats it. */
  readonly serial: number;
  readonly ranges: readonly MissingRange[];
}

/** The records asked for, as far as they are held durably; always with bodies. */
export interface Fetched {
  readonly kind: 'fetched';
  readonly serial: number;
  readonly replicaTimestamp: VectorTimestamp;
  readonly epoch: number;
  readonly records: readonly TravellingRecord[];
  /** Committed entries of the forced log, where some were asked for (PROTOCOL B, "outside the view"). */
  readonly entries: readonly ForcedEntry[];
}

export type ClientToFrontend =
  | ClientUpdate
  | ClientQuery
  | ClientLookup
  | StatusRequest
  | SetStatus
  | ChangeMembers
  | Recover
  | Watch;
export type FrontendToClient =
  | Updated
  | Answered
  | LookedUp
  | Failed
  | StatusReport
  | MembersChanged
  | FrontendsTold
  | Events;
export type FrontendToReplica =
  | Update
  | Query
  | Cancel
  | StatusRequest
  | SetStatus
  | ChangeMembers
  | Recover
  | Watch;
export type ReplicaToFrontend =
  | Acknowledged
  | ForcedAnswered
  | Answer
  | Collected
  | Declined
  | Heartbeat
  | ConfigurationTold
  | StatusReport
  | MembersChanged
  | Events;
export type ReplicaToReplica =
  | Gossip
  | GossipAcknowledged
  | Fetch
  | Fetched
  | Heartbeat
  | ForcedMessage
  | Frozen
  | ClaimGranted
  | ClaimRefused
  | Retired
  | RecoverHalt
  | RecoverHalted
  | RecoverRelease
  | Handover;
/** A process that is no replica yet asks one for what there is. */
export type JoinerToReplica = GetSnapshot;
export type ReplicaToJoiner = SnapshotPart;

export type Message =
  | Hello
  | Rejected
  | ClientToFrontend
  | FrontendToClient
  | FrontendToReplica
  | ReplicaToFrontend
  | ReplicaToReplica
  | JoinerToReplica
  | ReplicaToJoiner;

export type MessageKind = Message['kind'];
export type MessageOf<Kind extends MessageKind> = Extract<Message, { kind: Kind }>;
