/** What a replica's driver is made of, and how it is set up. */

import type { FatalError } from '../base/errors.js';
import type { MemberId, Name, Origin } from '../base/ids.js';
import type { Random } from '../base/random.js';
import type { UpdateBody } from '../log/record.js';
import type { StateDatabase } from '../ports/database.js';
import type { Discovery } from '../ports/discovery.js';
import type { EventSink } from '../ports/event-sink.js';
import type { Journal } from '../ports/journal.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { HttpAnswer, KeepConnected, Transport } from '../ports/transport.js';
import type { ReplicaEffect } from '../replica/effects.js';
import type { ReplicaTuning } from '../replica/state.js';
import type { Service } from '../service/define.js';
import type { Boot } from '../wire/membership-messages.js';
import type { MemberAddress } from '../wire/messages.js';

export interface ReplicaComponents {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly transport: Transport;
  readonly keepConnected: KeepConnected;
  readonly journal: Journal;
  readonly database: StateDatabase;
  readonly service: Service;
  readonly sink: EventSink;
  /** 99th percentile of the event loop's delay since the last call, ms. */
  readonly loopDelayMs: () => number;
}

/** Where replicas may be found, as of now. */
export type Seeds = Pick<Discovery, 'addresses' | 'refresh'> &
  Partial<Pick<Discovery, 'firstLook' | 'trouble'>>;

/** Which cluster a replica belongs to, and how it knows the members. */
export type ReplicaCluster =
  /** All members, this one included, are given once for all (`--members`). */
  | { readonly kind: 'fixed'; readonly members: readonly MemberAddress[] }
  /** The cluster's log says who the members are. */
  | {
      readonly kind: 'founded';
      readonly clusterId: string;
      readonly generation: number;
      /** Replicas that are asked where members are that cannot be reached. */
      readonly seeds: Seeds;
    };

/** An identity is over. */
export interface IdentityEnd {
  readonly reason: Extract<ReplicaEffect, { kind: 'end' }>['reason'];
  /** In words. */
  readonly message: string;
  /** Updates that it accepted and nobody else has; in their order. */
  readonly bodies: readonly UpdateBody[];
  /** Forced updates that were committed here, and that a later generation does not have (PROTOCOL F). */
  readonly lost: readonly UpdateBody[];
  /** Where the other replicas that it knew are. */
  readonly others: readonly MemberAddress[];
}

export interface ReplicaInit {
  readonly name: Name;
  readonly memberId: MemberId;
  readonly origin: Origin;
  /** This start of its process (PROTOCOL E). */
  readonly boot: Boot;
  /** Cluster versions that it can run (PROTOCOL I). */
  readonly versions: readonly [number, number];
  readonly cluster: ReplicaCluster;
  readonly initialHash: string;
  readonly listen: string;
  /** Where others reach it; null = where it listens. */
  readonly advertise: string | null;
  readonly pid: number;
  readonly tuning: ReplicaTuning;
  /** Updates executed between two snapshots. @default 50,000 */
  readonly snapshotEvery?: number;
  /** Updates of an earlier identity, which are taken again once this one is a member. @default none */
  readonly resubmit?: readonly UpdateBody[];
  /** They are in this identity's log, durably, or known to be executed, or unsettled. */
  readonly onResubmitted?: () => void;
  /** Keeps updates for people that are too old to be executed. */
  readonly onUnsettled?: (bodies: readonly UpdateBody[]) => Promise<void>;
  readonly onHttp?: (path: string) => Promise<HttpAnswer | null>;
  /** The replica cannot go on; it has stopped. */
  readonly onHalt: (error: FatalError) => void;
  /** This identity is over: it has stopped, and let go of its journal. Only in a founded cluster. */
  readonly onEnd?: (end: IdentityEnd) => void;
}
