/** What can happen to a session, and what it wants done: input and output of its `step`. */

import type { ErrorCode } from '../base/errors.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type {
  Answered,
  Arguments,
  ClientLookup,
  ClientQuery,
  ClientUpdate,
  Consistency,
  Failed,
  LookedUp,
  Updated,
} from '../wire/messages.js';

/** One request of the program that uses the session; `call` is the number it gave. */
export type SessionCall = {
  readonly call: number;
  readonly operation: string;
  readonly args: Arguments;
  readonly timeoutMs: number;
} & (
  | {
      readonly kind: 'update';
      readonly minCopies: number;
      /** A front end has to look up the rest of its arguments before it is sent. */
      readonly hasLookup: boolean;
      /** Its place among others does not depend on its stamp. */
      readonly isForced: boolean;
    }
  | { readonly kind: 'query'; readonly consistency: Consistency }
);

export type SessionEvent = {
  /** Monotonic milliseconds: only differences mean anything. */
  readonly nowMs: number;
} & (
  | { readonly kind: 'call'; readonly call: SessionCall; readonly wallMs: number }
  /** A connection to a front end is ready. */
  | { readonly kind: 'connected' }
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'message'; readonly message: Updated | Answered | LookedUp | Failed }
  /** There are other front ends to go to than the one in use, or none any more. */
  | { readonly kind: 'frontends'; readonly hasOthers: boolean }
  | { readonly kind: 'tick' }
  /** The program lets go of the session: everything under way fails. */
  | { readonly kind: 'closed' }
);

export interface SessionError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly definite: boolean;
  /** The place of a refusal in the order of forced operations. */
  readonly timestamp?: VectorTimestamp;
}

export type SessionEffect =
  | { readonly kind: 'send'; readonly message: ClientUpdate | ClientQuery | ClientLookup }
  | { readonly kind: 'updated'; readonly call: number; readonly message: Updated }
  | { readonly kind: 'answered'; readonly call: number; readonly message: Answered }
  | { readonly kind: 'failed'; readonly call: number; readonly error: SessionError }
  /** This front end does not answer: connect to another one. */
  | { readonly kind: 'leave' }
  | { readonly kind: 'wake'; readonly atMs: number };
