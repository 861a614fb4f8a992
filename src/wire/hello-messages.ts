/**
 * The first and the last message of a connection: who each end is and what can be asked of it, and why
 * one of them hangs up. Front ends tell clients here which operations there are, as plain data.
 */

import type { ErrorCode } from '../base/errors.js';
import type { MemberId, Name, Origin } from '../base/ids.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';

/** What both ends must agree on before anything else is said. */
interface CommonHello {
  readonly kind: 'hello';
  /** Lowest and highest protocol version spoken; the highest common one is used. */
  readonly protocol: readonly [number, number];
}

/** The cluster somebody belongs to; replicas and front ends refuse another one. */
export interface ClusterIdentity {
  readonly clusterId: string;
  /** Recovery generation (PROTOCOL F): 0 until somebody runs `recover --force`. */
  readonly generation: number;
  /** Configuration epoch (PROTOCOL C): 1 is the one given at start. */
  readonly epoch: number;
  readonly service: string;
  readonly serviceVersion: readonly [number, number];
  readonly schemaHash: string;
}

export interface ClientHello extends CommonHello {
  readonly role: 'client';
  /** Empty when the client does not care. */
  readonly service: string;
}

export interface FrontendHello extends CommonHello {
  readonly role: 'frontend';
  readonly name: Name;
  readonly cluster: ClusterIdentity;
  /** Told to clients: what can be asked, as plain data for help and forms. */
  readonly operations: readonly OperationDescription[];
}

export interface ReplicaHello extends CommonHello {
  readonly role: 'replica';
  readonly name: Name;
  readonly memberId: MemberId;
  readonly origin: Origin;
  /** Where others reach it. */
  readonly address: string;
  readonly cluster: ClusterIdentity;
  /** Digest of the state before the first update: replicas must have begun alike. */
  readonly initialHash: string;
  readonly members: readonly MemberAddress[];
  readonly replicaTimestamp: VectorTimestamp;
}

export type Hello = ClientHello | FrontendHello | ReplicaHello;

export interface MemberAddress {
  readonly name: Name;
  readonly address: string;
}

export interface ArgumentDescription {
  readonly name: string;
  /** `string` takes text as it is, `text-or-json` JSON if it parses, `json` nothing but JSON. */
  readonly reads: 'string' | 'json' | 'text-or-json';
  /** For people: `number, 0.5 to 5 in steps of 0.5`. */
  readonly type: string;
  readonly required: boolean;
  /** What is taken when the argument is left out, where something is. */
  readonly default?: unknown;
  readonly about: string;
}

export interface OperationDescription {
  readonly name: string;
  readonly kind: 'query' | 'update';
  readonly about: string;
  readonly arguments: readonly ArgumentDescription[];
  /** No user needs to be given. */
  readonly anonymous: boolean;
  /** An update with a precondition, which the front end asks first (PROTOCOL A9). */
  readonly hasCheck: boolean;
  /** How an update is ordered; null for a query. */
  readonly ordering: 'causal' | 'forced' | null;
  /** The client asks the front end to look up what else it needs, before it sends the update. */
  readonly hasLookup: boolean;
  /** For the administrator only. */
  readonly administrator: boolean;
}

/** The last message before a connection is closed for a reason that the other side should know. */
export interface Rejected {
  readonly kind: 'rejected';
  readonly code: ErrorCode;
  readonly message: string;
}
