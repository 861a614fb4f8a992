/**
 * Where the identities of one replica live, one after the other: each has a journal of its own, and one
 * that is over is put away, never deleted. A directory of files in a real process, memory in a simulation.
 */

import type { UpdateBody } from '../log/record.js';
import type { Journal } from './journal.js';

/** What a replica's data are for all their life. */
export interface Identity {
  /** Makes the member id from the replica's name; never the same in two places. */
  readonly nonce: string;
  /** Hash of the state that the cluster started from. */
  readonly initialHash: string;
  /** The cluster that it belongs to; null where the members are given at each start (`--members`). */
  readonly clusterId: string | null;
  /** Recovery generation of that cluster (PROTOCOL F). */
  readonly generation: number;
}

/** An identity and what it keeps, open. */
export interface Residence {
  readonly identity: Identity;
  /** Whoever closes it lets go of the lock. */
  readonly journal: Journal;
}

export interface Beginning {
  readonly identity: Identity;
  /** The state that it begins with, as a snapshot's bytes. */
  readonly snapshot: Uint8Array;
  /** Values of the new journal's metadata, by key. */
  readonly metadata: ReadonlyMap<string, Uint8Array>;
}

/**
 * Own updates that are too old to be taken over (PROTOCOL D7); or forced ones that were answered in a
 * generation that another one has taken the place of (F6).
 */
export type KeptForPeople = 'unsettled' | 'lost-forced';

export interface ReplicaPlace {
  /** What to call it in messages. */
  readonly where: string;
  /** Opens what is there; null = nothing yet. Rejects with FatalError where it cannot be used. */
  open(): Promise<Residence | null>;
  /**
   * Makes an identity and opens it. The one that was there before, whose journal is closed, is put away
   * in the same step: whenever the process dies, one of the two is there as a whole.
   */
  begin(beginning: Beginning): Promise<Residence>;
  /** Puts away what is there, closed; nothing takes its place. Answers where it is now. */
  putAway(): Promise<string>;
  /** Lets go of what is open, if anything is: another process may open it. */
  release(): Promise<void>;
  /** Keeps updates that nobody will execute, for people; durable once it resolves. Answers where. */
  keep(which: KeptForPeople, updates: readonly UpdateBody[]): Promise<string>;
}
