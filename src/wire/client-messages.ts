/**
 * What a client and a front end say to each other about requests: part of the unions in messages.ts.
 */

import type { ErrorCode } from '../base/errors.js';
import type { SessionId } from '../base/ids.js';
import type { Stamp } from '../timestamp/stamp.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { Arguments, Consistency } from './messages.js';

export interface ClientUpdate {
  readonly kind: 'client-update';
  readonly requestId: number;
  readonly session: SessionId;
  readonly n: number;
  /** Updates 1 to `answered` of this session have been answered: their results may be freed. */
  readonly answered: number;
  /** 1 for the first sending; a retry skips the precondition (PROTOCOL A9). */
  readonly attempt: number;
  readonly stamp: Stamp;
  readonly prev: VectorTimestamp;
  /** The same past by the other records of the session's updates; absent where there are none. */
  readonly alternative?: VectorTimestamp;
  readonly operation: string;
  readonly args: Arguments;
  readonly user: string;
  readonly minCopies: number;
  readonly timeoutMs: number;
}

export interface ClientQuery {
  readonly kind: 'client-query';
  readonly requestId: number;
  readonly session: SessionId;
  readonly prev: VectorTimestamp;
  /** The same past by the other records of the session's updates; absent where there are none. */
  readonly alternative?: VectorTimestamp;
  readonly consistency: Consistency;
  readonly operation: string;
  readonly args: Arguments;
  readonly user: string;
  readonly timeoutMs: number;
}

/**
 * What an update needs from outside (a postcode's place, DESIGN section 5) is looked up before the
 * update has a number, so that every retry of it has the same body.
 */
export interface ClientLookup {
  readonly kind: 'client-lookup';
  readonly requestId: number;
  readonly operation: string;
  readonly args: Arguments;
  readonly user: string;
  readonly timeoutMs: number;
}

/** The arguments with what was looked up: those to send the update with. */
export interface LookedUp {
  readonly kind: 'looked-up';
  readonly requestId: number;
  readonly args: Arguments;
}

export interface Updated {
  readonly kind: 'updated';
  readonly requestId: number;
  /** Distinct members that hold the update durably, as far as the front end knows. */
  readonly copies: number;
  readonly timestamp: VectorTimestamp;
  /** The same update by its other record, where the front end knows it. */
  readonly alternative?: VectorTimestamp;
  /** The greatest stamp applied where it was answered: the session's next one is later. */
  readonly latest: Stamp;
  readonly result: unknown;
  /** A forced operation whose result was freed: the client had been answered before. */
  readonly repeated?: boolean;
}

export interface Answered {
  readonly kind: 'answered';
  readonly requestId: number;
  readonly guarantee: 'causal' | 'fresh';
  readonly timestamp: VectorTimestamp;
  readonly latest: Stamp;
  readonly value: unknown;
}

export interface Failed {
  readonly kind: 'failed';
  readonly requestId: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly definite: boolean;
  /** The place of a refusal in the order of forced operations: it is the update's one result. */
  readonly timestamp?: VectorTimestamp;
}
