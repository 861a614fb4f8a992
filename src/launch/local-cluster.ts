/**
 * The parts of one cluster on this machine: which there are, on which ports, with which words; and a
 * start that tries again when somebody else was faster to take a port, or has yet to let go of data.
 * Where the cluster is new, its founder starts alone: nobody else is there before it is founded for good.
 */

import { join } from 'node:path';
import type { Random } from '../base/random.js';
import { settingFlag } from './forms.js';
import { type Founding, replicaName } from './founding.js';
import type { Part } from './part.js';
import type { FindFreePorts } from './ports.js';
import type { SupervisedPartComponents } from './supervised-part.js';
import { StartError, Supervisor } from './supervisor.js';

const HOST = '127.0.0.1';
const FIRST_FRONTEND_PORT = 7100;
const FIRST_REPLICA_PORT = 7200;

/**
 * Starts before an obstacle is believed to stay: with the pauses between them more than the 5 s in which
 * the parts of a launcher that was killed let go of their data.
 */
const STARTS_MAX = 16;

/** The pause is drawn, so that two launchers do not go for the same ports again. */
const PAUSE_MIN_MS = 300;
const PAUSE_DRAWN_MS = 400;

export interface LocalClusterInit {
  readonly frontends: number;
  /** Numbers of the replicas. */
  readonly replicas: readonly number[];
  /** Asked for each try to start; null: the members are these replicas, once for all. */
  readonly founding: () => Founding | null;
  readonly service: string;
  /** Folder of the replicas' folders; null keeps nothing. */
  readonly data: string | null;
  /** A folder of initial data for replicas to build, or to compare theirs with. */
  readonly importFrom: string | null;
  /** For front ends: the administrator's name, and the settings of lookups that were given. */
  readonly administrator: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly gossipLog: 'on' | 'off';
  readonly restart: boolean;
}

export interface LocalClusterComponents extends SupervisedPartComponents {
  readonly random: Random;
  readonly findFreePorts: FindFreePorts;
}

export class LocalCluster {
  readonly #init: LocalClusterInit;
  readonly #components: LocalClusterComponents;
  #supervisor: Supervisor | null = null;
  #isStopped = false;

  constructor(init: LocalClusterInit, components: LocalClusterComponents) {
    this.#init = init;
    this.#components = components;
  }

  /**
   * Resolves once all parts are ready, with the front ends' URLs. Rejects with StartError when they
   * cannot be; `stop` is to be called in any case.
   */
  async start(): Promise<readonly string[]> {
    const { frontends, replicas, restart } = this.#init;
    for (let left = STARTS_MAX - 1; ; left--) {
      const [frontendPorts = [], replicaPorts = []] = await this.#components.findFreePorts(HOST, [
        { from: FIRST_FRONTEND_PORT, count: frontends },
        { from: FIRST_REPLICA_PORT, count: replicas.length },
      ]);
      if (this.#isStopped) throw new StartError('stopped before it started', 3, null);
      const supervisor = new Supervisor(this.#components, { restart });
      this.#supervisor = supervisor;
      const founding = this.#init.founding();
      try {
        await startParts(
          supervisor,
          partsOf(this.#init, founding, frontendPorts, replicaPorts),
          founding,
        );
        return frontendPorts.map((port) => `ws://${HOST}:${port}`);
      } catch (error) {
        await supervisor.stop();
        const mayPass = error instanceof StartError && error.obstacle !== null;
        if (!mayPass || left === 0 || this.#isStopped) throw error;
        await this.#pause();
      }
    }
  }

  /** Resolves once a replica that was taken out of the cluster has ended. */
  async removed(name: string): Promise<void> {
    await this.#supervisor?.removed(name);
  }

  /** Ends all parts; resolves when no process is left. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#supervisor?.stop();
  }

  /** Ends all parts at once. */
  kill(): void {
    this.#supervisor?.kill();
  }

  #pause(): Promise<void> {
    const { scheduler, random } = this.#components;
    const delayMs = PAUSE_MIN_MS + random.below(PAUSE_DRAWN_MS);
    return new Promise((resolve) => scheduler.after(delayMs, resolve));
  }
}

/** The founder first and alone, where one is needed: then it is noted that the cluster is founded. */
async function startParts(
  supervisor: Supervisor,
  parts: readonly Part[],
  founding: Founding | null,
): Promise<void> {
  if (founding === null || founding.isDone) return supervisor.start(parts);
  const isFounder = ({ name }: Part): boolean => name === founding.founder;
  await supervisor.start(parts.filter(isFounder));
  await founding.finish();
  return supervisor.start(parts.filter((part) => !isFounder(part)));
}

/** Replicas first: front ends are of no use without them. */
export function partsOf(
  init: LocalClusterInit,
  founding: Founding | null,
  frontendPorts: readonly number[],
  replicaPorts: readonly number[],
): Part[] {
  const { service, data, importFrom, gossipLog, administrator, settings } = init;
  const replicas = init.replicas.map((number, index) =>
    place(replicaName(number), replicaPorts[index] ?? 0),
  );
  const frontends = frontendPorts.map((port, index) => place(`fe-${index + 1}`, port));
  const common = ['--service', service, '--gossip-log', gossipLog];
  const storage = [
    ...(data === null ? ['--ephemeral'] : ['--data', data]),
    ...(importFrom === null ? [] : ['--import', importFrom]),
  ];
  const logs = data === null ? [] : ['--log-dir', join(data, 'log')];
  const given = Object.entries(settings).map(([name, value]) => `--${settingFlag(name)}=${value}`);
  const requests = [`--admin=${administrator}`, ...given];
  const cluster = clusterWords(replicas, founding);
  const replicaPart = ({ name, address }: Place): Part => ({
    name,
    address,
    get words() {
      const own = ['replica', '--name', name, '--listen', address];
      return [...own, ...common, ...storage, ...cluster(name)];
    },
  });
  const frontendPart = ({ name, address }: Place): Part => ({
    name,
    address,
    words: [
      ...['frontend', '--name', name, '--listen', address],
      ...[...common, ...cluster(null), ...logs, ...requests],
    ],
  });
  return [...replicas.map(replicaPart), ...frontends.map(frontendPart)];
}

/**
 * What the next start of a replica, or of a front end (null), is told of the cluster: its id as well, for
 * another cluster may listen where one of these parts has not begun to. Every replica may take its own place without the data it had: the launcher owns the folders, so nobody else can have it.
 */
function clusterWords(
  replicas: readonly Place[],
  founding: Founding | null,
): (replica: string | null) => readonly string[] {
  if (founding === null) {
    const members = replicas.map(({ name, address }) => `${name}=${address}`).join(',');
    return () => ['--members', members];
  }
  const addresses = replicas.map(({ address }) => address).join(',');
  const join = ['--join', addresses, '--cluster-id', founding.clusterId];
  return (replica) => {
    if (replica === null) return join;
    const founds = replica === founding.founder && !founding.isDone;
    return [...join, '--owns-all', founds ? '--init' : '--replace'];
  };
}

interface Place {
  readonly name: string;
  readonly address: string;
}

const place = (name: string, port: number): Place => ({ name, address: `${HOST}:${port}` });
