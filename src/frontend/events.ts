/** What can happen to a front end, and what it wants done: input and output of its `step`. */

import type { MemberId, Name } from '../base/ids.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type {
  Acknowledged,
  Answer,
  Answered,
  ClientQuery,
  ClientUpdate,
  Collected,
  Declined,
  Failed,
  FrontendToReplica,
  Heartbeat,
  Trace,
  Updated,
} from '../wire/messages.js';
import type { Configuration } from '../log/membership.js';
import type { ForcedAnswered } from '../wire/forced-messages.js';
import type { LinkId } from './state.js';

export type FrontendEvent = {
  /** Monotonic milliseconds: only differences mean anything. */
  readonly nowMs: number;
} & (
  | {
      readonly kind: 'replica-up';
      readonly link: LinkId;
      readonly name: Name;
      readonly memberId: MemberId;
    }
  | { readonly kind: 'replica-down'; readonly link: LinkId }
  /** A replica told which configuration it knows; always before it answers under it (PROTOCOL C). */
  | {
      readonly kind: 'configuration';
      readonly configuration: Configuration;
      /** Null until the configuration is activated. */
      readonly cut: VectorTimestamp | null;
    }
  | {
      readonly kind: 'replica-message';
      readonly link: LinkId;
      readonly message: Acknowledged | ForcedAnswered | Answer | Collected | Declined | Heartbeat;
    }
  | {
      readonly kind: 'client-update';
      readonly client: LinkId;
      readonly request: ClientUpdate;
      readonly ordering: 'causal' | 'forced';
      /** The operation has a precondition (PROTOCOL A9). */
      readonly hasPrecondition: boolean;
    }
  | { readonly kind: 'client-query'; readonly client: LinkId; readonly request: ClientQuery }
  | { readonly kind: 'client-down'; readonly client: LinkId }
  /** All input that had arrived has been taken in; what was gathered may go out. */
  | { readonly kind: 'flush' }
  /** The time asked for with a `wake` effect has come. */
  | { readonly kind: 'tick' }
);

export type FrontendEffect =
  | { readonly kind: 'send'; readonly link: LinkId; readonly message: FrontendToReplica }
  | {
      readonly kind: 'reply';
      readonly client: LinkId;
      readonly message: Updated | Answered | Failed;
    }
  | { readonly kind: 'wake'; readonly atMs: number }
  | { readonly kind: 'trace'; readonly trace: Trace };
