/**
 * What a replica wants done: the output of `step`, carried out by the driver in this order. Effects are
 * data; a simulator may crash the process between any two of them.
 */

import type { Name } from '../base/ids.js';
import type { ForcedTransition } from '../log/forced-log.js';
import type { Final } from '../log/membership.js';
import type { TravellingRecord, UpdateBody } from '../log/record.js';
import type { Ballot } from '../timestamp/ballot.js';
import type { Stamp } from '../timestamp/stamp.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { Tip } from '../wire/forced-messages.js';
import type { Query, ReplicaToFrontend, ReplicaToReplica, Trace } from '../wire/messages.js';
import type { LinkId } from './events.js';

/** What an answer says besides its value, all from one instant. */
export interface AnswerBasis {
  readonly valueTimestamp: VectorTimestamp;
  readonly replicaTimestamp: VectorTimestamp;
  readonly counted: boolean;
  readonly epoch: number;
  readonly tip: Tip;
  readonly executedView: Ballot;
  readonly latest: Stamp;
}

export type ReplicaEffect =
  | {
      readonly kind: 'send';
      readonly link: LinkId;
      readonly message: ReplicaToFrontend | ReplicaToReplica;
    }
  /** Write the next record of the log; a `durable` event follows. An alias when its body is there. */
  | { readonly kind: 'append'; readonly record: TravellingRecord }
  /**
   * Write a transition of the forced log, as a whole; a `durable` event follows. Records and
   * transitions reach the disk in the order of these effects.
   */
  | { readonly kind: 'persist'; readonly transition: ForcedTransition }
  /** Execute a causal update on the service's state. */
  | { readonly kind: 'apply'; readonly body: UpdateBody }
  /** Execute a forced update, after all other effects of this step; an `executed` event follows at once. */
  | { readonly kind: 'execute'; readonly body: UpdateBody }
  /** Look whether anybody listens at a peer's address; if not, a `refused` event follows. */
  | { readonly kind: 'probe'; readonly peer: Name }
  /** Run a query, or an update's precondition, on the state as it is now and send the answer. */
  | {
      readonly kind: 'read';
      readonly link: LinkId;
      readonly query: Query;
      readonly basis: AnswerBasis;
    }
  /** Send a `tick` at this time, or sooner if one was asked for sooner. */
  | { readonly kind: 'wake'; readonly atMs: number }
  | { readonly kind: 'trace'; readonly trace: Trace }
  /** Records that damage took away are all here again. */
  | { readonly kind: 'repaired' }
  /** The configuration, or this replica's part in it, is another one: connections may have to follow. */
  | { readonly kind: 'configured' }
  /** Nothing asks any more for what was deleted from the service's state with an older stamp, ms. */
  | { readonly kind: 'forget'; readonly beforeMs: number }
  /** Resubmitted updates that are too old to be executed: kept for people. */
  | { readonly kind: 'unsettled'; readonly bodies: readonly UpdateBody[] }
  /**
   * This identity is over. `retired`, `rolled-back`, `void` and `behind`: the process begins anew as another
   * member and takes over what only it had; `removed`: an operator wanted it gone, and it may go.
   */
  | {
      readonly kind: 'end';
      readonly reason: 'retired' | 'rolled-back' | 'void' | 'behind' | 'removed';
      readonly message: string;
      /** How far each own origin counts; records above were never anybody else's. */
      readonly finals: readonly Final[];
    }
  /** Closes a connection once what was sent has left; `message` says why. */
  | { readonly kind: 'hang-up'; readonly link: LinkId; readonly message: string }
  /** This replica cannot go on (exit status 4). */
  | { readonly kind: 'halt'; readonly message: string };
