/**
 * hearsay as a library: connect to a cluster, run one in this process, define a service.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { HearsayError } from './base/errors.js';
import { connect } from './client/connect.js';
import { chooseReplicas } from './launch/choose-replicas.js';
import { DEFAULT_ADMINISTRATOR, FRONTENDS_MAX, REPLICAS_MAX } from './launch/forms.js';
import { Founding, openClusterFolder, replicaName, takeFolder } from './launch/founding.js';
import { findFreePorts } from './launch/ports.js';
import { prepareInitialState } from './node/initial-state.js';
import type { Address, FrontendOptions, ReplicaOptions, Running } from './node/options.js';
import { runFrontend, runReplica } from './node/run.js';
import { SystemRandom } from './node/system.js';
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
  /** The replicas that `dataDir` holds count: more join them, surplus ones are taken out. @default 3 */
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
  /**
   * Starts a part that was killed, at its old address. A replica that had kept nothing takes the place it
   * had with a copy of what the others hold. Throws HearsayError INVALID where none of them is running.
   */
  start(name: string): Promise<void>;
  /** Starts one more replica; resolves with its name once it is a member. */
  addReplica(): Promise<string>;
  /**
   * Takes a replica out for good, whether it runs or not; resolves once it is out and has ended. Throws
   * HearsayError as a request does.
   */
  retire(name: string): Promise<void>;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const FIRST_FRONTEND_PORT = 7100;
const FIRST_REPLICA_PORT = 7200;
const POLL_MS = 10;

/** What a replica that leaves may take, ms: as long as any request may. */
const RETIRE_TIMEOUT_MS = 60_000;

/**
 * Starts a cluster in this process; resolves once all its replicas are members and its parts have found
 * each other. Throws HearsayError INVALID for wrong numbers or data, and rejects with an error that says
 * why when a part cannot start; what had started is then stopped again.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { replicas = 3, frontends = 1, dataDir = null } = options;
  expectCount('replicas', replicas, REPLICAS_MAX);
  expectCount('frontends', frontends, FRONTENDS_MAX);
  const release = dataDir === null ? async () => {} : await takeFolder(dataDir);
  const cluster = new LocalCluster(options, release);
  try {
    await cluster.begin(replicas, frontends);
  } catch (error) {
    await cluster.close();
    throw error;
  }
  return cluster;
}

function expectCount(what: string, count: number, most: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= most) return;
  throw new HearsayError(
    'INVALID',
    `${what} must be a whole number from 1 to ${most}, not ${count}`,
  );
}

class LocalCluster implements Cluster {
  readonly #options: ClusterOptions;
  /** Lets others have the data directory. */
  readonly #release: () => Promise<void>;
  /** Null: the members were fixed by an earlier version. */
  #founding: Founding | null = null;
  #replicas: readonly Address[] = [];
  #frontends: readonly Address[] = [];
  readonly #running = new Map<string, Running>();

  constructor(options: ClusterOptions, release: () => Promise<void>) {
    this.#options = options;
    this.#release = release;
  }

  get frontends(): readonly string[] {
    return this.#frontends.map(({ address }) => `ws://${address}`);
  }

  get parts(): readonly string[] {
    return [...this.#replicas, ...this.#frontends].map(({ name }) => name);
  }

  /** Starts all parts: the founder first and alone, where the cluster is new. */
  async begin(replicas: number, frontends: number): Promise<void> {
    const { service, dataDir = null, importDir = null } = this.#options;
    const random = new SystemRandom();
    const folder =
      dataDir === null
        ? { replicas: [], founding: Founding.ephemeral(random) }
        : await openClusterFolder(dataDir, random);
    this.#founding = folder.founding;
    const chosen = chooseReplicas(replicas, folder, dataDir ?? 'memory');
    const [frontendPorts = [], replicaPorts = []] = await findFreePorts(HOST, [
      { from: FIRST_FRONTEND_PORT, count: frontends },
      { from: FIRST_REPLICA_PORT, count: chosen.replicas.length },
    ]);
    this.#frontends = frontendPorts.map((port, index) => place(`fe-${index + 1}`, port));
    this.#replicas = replicaPorts.map((port, index) =>
      place(replicaName(chosen.replicas[index] ?? 0), port),
    );
    if (dataDir !== null) {
      const initial = { service, data: dataDir, importFrom: importDir, onProgress: () => {} };
      await prepareInitialState(initial);
    }
    const founding = this.#founding;
    if (founding !== null && !founding.isDone) {
      await this.#startAll([founding.founder]);
      await founding.finish();
    }
    const others = this.#replicas
      .map(({ name }) => name)
      .filter((name) => !this.#running.has(name));
    await this.#startAll(others);
    await this.#startAll(this.#frontends.map(({ name }) => name));
    for (const number of chosen.surplus) await this.retire(replicaName(number));
  }

  async start(name: string): Promise<void> {
    if (this.#running.has(name)) throw new HearsayError('INVALID', `${name} is running already`);
    const isReplica = this.#replicas.some((each) => each.name === name);
    const isLost = isReplica && this.#options.dataDir === undefined && this.#founding?.isDone;
    if (isLost && !this.#replicas.some((each) => this.#running.has(each.name))) {
      throw new HearsayError(
        'INVALID',
        `no replica is running, and without dataDir nothing is kept: nobody has what ${name} lost`,
      );
    }
    this.#running.set(name, await this.#run(name));
  }

  async addReplica(): Promise<string> {
    if (this.#founding === null) {
      throw new HearsayError('INVALID', 'the members of this cluster are fixed by its data');
    }
    const numbers = this.#replicas.map(({ name }) => Number(name.slice('rm-'.length)));
    const name = replicaName(Math.max(0, ...numbers) + 1);
    const [[port = 0] = []] = await findFreePorts(HOST, [{ from: FIRST_REPLICA_PORT, count: 1 }]);
    this.#replicas = [...this.#replicas, place(name, port)];
    await this.#startAll([name]);
    return name;
  }

  async retire(name: string): Promise<void> {
    if (!this.#replicas.some((each) => each.name === name)) throw this.#unknown(name);
    const client = await connect(this.frontends, { timeoutMs: RETIRE_TIMEOUT_MS });
    try {
      await client.retire(name);
    } finally {
      await client.close();
    }
    while (this.#running.has(name)) await sleep(POLL_MS);
    this.#replicas = this.#replicas.filter((each) => each.name !== name);
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
    await this.#release();
  }

  /** Starts parts at the same time, since they wait for each other; resolves once all are ready. */
  async #startAll(names: readonly string[]): Promise<void> {
    const started = await Promise.allSettled(names.map((name) => this.start(name)));
    const failed = started.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    const isReady = (name: string): boolean => this.#running.get(name)?.isReady() !== false;
    while (!names.every(isReady)) await sleep(POLL_MS);
  }

  #run(name: string): Promise<Running> {
    const frontend = this.#frontends.find((each) => each.name === name);
    if (frontend !== undefined) return runFrontend(this.#frontendOptions(frontend));
    const replica = this.#replicas.find((each) => each.name === name);
    if (replica === undefined) throw this.#unknown(name);
    // It has stopped, or was taken out: the others go on.
    const onRemoved = (): void => void this.#running.delete(name);
    const onHalt = ({ message }: Error): void => {
      process.stderr.write(`${name}: ${message}\n`);
      onRemoved();
    };
    return runReplica(this.#replicaOptions(replica), { onHalt, onRemoved });
  }

  #frontendOptions({ name, address }: Address): FrontendOptions {
    const { administrator = DEFAULT_ADMINISTRATOR, settings = {} } = this.#options;
    return {
      ...this.#commonOptions(),
      name,
      listen: address,
      advertise: null,
      administrator,
      settings,
    };
  }

  #replicaOptions({ name, address }: Address): ReplicaOptions {
    const { dataDir = null, importDir = null, gossip = 'on' } = this.#options;
    const founding = this.#founding;
    const founds = founding !== null && !founding.isDone && founding.founder === name;
    return {
      ...this.#commonOptions(),
      name,
      listen: address,
      advertise: null,
      data: dataDir,
      importFrom: importDir,
      init: founds,
      replace: !founds && founding !== null,
      gossip,
      gossipIntervalMs: 1000,
    };
  }

  #commonOptions() {
    const isFixed = this.#founding === null;
    return {
      service: this.#options.service,
      logDirectory: null,
      gossipLog: 'on',
      members: isFixed ? this.#replicas : [],
      join: isFixed ? [] : this.#replicas.map(({ address }) => address),
      discover: null,
      clusterId: this.#founding?.clusterId ?? null,
    } as const;
  }

  #unknown(name: string): HearsayError {
    return new HearsayError(
      'INVALID',
      `there is no part ${name}; there are ${this.parts.join(', ')}`,
    );
  }
}

const place = (name: string, port: number): Address => ({ name, address: `${HOST}:${port}` });
