/** What a replica's driver is made of, and how it is set up. */

import type { FatalError } from '../base/errors.js';
import type { MemberId, Name, Origin } from '../base/ids.js';
import type { Random } from '../base/random.js';
import type { StateDatabase } from '../ports/database.js';
import type { EventSink } from '../ports/event-sink.js';
import type { Journal } from '../ports/journal.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { HttpAnswer, KeepConnected, Transport } from '../ports/transport.js';
import type { ReplicaTuning } from '../replica/state.js';
import type { Service } from '../service/define.js';
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

export interface ReplicaInit {
  readonly name: Name;
  readonly memberId: MemberId;
  readonly origin: Origin;
  readonly members: readonly MemberAddress[];
  readonly initialHash: string;
  readonly listen: string;
  /** Where others reach it; null = where it listens. */
  readonly advertise: string | null;
  readonly pid: number;
  readonly tuning: ReplicaTuning;
  /** Updates executed between two snapshots. @default 50,000 */
  readonly snapshotEvery?: number;
  readonly onHttp?: (path: string) => Promise<HttpAnswer | null>;
  /** The replica cannot go on; it has stopped. */
  readonly onHalt: (error: FatalError) => void;
}
