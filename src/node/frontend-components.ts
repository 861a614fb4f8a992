/** What a front end is made of, what it is told at its start, and the figures it gives. */

import type { Name } from '../base/ids.js';
import type { Random } from '../base/random.js';
import type { Discovery } from '../ports/discovery.js';
import type { EventSink } from '../ports/event-sink.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { HttpAnswer, KeepConnected, Transport } from '../ports/transport.js';
import type { Outside } from '../service/contract.js';
import type { Service } from '../service/define.js';
import type { MemberAddress } from '../wire/messages.js';

export interface FrontendComponents {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly transport: Transport;
  readonly keepConnected: KeepConnected;
  /** Where replicas are looked for, unless all members are given. */
  readonly discovery?: Discovery;
  readonly service: Service;
  /** What the service's lookups may reach. */
  readonly outside: Outside;
  readonly sink: EventSink;
}

export interface FrontendInit {
  readonly name: Name;
  /** All members, fixed for ever; or empty: then replicas tell who the members are. */
  readonly members: readonly MemberAddress[];
  /** Without members: the only cluster to serve. @default null, that of the first replica that answers */
  readonly clusterId?: string | null;
  readonly listen: string;
  /** Where clients reach it, if that is not where it listens. */
  readonly advertise?: string | null;
  readonly pid: number;
  readonly trace: boolean;
  /** The user to whom the administrator's operations are left. */
  readonly administrator: string;
  readonly onHttp?: (path: string) => Promise<HttpAnswer | null>;
}

export interface FrontendFigures {
  readonly pendingRequests: number;
  readonly connections: number;
  readonly reachableReplicas: number;
  readonly framesSent: number;
  readonly messagesSent: number;
  readonly bytesToClients: number;
  readonly bytesToReplicas: number;
}
