/**
 * The first and the last message of a connection: who each end is and what can be asked of it, and why
 * one of them hangs up. Front ends tell clients here which operations there are, as plain data.
 */

import type { ErrorCode } from '../base/errors.js';
import type { MemberId, Name, Origin } from '../base/ids.js';
import type { VectorTimestamp } from '../timestamp/vector-timestamp.js';
import type { Boot } from './membership-messages.js';

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
  /** Label (PROTOCOL C): the newest configuration that its sender knows durably; 0 = none. */
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
  /** Where clients reach it: they are told of all front ends. */
  readonly address: string;
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
  /** Those of the newest configuration that it knows. */
  readonly members: readonly MemberAddress[];
  /** The recovery by which its generation came about; empty in generation 0 (PROTOCOL F). */
  readonly plan: string;
  /** This start of its process, and all promises of its disk (PROTOCOL E). */
  readonly boot: Boot;
  readonly promises: number;
  /** Cluster versions that it can run (PROTOCOL I). */
  readonly versions: readonly [number, number];
  /** No member yet, and wants to become one: beside all others, or in place of a dead one of its name. */
  readonly joins: 'add' | 'replace' | null;
  readonly replicaTimestamp: VectorTimestamp;
}

/** A process that wants to become a replica: it asks for a snapshot first (PROTOCOL C, Add). */
export interface JoinerHello extends CommonHello {
  readonly role: 'joiner';
  readonly name: Name;
  readonly service: string;
  readonly serviceVersion: readonly [number, number];
  readonly schemaHash: string;
  /** Of the data it was given; null where it takes what the cluster has. */
  readonly initialHash: string | null;
  /** It takes the place of a dead member of its name. */
  readonly replaces: boolean;
  /** The cluster that it wants to join; null: any. */
  readonly clusterId: string | null;
}

export type Hello = ClientHello | FrontendHello | ReplicaHello | JoinerHello;

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
