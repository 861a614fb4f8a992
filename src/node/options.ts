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
}

export interface ReplicaOptions extends ProcessOptions {
  /** Where others reach it, if that is not where it listens. */
  readonly advertise: string | null;
  /** The folder that holds `NAME/`, or null to keep nothing. */
  readonly data: string | null;
  /** A folder of initial data, or null for the shipped data. */
  readonly importFrom: string | null;
  /** All members, this one included. */
  readonly members: readonly Address[];
  readonly gossip: 'on' | 'off';
  readonly gossipIntervalMs: number;
}

export interface FrontendOptions extends ProcessOptions {
  /** All members; or empty, and `join` names replicas that know them. */
  readonly members: readonly Address[];
  readonly join: readonly string[];
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
