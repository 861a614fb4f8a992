/** What the two kinds of processes are started with; src/launch reads it from the command line. */

import type { Service } from '../service/define.js';

export interface Address {
  readonly name: string;
  /** `HOST:PORT`. */
  readonly address: string;
}

interface ProcessOptions {
  readonly name: string;
  /** `HOST:PORT`; port 0 takes any free one. */
  readonly listen: string;
  /** A service, or the name of one that comes with the program. */
  readonly service: string | Service;
  /** Folder of `NAME.jsonl` and `NAME.gossip.jsonl`, or null for no files. */
  readonly logDirectory: string | null;
  readonly gossipLog: 'on' | 'off';
  /** Its wall clock is off by so much, ms: for trying out clocks that are wrong. @default 0 */
  readonly clockOffsetMs?: number;
  /** What it waits for, and what becomes of it, goes to stderr as well, for who started it. @default false */
  readonly speaks?: boolean;
}

export interface ReplicaOptions extends ProcessOptions {
  /** Where others reach it, if that is not where it listens. */
  readonly advertise: string | null;
  /** The folder that holds `NAME/`, or null to keep nothing. */
  readonly data: string | null;
  /** A folder of initial data, or null for the shipped data. */
  readonly importFrom: string | null;
  /**
   * All members, this one included, fixed for ever; or empty: then the cluster says who its members are,
   * and a replica without data founds one or joins one.
   */
  readonly members: readonly Address[];
  /** Without data: founds a cluster, unless one of `join` answers for one. @default false */
  readonly init?: boolean;
  /** Replicas of the cluster to join; and where to look for members that have moved. @default none */
  readonly join?: readonly string[];
  /** In place of `join`: where replicas are found, in a form of src/discovery. @default null */
  readonly discover?: string | null;
  /** Without data: takes the place of a dead member of its name. @default false */
  readonly replace?: boolean;
  /** Whoever starts it owns the data of all replicas: see `ReplicaTuning.recoversPair`. @default false */
  readonly ownsAll?: boolean;
  /** The cluster to found, or the only one to join; null: a new one, or any. @default null */
  readonly clusterId?: string | null;
  /** Cluster versions that this replica can run, lowest and highest (PROTOCOL I). @default [1, 2] */
  readonly versions?: readonly [number, number];
  readonly gossip: 'on' | 'off';
  readonly gossipIntervalMs: number;
}

export interface FrontendOptions extends ProcessOptions {
  /** Where clients reach it, if that is not where it listens. @default null */
  readonly advertise?: string | null;
  /** All members, fixed for ever; or empty: then replicas of the cluster say who they are. */
  readonly members: readonly Address[];
  /** Without members: addresses of replicas to begin with, none of which needs to be there yet. */
  readonly join: readonly string[];
  /** Without both: where replicas are found, in a form of src/discovery. @default null */
  readonly discover?: string | null;
  /** Without members: the only cluster to serve; null: that of the first replica there. @default null */
  readonly clusterId?: string | null;
  /** The user who may do what is for the administrator only. */
  readonly administrator: string;
  /** Settings of the service's lookups, by name; the others have their defaults. */
  readonly settings: Readonly<Record<string, string>>;
}

/** A process that serves. */
export interface Running {
  /** `HOST:PORT` as bound. */
  readonly address: string;
  /** Nothing is missing for the best service, or it is content with what there is. */
  isReady(): boolean;
  /** Stops serving, brings everything to disk, and lets go of it. */
  close(): Promise<void>;
  /** Ends at once, as a crash would. */
  kill(): Promise<void>;
}
