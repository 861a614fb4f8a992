/** The client library as users see it (DESIGN section 6), apart from how it works. */

import type {
  Consistency,
  OperationDescription,
  StatusValue,
  TraceEvent,
} from '../wire/messages.js';

export interface ClientOptions {
  /** Who asks; services that do not care take the empty default. @default '' */
  readonly user?: string;
  /** @default 'auto' */
  readonly consistency?: Consistency;
  /** How long one request may take, retries included, ms; at most 60,000. @default 10000 */
  readonly timeoutMs?: number;
  /** An update with fewer durable copies in the end is UNAVAILABLE. @default 1 */
  readonly minCopies?: 1 | 2;
  /**
   * Send updates without waiting for the answers of earlier ones. Given up: updates of this client may
   * execute in another order than they were sent in, and one may be done while an earlier one fails.
   * @default false
   */
  readonly pipeline?: boolean;
}

/** A vector timestamp as a plain object: counts by origin. */
export type PlainTimestamp = Readonly<Record<string, number>>;

export interface QueryResult {
  readonly value: unknown;
  /** What was reached: `auto` falls back to `causal` while too few members answer. */
  readonly guarantee: 'causal' | 'fresh';
  readonly timestamp: PlainTimestamp;
}

export interface UpdateResult {
  /**
   * What a forced update came to, the same at every replica. Null for causal updates: they return
   * nothing that depends on one replica's state.
   */
  readonly result: unknown;
  /** Members known to hold the update durably. */
  readonly copies: number;
  readonly timestamp: PlainTimestamp;
  /** A forced update that had been answered before: its result, null here, is not kept any more. */
  readonly repeated?: boolean;
}

export interface MemberStatus {
  readonly name: string;
  /** Member id, origin, process id and so on are null while the member cannot be reached. */
  readonly id: string | null;
  readonly origin: string | null;
  readonly address: string;
  readonly pid: number | null;
  readonly status: { readonly value: StatusValue | 'UNREACHABLE'; readonly source: string };
  readonly replicaTS: PlainTimestamp | null;
  readonly valueTS: PlainTimestamp | null;
  /** Null unless it was asked for: it reads the whole state. */
  readonly stateHash: string | null;
  readonly logRecords: number | null;
  /** Records known of anywhere that this member does not hold. */
  readonly lagRecords: number | null;
  /** It counts for fresh queries; false while it catches up after its start. */
  readonly counted: boolean | null;
  /** How far its wall clock is ahead of the median of the members' clocks, ms; null where it hears no other. */
  readonly clockAheadMs: number | null;
  /** The primary orders forced updates. */
  readonly role: 'primary' | 'backup' | null;
  /** The view it knows; null while there is none. */
  readonly view: { readonly n: number; readonly owner: string } | null;
  /** False while it may have forgotten what it promised others. */
  readonly mayVote: boolean | null;
  /** The newest epoch that it has taken up; 0 while it does not count as a member. */
  readonly epoch: number | null;
  /** In words, what a change of the members waits for here; null: for nothing. */
  readonly waitsFor: string | null;
}

/** What came of a change of the members. */
export interface MembersChange {
  /** The epoch that is in force since. */
  readonly epoch: number;
  /** In words, what was done, and what may have been lost. */
  readonly message: string;
}

export interface ClusterStatus {
  readonly clusterId: string;
  readonly epoch: number;
  /** The view of the forced log; null while there is none. */
  readonly view: { readonly n: number; readonly owner: string } | null;
  readonly members: readonly MemberStatus[];
  /** All that are known; the process id only of the one that was asked. */
  readonly frontends: readonly {
    readonly name: string;
    readonly address: string;
    readonly pid: number | null;
  }[];
}

export interface Client {
  /** What this session has seen or written. */
  readonly timestamp: PlainTimestamp;
  readonly user: string;
  /** The service's name and operations, as the front end told them. */
  readonly service: string;
  readonly operations: readonly OperationDescription[];
  /** The front end in use, given or told of by others; null while there is no connection. */
  readonly frontend: string | null;

  /** Answers a query. Throws HearsayError: INVALID, REFUSED, UNAVAILABLE, TIMEOUT … */
  query(
    operation: string,
    args?: Readonly<Record<string, unknown>>,
    options?: Pick<ClientOptions, 'consistency' | 'timeoutMs'>,
  ): Promise<QueryResult>;

  /**
   * Carries out an update, once: it is retried with the same id, also at other front ends, until it
   * is answered or the time is up. An error whose `definite` is false leaves its outcome unknown. One
   * with a `timestamp` is a refusal at its place in the order of forced updates: the one result.
   */
  update(
    operation: string,
    args?: Readonly<Record<string, unknown>>,
    options?: Pick<ClientOptions, 'minCopies' | 'timeoutMs'>,
  ): Promise<UpdateResult>;

  /** What every part of the cluster says of itself; `hash` also computes the state hashes. */
  status(options?: { readonly hash?: boolean }): Promise<ClusterStatus>;
  setStatus(
    name: string,
    value: 'ACTIVE' | 'OVERLOADED' | 'OFFLINE' | 'random' | 'auto',
  ): Promise<void>;

  /**
   * Makes a replica no member any more, for ever, and resolves when that is in force, also when it was
   * before. Rejects with UNAVAILABLE where no primary is known for half a minute, and with TIMEOUT where the
   * one that was asked could not do it within a minute: it says what it waited for, and whether it goes on.
   * `force` does it also where an acknowledged update may be lost by it.
   */
  retire(name: string, options?: { readonly force?: boolean }): Promise<MembersChange>;

  /**
   * Goes on without a majority of the members that is gone for good: each member is named once, as
   * survivor or as lost. What the lost alone held is lost. `abort` gives up a plan that was begun; names
   * may be left out then.
   */
  recover(wanted: {
    readonly plan: string;
    readonly survivors: readonly string[];
    readonly lost: readonly string[];
    readonly abort?: boolean;
  }): Promise<MembersChange>;

  /** Streams the gossip log of the front end and its replicas, some recent lines first; call the
   * result to stop. */
  watch(listener: (event: TraceEvent) => void): () => void;
  /** Told when the front end in use changes; null = connection lost. Call the result to stop. */
  onFrontend(listener: (frontend: string | null) => void): () => void;

  /** Ends the connection; requests under way fail as UNAVAILABLE. */
  close(): Promise<void>;
}
