/** What can happen to a replica: the input of `step`. Each event carries the time at which it happens. */

import type { MemberId, Name, Origin } from '../base/ids.js';
import type { UpdateBody } from '../log/record.js';
import type { ForcedResult } from '../log/results-table.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { ForcedMessage, Forward } from '../wire/forced-messages.js';
import type {
  Boot,
  ChangeMembers,
  ClaimGranted,
  ClaimRefused,
  Frozen,
  Handover,
  Recover,
  RecoverHalt,
  RecoverHalted,
  RecoverRelease,
  Retired,
} from '../wire/membership-messages.js';
import type {
  Cancel,
  Fetch,
  Fetched,
  Gossip,
  GossipAcknowledged,
  Heartbeat,
  Query,
  StatusValue,
  Update,
} from '../wire/messages.js';

/** One connection, as the driver numbers them: upward, in the order in which they are made. */
export type LinkId = number;

/** Who is at the other end of a new connection, as its hello says. */
export type Counterpart =
  | { readonly role: 'frontend'; readonly name: Name; readonly address: string }
  | {
      readonly role: 'replica';
      readonly name: Name;
      readonly memberId: MemberId;
      readonly origin: Origin;
      readonly address: string;
      /** Its label; see `Acknowledged.epoch`. */
      readonly epoch: number;
      readonly boot: Boot;
      readonly promises: number;
      readonly versions: readonly [number, number];
      readonly joins: 'add' | 'replace' | null;
      readonly replicaTimestamp: VectorTimestamp;
    };

export type ReplicaEvent = {
  /** Monotonic milliseconds: only differences mean anything. */
  readonly nowMs: number;
} & (
  | { readonly kind: 'link-up'; readonly link: LinkId; readonly counterpart: Counterpart }
  | { readonly kind: 'link-down'; readonly link: LinkId }
  | {
      readonly kind: 'update';
      readonly link: LinkId;
      readonly request: Update;
      /** The request's body, its arguments checked by the service and its digest computed here. */
      readonly body: UpdateBody;
      readonly ordering: 'causal' | 'forced';
      /** This replica's wall clock, for the test of stamps ahead of it (PROTOCOL A8). */
      readonly wallMs: number;
    }
  /** A peer passes a forced update on; checked as above. */
  | {
      readonly kind: 'forward';
      readonly link: LinkId;
      readonly request: Forward;
      readonly body: UpdateBody;
      readonly wallMs: number;
    }
  | {
      readonly kind: 'message';
      readonly link: LinkId;
      readonly message:
        | Query
        | Cancel
        | Heartbeat
        | Gossip
        | GossipAcknowledged
        | Fetch
        | Fetched
        | Exclude<ForcedMessage, Forward>
        | Frozen
        | ClaimGranted
        | ClaimRefused
        | Retired
        | Handover
        | ChangeMembers
        | Recover
        | RecoverHalt
        | RecoverHalted
        | RecoverRelease;
    }
  /** The first `length` records of the log are durable, and so many more transitions of the forced log. */
  | { readonly kind: 'durable'; readonly length: number; readonly transitions: number }
  /** The service has executed the forced update that it was given with an `execute` effect. */
  | { readonly kind: 'executed'; readonly result: ForcedResult }
  /** Nobody listens at a peer's address: its process is gone. */
  | { readonly kind: 'refused'; readonly peer: Name }
  | {
      readonly kind: 'status';
      readonly value: StatusValue;
      readonly source: 'auto' | 'hand' | 'random';
    }
  /** Updates of an earlier identity of this process that nobody else has: taken again (PROTOCOL D7). */
  | { readonly kind: 'resubmit'; readonly bodies: readonly UpdateBody[]; readonly wallMs: number }
  /** A snapshot is durable that holds the log below this position, and the forced log up to this entry. */
  | { readonly kind: 'snapshot-saved'; readonly length: number; readonly forced: number }
  /** The wall clock as it is now, told now and then (PROTOCOL A8, H). */
  | { readonly kind: 'clock'; readonly wallMs: number }
  /** The time asked for with a `wake` effect has come. */
  | { readonly kind: 'tick' }
);
