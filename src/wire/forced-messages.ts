/**
 * Messages of the forced log (PROTOCOL B; *Viewstamped Replication Revisited*, Liskov and Cowling 2012,
 * sections 4 and 5): a primary orders operations, a majority of members makes them durable.
 */

import type { ErrorCode } from '../base/errors.js';
import type { Name, SessionId } from '../base/ids.js';
import type { ForcedEntry } from '../log/forced-log.js';
import type { ForcedOutcome } from '../log/results-table.js';
import type { Ballot } from '../timestamp/ballot.js';
import type { Stamp } from '../timestamp/stamp.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { RequestedUpdate } from './messages.js';

/**
 * How far a durable forced log goes: its last normal view, and its last entry, committed or not, that
 * is no no-op; 0 = none. Commit numbers would not do: when an operation is answered, only the primary
 * knows that it is committed.
 */
export interface Tip {
  readonly view: Ballot;
  readonly seq: number;
}

/** What a replica says in each heartbeat of its forced log, as it is on its disk. */
export interface ForcedStanding {
  /** The highest ballot promised. */
  readonly view: Ballot;
  /** The last normal view. */
  readonly lnv: Ballot;
  /** The number of the last entry. */
  readonly op: number;
  readonly commit: number;
  readonly mayVote: boolean;
  /** The primary it hears, itself perhaps, and of which view; null while it hears none. */
  readonly primary: { readonly name: Name; readonly view: Ballot } | null;
}

/** The answer to a forced update: always its one result, never a state on the way to it. */
export interface ForcedAnswered {
  readonly kind: 'forced-answered';
  readonly requestId: number;
  readonly outcome: ForcedOutcome;
  /** Its place in the order. */
  readonly timestamp: VectorTimestamp;
  /** Members that hold it durably, a majority at least; 0 where it has expired. */
  readonly copies: number;
  readonly latest: Stamp;
}

/** An update for the primary, from a replica that is none. */
export interface Forward extends RequestedUpdate {
  readonly kind: 'forward';
  /** The sender's wall clock: the primary's own may be behind, and its stamp seem ahead only there. */
  readonly wallMs: number;
  /** How many replicas it has passed: two at most. */
  readonly hops: number;
}

/** What became of a forwarded update: its result, or why it was not ordered. */
export interface Forwarded {
  readonly kind: 'forwarded';
  readonly session: SessionId;
  readonly n: number;
  readonly digest: string;
  readonly outcome:
    | (Pick<ForcedAnswered, 'timestamp' | 'copies' | 'latest'> & { readonly of: ForcedOutcome })
    | { readonly code: ErrorCode; readonly message: string };
}

/** Would you vote for me? Changes no state anywhere. */
export interface PreVote {
  readonly kind: 'pre-vote';
  /** Counts the attempts of this start: answers repeat it. */
  readonly round: number;
  readonly lnv: Ballot;
  readonly op: number;
}

export interface Vote {
  readonly kind: 'vote';
  readonly round: number;
  readonly view: Ballot;
  readonly lnv: Ballot;
  readonly op: number;
  /** The primary itself wants another one: it is asked for although a primary is heard. */
  readonly handover: boolean;
}

/** The answer to either. A refusal tells how far its sender is, so that the candidate can catch up. */
export interface VoteAnswered {
  readonly kind: 'vote-answered';
  readonly to: 'pre-vote' | 'vote';
  readonly round: number;
  readonly granted: boolean;
  /** The candidate's log is behind the sender's. */
  readonly isBehind: boolean;
  /** The highest ballot that the sender has promised. */
  readonly view: Ballot;
}

/** Entries that follow `after`, for the members of the view; also how the primary tells its commit. */
export interface Prepare {
  readonly kind: 'prepare';
  readonly view: Ballot;
  readonly after: number;
  readonly entries: readonly ForcedEntry[];
  /** The number of the primary's last durable entry. */
  readonly op: number;
  readonly commit: number;
}

/** All entries up to `op` are durable here, in this view's log; null = this log is another view's. */
export interface PrepareOk {
  readonly kind: 'prepare-ok';
  readonly view: Ballot;
  readonly op: number | null;
}

/** The sender has promised a later view, whose candidate did not come through. */
export interface Nack {
  readonly kind: 'nack';
  readonly view: Ballot;
}

export interface GetState {
  readonly kind: 'get-state';
  /** What the sender knows to be committed. */
  readonly after: number;
  /** To take the receiver's log over, whatever its view: the sender's own is behind. */
  readonly takeOver: boolean;
}

/** A durable forced log above `after`, as far as one message holds it. */
export interface State {
  readonly kind: 'state';
  readonly after: number;
  readonly takeOver: boolean;
  readonly isPrimary: boolean;
  readonly lnv: Ballot;
  readonly op: number;
  readonly commit: number;
  readonly entries: readonly ForcedEntry[];
}

export type ForcedMessage =
  | Forward
  | Forwarded
  | PreVote
  | Vote
  | VoteAnswered
  | Prepare
  | PrepareOk
  | Nack
  | GetState
  | State;
