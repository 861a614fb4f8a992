/** What a replica tells of itself: for `hearsay status`, and as figures for /metrics. */

import type { Journal } from '../ports/journal.js';
import { clockAheadMs } from '../replica/clocks.js';
import { isMember, toldEpoch } from '../replica/membership/label.js';
import { waitsFor } from '../replica/membership/operators.js';
import type { ReplicaState } from '../replica/state.js';
import type { ReplicaStatus } from '../wire/messages.js';
import type { Links } from './links.js';
import type { ReplicaDisk } from './replica-disk.js';

interface ReportBasis {
  readonly state: ReplicaState;
  readonly address: string;
  readonly pid: number;
  readonly status: ReplicaStatus;
  /** Null unless it was asked for: it reads the whole state. */
  readonly stateHash: string | null;
}

/** A member's part of `status --json` (DESIGN section 4), but for what only others can know of it. */
export function replicaReport(basis: ReportBasis): Record<string, unknown> {
  const { state, address, pid, status, stateHash } = basis;
  return {
    name: state.self.name,
    id: state.self.memberId,
    origin: state.self.origin,
    address,
    pid,
    status,
    replicaTS: state.durable.value().toJSON(),
    valueTS: state.value.value().toJSON(),
    stateHash,
    logRecords: state.log.size,
    counted: state.counted,
    clockAheadMs: clockAheadMs(state),
    role: state.forced.role === 'primary' ? 'primary' : 'backup',
    mayVote: state.forced.durable.mayVote,
    epoch: toldEpoch(state),
    isMember: isMember(state),
    members: state.membership.configuration.members,
    clusterVersion: state.membership.configuration.version,
    waitsFor: waitsFor({ state }),
    view: viewOf(state),
  };
}

/** The view under way here, or null before the first one. */
function viewOf({ forced }: ReplicaState): Record<string, unknown> | null {
  const { n, owner } = forced.log.lnv;
  return owner === null ? null : { n, owner };
}

export interface ReplicaFigures {
  readonly epoch: number;
  /** The longest that a snapshot for a new replica held up everything else. */
  readonly snapshotPauseMs: number;
  readonly updatesExecuted: number;
  readonly logRecords: number;
  readonly waitingRequests: number;
  readonly forcedEntries: number;
  /** Of those, the ones that were not collected. */
  readonly forcedHeld: number;
  readonly forcedCommitted: number;
  readonly forcedPending: number;
  readonly viewNumber: number;
  readonly clockAheadMs: number;
  readonly earlyRecords: number;
  readonly outstandingFetches: number;
  readonly unacknowledgedUpdates: number;
  readonly connections: number;
  readonly journalSyncs: number;
  readonly journalBytes: number;
  readonly journalRecords: number;
  readonly journalGroups: number;
  readonly framesSent: number;
  readonly messagesSent: number;
  readonly bytesToFrontends: number;
  readonly bytesToReplicas: number;
}

export function replicaFigures(
  state: ReplicaState,
  executed: number,
  links: Links,
  journal: Journal,
  { writer, donor }: ReplicaDisk,
): ReplicaFigures {
  return {
    epoch: state.change.label,
    snapshotPauseMs: donor.longestPauseMs,
    updatesExecuted: executed,
    logRecords: state.log.size,
    waitingRequests: state.waitingById.size,
    forcedEntries: state.forced.log.op,
    forcedHeld: state.forced.log.op - state.forced.log.base,
    forcedCommitted: state.forced.log.commit,
    forcedPending: state.forced.pending.size,
    viewNumber: state.forced.log.view.n,
    clockAheadMs: clockAheadMs(state) ?? 0,
    earlyRecords: state.early.size,
    outstandingFetches: state.fetches.size,
    unacknowledgedUpdates: state.unacknowledged.size,
    connections: links.size,
    journalSyncs: journal.statistics.syncs,
    journalBytes: journal.statistics.bytes,
    journalRecords: writer.written.records,
    journalGroups: writer.written.groups,
    framesSent: links.sent.frames,
    messagesSent: links.sent.messages,
    bytesToFrontends: links.sent.bytes.frontend,
    bytesToReplicas: links.sent.bytes.replica,
  };
}
