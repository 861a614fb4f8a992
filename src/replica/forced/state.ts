/**
 * What a replica knows of the forced log (PROTOCOL B): the log in memory and on disk, its part in the
 * view, and the requests that wait for their place in the order.
 */

import type { Name } from '../../base/ids.js';
import {
  type ForcedEntry,
  ForcedLog,
  type ForcedTransition,
  type KeptForced,
} from '../../log/forced-log.js';
import type { UpdateBody } from '../../log/record.js';
import { type KeptResults, ResultsTable } from '../../log/results-table.js';
import { WaitIndex } from '../../log/wait-index.js';
import { type Ballot, ZERO_BALLOT } from '../../timestamp/ballot.js';
import type { VectorTimestamp } from '../../timestamp/vector-timestamp.js';
import type { ForcedStanding } from '../../wire/forced-messages.js';
import type { StatusValue } from '../../wire/messages.js';
import type { LinkId } from '../events.js';
import type { Ticket } from '../state.js';

/**
 * A primary orders; a backup follows one, or waits for one. Whoever suspects the primary asks whether
 * others would vote for it (`asking`), then for their votes (`candidate`); with those of a quorum it
 * writes down the beginning of its view (`starting`) and is primary once that is on its disk.
 */
export type Role = 'backup' | 'asking' | 'candidate' | 'starting' | 'primary';

/** Another member, as the forced log sees it. */
export interface ForcedPeer {
  /** What it said last, and when. */
  standing: ForcedStanding | null;
  heardAtMs: number;
  status: StatusValue;
  /** What it said first since it knows of this start, or since it lost its disk. */
  firstStanding: ForcedStanding | null;
  /** Its log holds so many entries of this primary's view durably. */
  match: number;
  /** When it last answered this primary. */
  answeredAtMs: number;
  /** Entries sent to it on this connection. */
  sent: number;
}

/** Who waits for the answer to a forced update: a front end's request, or the replica that forwarded it. */
export interface Asker {
  readonly link: LinkId;
  /** Null: a replica, which knows it by its id. */
  readonly requestId: number | null;
  readonly from: string;
}

/** A forced update that was asked for here and has no answer yet. */
export interface PendingForced {
  /** Session, number and digest. */
  readonly key: string;
  readonly body: UpdateBody;
  readonly prev: VectorTimestamp;
  readonly alternative?: VectorTimestamp;
  answered: number;
  /** When it came, and the latest wall clock of the replicas it came by, for the test of stamps ahead. */
  readonly arrivedAtMs: number;
  wallMs: number;
  deadlineMs: number;
  /** How many replicas it has passed. */
  hops: number;
  readonly askers: Asker[];
  /** When it was last forwarded, and to whom it ever was, the last one at the end. */
  forwardedAtMs: number;
  readonly forwardedTo: Name[];
  /** Where it waits for each form of its past. */
  readonly tickets: ParkedForced[];
}

export interface ParkedForced {
  readonly pending: PendingForced;
}

/** A primary waits for a member whose log is as far as its own, then for that one to stand for election. */
export interface HandoverUnderWay {
  /** Members of these statuses may lead. */
  readonly statuses: readonly StatusValue[];
  readonly endsAtMs: number;
  to: Name | null;
}

export interface ForcedState {
  /** The log as it is in memory; `durable` is what the disk has of it. */
  readonly log: ForcedLog;
  readonly durable: ForcedLog;
  /** Changes of `log` that are not durable yet, oldest first. */
  readonly underWay: ForcedTransition[];
  /** Something became durable in this step. */
  hasReachedDisk: boolean;
  role: Role;
  readonly peers: Map<Name, ForcedPeer>;
  /** The primary that was heard last, and its view. */
  primary: Name | null;
  primaryView: Ballot;
  heardAtMs: number;
  /** When the primary is suspected. */
  suspectAtMs: number;
  backOffMs: number;
  /** The greatest number of a ballot that was seen. */
  greatestN: number;
  /** Counts the rounds of asking and voting. */
  round: number;
  /** Who would vote for this member, or did. */
  readonly supporters: Set<Name>;
  /** The candidate has asked for votes: its own promise is durable. */
  hasAsked: boolean;
  /** A vote that is given once the promise is durable. */
  promise: { readonly to: Name; readonly round: number; readonly view: Ballot } | null;
  /** The primary to tell what is durable here. */
  owesAnswer: { readonly to: Name; readonly view: Ballot } | null;
  /** The last entry that was told to be durable: heartbeats tell it again and again. */
  answeredOp: number;
  /** The no-op that began this primary's view. */
  noOpSeq: number;
  /** The backups have not been told the commit number yet. */
  commitUntold: boolean;
  nackedAtMs: number;
  /** This primary lets another member lead: it orders nothing until that is decided. */
  handover: HandoverUnderWay | null;
  /** When it last began to. */
  handedOverAtMs: number;
  /** This candidate was asked by the primary to stand. */
  isSuccessor: boolean;
  stateAskedAtMs: number;
  /** Entries of this view that came before the log could take them, by number. */
  readonly early: Map<number, ForcedEntry>;
  /** Entries executed, no-ops included; and the last update and the last view among them. */
  executed: number;
  executedView: Ballot;
  /** The entry that the service is executing, or 0. */
  executing: number;
  readonly results: ResultsTable;
  /** Updates of the log that were not executed, by session and number. */
  readonly unexecuted: Map<string, Extract<ForcedEntry, { kind: 'update' }>>;
  readonly pending: Map<string, PendingForced>;
  /** Pending ones to look at in this step. */
  readonly ready: Set<PendingForced>;
  /** Pending ones whose past the state does not cover. */
  readonly parked: WaitIndex<ParkedForced>;
  readonly parkedRequests: Set<PendingForced>;
  /** Those that wait because too much of the log is not committed. */
  readonly blocked: Set<PendingForced>;
  /** What this primary has ordered and is not committed, oldest first. */
  readonly uncommitted: { readonly seq: number; readonly bytes: number }[];
  /** Queries that wait for another entry of the log. */
  readonly awaitingTip: Set<Ticket>;
  /** The primary that front ends and peers were told of. */
  toldPrimary: Name | null;
}

export function emptyForcedState(
  others: readonly Name[],
  ttlMs: number,
  kept: KeptResults,
  log: KeptForced,
): ForcedState {
  return {
    log: new ForcedLog(log),
    durable: new ForcedLog(log),
    underWay: [],
    hasReachedDisk: false,
    role: 'backup',
    peers: new Map(others.map((name) => [name, unknownForcedPeer()])),
    primary: null,
    primaryView: ZERO_BALLOT,
    heardAtMs: Number.NEGATIVE_INFINITY,
    suspectAtMs: Number.POSITIVE_INFINITY,
    backOffMs: 0,
    greatestN: 0,
    round: 0,
    supporters: new Set(),
    hasAsked: false,
    promise: null,
    owesAnswer: null,
    answeredOp: 0,
    noOpSeq: 0,
    commitUntold: false,
    nackedAtMs: Number.NEGATIVE_INFINITY,
    handover: null,
    handedOverAtMs: Number.NEGATIVE_INFINITY,
    isSuccessor: false,
    stateAskedAtMs: Number.NEGATIVE_INFINITY,
    early: new Map(),
    executed: 0,
    executedView: ZERO_BALLOT,
    executing: 0,
    results: new ResultsTable(ttlMs, kept),
    unexecuted: new Map(),
    pending: new Map(),
    ready: new Set(),
    parked: new WaitIndex(),
    parkedRequests: new Set(),
    blocked: new Set(),
    uncommitted: [],
    awaitingTip: new Set(),
    toldPrimary: null,
  };
}

export function unknownForcedPeer(): ForcedPeer {
  return {
    standing: null,
    heardAtMs: Number.NEGATIVE_INFINITY,
    status: 'ACTIVE',
    firstStanding: null,
    match: 0,
    answeredAtMs: Number.NEGATIVE_INFINITY,
    sent: 0,
  };
}
