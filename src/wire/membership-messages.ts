/**
 * Messages about who the members are (PROTOCOL C, D, E): configurations told to front ends, reports for
 * settlements, claims of identities, the snapshots that new replicas begin with, and the operator's words.
 */

import type { MemberId, Name } from '../base/ids.js';
import type { Configuration, Final } from '../log/membership.js';
import type { Ballot } from '../timestamp/ballot.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { MemberAddress } from './hello-messages.js';

/** One start of a process on a data directory: numbers count up, the nonce tells copies apart (PROTOCOL E). */
export interface Boot {
  readonly number: number;
  readonly nonce: string;
}

/** A replica tells its front ends which configuration it knows durably, before it answers under it. */
export interface ConfigurationTold {
  readonly kind: 'configuration';
  readonly configuration: Configuration;
  /** What every fresh answer reflects; null until the configuration is activated. */
  readonly cut: VectorTimestamp | null;
  /** Front ends that are connected to this replica: clients are told of them. */
  readonly frontends: readonly MemberAddress[];
}

/** What a member's log held when it had frozen the origins that this epoch closes (PROTOCOL C, `Frozen`). */
export interface Frozen {
  readonly kind: 'frozen';
  readonly epoch: number;
  readonly replicaTimestamp: VectorTimestamp;
}

/** The claim of this start is noted durably here (PROTOCOL E). */
export interface ClaimGranted {
  readonly kind: 'claim-granted';
  readonly boot: Boot;
}

/** Why a claim is not granted. */
export interface ClaimRefused {
  readonly kind: 'claim-refused';
  readonly reason: 'rolled-back' | 'duplicate' | 'superseded';
  /** Where the other one is, or what is known that the claimant lacks, for people. */
  readonly detail: string;
}

/** To an identity that is a member no more: how far each of its origins counts (PROTOCOL D7). */
export interface Retired {
  readonly kind: 'retired';
  readonly id: MemberId;
  readonly epoch: number;
  /** False while its settlement is not known yet: `finals` are not complete, ask again. */
  readonly isSettled: boolean;
  readonly finals: readonly Final[];
}

/** The primary asks a backup that is as far as itself to lead (PROTOCOL H). */
export interface Handover {
  readonly kind: 'handover';
  readonly view: Ballot;
}

/** A joiner wants a snapshot, or the rest of one that it has begun to take. */
export interface GetSnapshot {
  readonly kind: 'get-snapshot';
  /** Which one, by its hash, and from which byte on; null: a new one. */
  readonly resume: { readonly hash: string; readonly offset: number } | null;
}

/** A piece of a snapshot; the next one is asked for with `get-snapshot` (so the sender is never ahead). */
export interface SnapshotPart {
  readonly kind: 'snapshot-part';
  /** SHA-256 of the whole, in hex. */
  readonly hash: string;
  readonly size: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** An operator's wish, by way of a front end to the primary. */
export interface ChangeMembers {
  readonly kind: 'change-members';
  readonly requestId: number;
  /** Removes a replica that is alive or gone; `force` also where something may be lost. */
  readonly action: 'retire';
  readonly name: Name;
  readonly force: boolean;
}

/**
 * A majority is gone for good, says the operator (PROTOCOL F): every member is in one of the two lists.
 * `abort` ends a recovery of this plan that was begun and not completed.
 */
export interface Recover {
  readonly kind: 'recover';
  readonly requestId: number;
  readonly plan: string;
  readonly survivors: readonly Name[];
  readonly lost: readonly Name[];
  readonly abort: boolean;
}

/** Stand still, durably, and tell what you have. */
export interface RecoverHalt {
  readonly kind: 'recover-halt';
  readonly plan: string;
}

export interface RecoverHalted {
  readonly kind: 'recover-halted';
  readonly plan: string;
  readonly replicaTimestamp: VectorTimestamp;
  readonly lnv: Ballot;
  readonly op: number;
  readonly commit: number;
}

/** The recovery was given up: go on. */
export interface RecoverRelease {
  readonly kind: 'recover-release';
  readonly plan: string;
}

/** It is done, and in force; declined as any request where it cannot be. */
export interface MembersChanged {
  readonly kind: 'members-changed';
  readonly requestId: number;
  readonly epoch: number;
  /** In words, for the operator. */
  readonly message: string;
}

/** A front end tells its clients where else they can go. */
export interface FrontendsTold {
  readonly kind: 'frontends';
  readonly frontends: readonly MemberAddress[];
}

export type MembershipMessage =
  | ConfigurationTold
  | Frozen
  | ClaimGranted
  | ClaimRefused
  | Retired
  | Handover
  | GetSnapshot
  | SnapshotPart
  | ChangeMembers
  | Recover
  | RecoverHalt
  | RecoverHalted
  | RecoverRelease
  | MembersChanged
  | FrontendsTold;
