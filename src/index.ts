/**
 * hearsay as a library: connect to a cluster, run one in this process, define a service.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { HearsayError } from './base/errors.js';
import { DEFAULT_ADMINISTRATOR } from './launch/forms.js';
import { findFreePorts } from './launch/ports.js';
import type { Address, Running } from './node/options.js';
import { runFrontend, runReplica } from './node/run.js';
import type { Service } from './service/define.js';

export { HearsayError } from './base/errors.js';
export type { ErrorCode } from './base/errors.js';
export { connect } from './client/connect.js';
export type {
  Client,
  ClientOptions,
  ClusterStatus,
  MemberStatus,
  PlainTimestamp,
  QueryResult,
  UpdateResult,
} from './client/api.js';
export { defineQuery, defineUpdate, refuse } from './service/contract.js';
export type {
  CausalUpdate,
  ForcedUpdate,
  Json,
  Lookup,
  Outside,
  Query,
  QueryContext,
  Refusal,
  ServiceDefinition,
  Setting,
  Update,
  UpdateContext,
} from './service/contract.js';
export { defineService } from './service/define.js';
export type { Service } from './service/define.js';
export { hungry } from './service/hungry/hungry.js';
export { kv } from './service/kv/kv.js';
export { movies } from './service/movies/movies.js';

export interface ClusterOptions {
  /** @default 3 */
  readonly replicas?: number;
  /** @default 1 */
  readonly frontends?: number;
  readonly service: Service;
  /** Where replicas keep their logs; none = nothing is kept. */
  readonly dataDir?: string;
  /** A folder of initial data, in place of what comes with the service. */
  readonly importDir?: string;
  /** `off` leaves on-demand fetch as the only way of records: for trying it out. @default 'on' */
  readonly gossip?: 'on' | 'off';
  /** The user who may do what is for the administrator only. @default 'admin' */
  readonly administrator?: string;
  /** Settings of the service's lookups, by name. @default each as the service says */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A cluster whose parts all run in this process, over real sockets. */
export interface Cluster {
  /** `ws://HOST:PORT` of every front end, started or not. */
  readonly frontends: readonly string[];
  /** Names of all parts: `rm-1`, `fe-1` … */
  readonly parts: readonly string[];
  /** Ends a part at once, as a crash would. */
  kill(name: string): Promise<void>;
  /** Starts a part that was killed, at its old address. */
  start(name: string): Promise<void>;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const FIRST_FRONTEND_PORT = 7100;
const FIRST_REPLICA_PORT = 7200;
const READY_POLL_MS = 10;

/**
 * Starts a cluster in this process; resolves once its parts have found each other. Throws HearsayError INVALID for wrong numbers or data, and rejects
 * with an error that says why when a part cannot start; what had started is then stopped again.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { replicas = 3, frontends = 1 } = options;
  for (const [what, count] of Object.entries({ replicas, frontends })) {
    if (Number.isInteger(count) && count >= 1 && count <= 16) continue;
    throw new HearsayError('INVALID', `${what} must be a whole number from 1 to 16, not ${count}`);
  }
  const [frontendPorts = [], replicaPorts = []] = await findFreePorts(HOST, [
    { from: FIRST_FRONTEND_PORT, count: frontends },
    { from: FIRST_REPLICA_PORT, count: replicas },
  ]);
  const cluster = new LocalCluster(
    options,
    replicaPorts.map((port, index) => ({ name: `rm-${index + 1}`, address: `${HOST}:${port}` })),
    frontendPorts.map((port, index) => ({ name: `fe-${index + 1}`, address: `${HOST}:${port}` })),
  );
  try {
    for (const name of cluster.parts) await cluster.start(name);
    await cluster.ready();
  } catch (error) {
    await cluster.close();
    throw error;
  }
  return cluster;
}

class LocalCluster implements Cluster {
  readonly #options: ClusterOptions;
  readonly #members: readonly Address[];
  readonly #frontends: readonly Address[];
  readonly #running = new Map<string, Running>();

  constructor(options: ClusterOptions, members: readonly Address[], frontends: readonly Address[]) {
    this.#options = options;
    this.#members = members;
    this.#frontends = frontends;
  }

  get frontends(): readonly string[] {
    return this.#frontends.map(({ address }) => `ws://${address}`);
  }

  get parts(): readonly string[] {
    return [...this.#members, ...this.#frontends].map(({ name }) => name);
  }

  async start(name: string): Promise<void> {
    if (this.#running.has(name)) throw new HearsayError('INVALID', `${name} is running already`);
    this.#running.set(name, await this.#run(name));
  }

  /** Waits until the parts have found each other, or are content with what there is. */
  async ready(): Promise<void> {
    while (![...this.#running.values()].every((running) => running.isReady())) {
      await sleep(READY_POLL_MS);
    }
  }

  async kill(name: string): Promise<void> {
    const running = this.#running.get(name);
    if (running === undefined) throw new HearsayError('INVALID', `${name} is not running`);
    this.#running.delete(name);
    await running.kill();
  }

  async close(): Promise<void> {
    const all = [...this.#running.values()].reverse();
    this.#running.clear();
    for (const running of all) await running.close();
  }

  #run(name: string): Promise<Running> {
    const { service, dataDir = null, importDir = null, gossip = 'on' } = this.#options;
    const { administrator = DEFAULT_ADMINISTRATOR, settings = {} } = this.#options;
    const common = {
      name,
      service,
      logDirectory: null,
      gossipLog: 'on',
      members: this.#members,
    } as const;
    const frontend = this.#frontends.find((each) => each.name === name);
    if (frontend !== undefined) {
      const own = { listen: frontend.address, join: [], administrator, settings };
      return runFrontend({ ...common, ...own });
    }
    const member = this.#members.find((each) => each.name === name);
    if (member === undefined) {
      const names = this.parts.join(', ');
      throw new HearsayError('INVALID', `there is no part ${name}; there are ${names}`);
    }
    return runReplica(
      {
        ...common,
        listen: member.address,
        advertise: null,
        data: dataDir,
        importFrom: importDir,
        gossip,
        gossipIntervalMs: 1000,
      },
      // It has said why on stderr and stopped: the others go on.
      { onHalt: () => this.#running.delete(name) },
    );
  }
}
