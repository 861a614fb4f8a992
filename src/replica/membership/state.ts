/** What a replica knows of a change of the members that is under way, and of its own part among them. */

import type { MemberId, Name } from '../../base/ids.js';
import type { Configuration } from '../../log/membership.js';
import type { VectorTimestamp } from '../../timestamp/vector-timestamp.js';
import type { LinkId } from '../events.js';
import type { Recovery } from './recover.js';

/** An operator who waits for a change to be in force. */
export interface Operator {
  readonly link: LinkId;
  readonly requestId: number;
  readonly name: Name;
  readonly id: MemberId;
  readonly force: boolean;
  /** It is given up then. */
  readonly deadlineMs: number;
}

/** What a replica has at some moment. */
interface Look {
  readonly held: VectorTimestamp;
  readonly commit: number;
}

export interface ChangeState {
  /** The newest configuration that is durably known to be committed (PROTOCOL C, Label). */
  label: number;
  /** The entry that brought the newest committed configuration. */
  configuredSeq: number;
  /** A configuration in the log that is not known to be committed, and where it stands. */
  pending: { readonly seq: number; readonly configuration: Configuration } | null;
  /** An `activate` or `drop` entry of this primary is on its way to being committed: up to here. */
  proposedUpTo: number;
  /** Reports for the activation, by member, since the newest configuration was committed. */
  readonly reports: Map<MemberId, VectorTimestamp>;
  /** An operator accepts that updates may be lost which only an absent member holds. */
  isForced: boolean;
  /** When this replica reported last. */
  reportedAtMs: number;
  /** When the newest configuration was committed here. */
  committedAtMs: number;
  /** No configuration is proposed of its own accord before. */
  nextClosingAtMs: number;
  /** Members that have granted the claim of this start, itself included. */
  readonly granted: Set<Name>;
  /** A majority has: this start counts (PROTOCOL E). */
  isClaimed: boolean;
  /** Since when another process of this identity is said to run; null while none is. */
  duplicateSinceMs: number | null;
  /** When another process of this identity was last heard by somebody. */
  duplicateAtMs: number | null;
  /** Since when a majority, though not everybody, has granted this start. */
  claimSinceMs: number | null;
  /** When promises of others were written down last. */
  notesAtMs: number;
  /** Connected members whose grants wait for the disk. */
  readonly owedGrants: Set<Name>;
  readonly operators: Operator[];
  /** The wall clock is so far ahead of the monotonic one, ms; null before it was told. */
  wallOffsetMs: number | null;
  /** What this replica held and knew durably when it looked last, and the time before: a learner that does is near. */
  looked: Look | null;
  lookedBefore: Look | null;
  /** The epoch that peers were told last; see `toldEpoch`. */
  toldEpoch: number;
  /** It was removed, and may go. */
  hasLeft: boolean;
  /** It was removed, and members talk to it no more. */
  isDismissed: boolean;
  /** Since when the other of two members stands here as another identity. */
  pairBrokenAtMs: number | null;
  /** A recovery that this replica carries out, or null. */
  recovery: Recovery | null;
  /** The operator of a recovery that is being written down. */
  recovered: { readonly link: LinkId; readonly requestId: number } | null;
  /** Whom to tell what is here, once it stands still. */
  owesHalted: { readonly to: Name; readonly plan: string } | null;
  /** Plans that were ended here, so many at most: whoever connects is told of them. */
  readonly givenUp: string[];
  nextTendAtMs: number;
  /** Something has changed that may ask for the next change of the members. */
  isDue: boolean;
  /** When a learner got something last that it lacked. */
  progressAtMs: number;
  progress: string;
  /** Counts front ends that came and went. */
  frontendsVersion: number;
  /** When front ends were told last without a reason. */
  toldAtMs: number;
  /** What front ends were told last. */
  told: { readonly label: number; readonly isActivated: boolean; readonly version: number } | null;
}

export const emptyChangeState = (label: number, isClaimed: boolean): ChangeState => ({
  label,
  configuredSeq: 0,
  pending: null,
  proposedUpTo: 0,
  reports: new Map(),
  isForced: false,
  reportedAtMs: Number.NEGATIVE_INFINITY,
  committedAtMs: Number.NEGATIVE_INFINITY,
  nextClosingAtMs: 0,
  granted: new Set(),
  isClaimed,
  duplicateSinceMs: null,
  duplicateAtMs: null,
  claimSinceMs: null,
  notesAtMs: Number.NEGATIVE_INFINITY,
  owedGrants: new Set(),
  operators: [],
  wallOffsetMs: null,
  looked: null,
  lookedBefore: null,
  toldEpoch: 0,
  hasLeft: false,
  isDismissed: false,
  pairBrokenAtMs: null,
  recovery: null,
  recovered: null,
  owesHalted: null,
  givenUp: [],
  nextTendAtMs: 0,
  isDue: true,
  progressAtMs: Number.POSITIVE_INFINITY,
  progress: '',
  frontendsVersion: 0,
  toldAtMs: 0,
  told: null,
});
