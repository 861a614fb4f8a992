/**
 * A cluster of real processes, as `hearsay up` would start them, whose parts a test kills, stops and
 * starts again. Parts keep their addresses and data directories. When the test's process dies, however
 * it does, the parts see their channel close and end too.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SessionId } from '../../../src/base/ids.js';
import type { Client, ClientOptions, MemberStatus } from '../../../src/client/api.js';
import { connect } from '../../../src/client/connect.js';
import { findFreePorts } from '../../../src/launch/ports.js';
import { RealScheduler, SystemRandom } from '../../../src/node/system.js';
import { kv } from '../../../src/service/kv/kv.js';
import { WebSocketTransport } from '../../../src/transport/ws-transport.js';
import { RawFrontend } from '../../world/raw-frontend.js';
import { TravellingClient } from '../../world/travelling-client.js';
import { until } from './until.js';

const PROGRAM = fileURLToPath(new URL('../../../src/launch/main.js', import.meta.url));
const HOST = '127.0.0.1';

/** Below the range that systems take outgoing ports from, and apart for each test process. */
const FIRST_PORT = 10_000 + (process.pid % 1000) * 20;

/** A part that was to end by itself and has not by then, however busy the machine is, is broken. */
const DOOMED_MS = 60_000;

export interface ProcessClusterInit {
  readonly replicas: number;
  readonly frontends: number;
  /** @default kv */
  readonly service?: string;
  /** More words for each replica's command line. */
  readonly replicaWords?: readonly string[];
}

/** How a part ended, and what it printed. */
export interface PartEnding {
  readonly exitStatus: number | null;
  readonly signal: string | null;
  readonly printed: string;
}

interface Part {
  readonly name: string;
  readonly address: string;
  readonly words: readonly string[];
  child: ChildProcess | null;
  printed: string;
}

export class ProcessCluster {
  /** Holds `rm-1/` … and `log/`. */
  readonly dataDir: string;
  readonly replicas: readonly string[];
  readonly frontends: readonly string[];
  readonly #parts: ReadonlyMap<string, Part>;
  readonly #clients: Pick<Client, 'close'>[] = [];
  readonly #rawFrontends: RawFrontend[] = [];
  #nextSession = 1;

  /** Starts everything; resolves once all replicas reach each other and every front end. */
  static async start(init: ProcessClusterInit): Promise<ProcessCluster> {
    const [ports = []] = await findFreePorts(HOST, [
      { from: FIRST_PORT, count: init.replicas + init.frontends },
    ]);
    const dataDir = await mkdtemp(join(tmpdir(), 'hearsay-cluster-'));
    const cluster = new ProcessCluster(init, dataDir, ports);
    try {
      await cluster.startParts(...cluster.replicas, ...cluster.frontends);
      await cluster.agreed();
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  private constructor(init: ProcessClusterInit, dataDir: string, ports: readonly number[]) {
    const { replicas, frontends, service = 'kv', replicaWords = [] } = init;
    this.dataDir = dataDir;
    this.replicas = numbered('rm', replicas);
    this.frontends = numbered('fe', frontends);
    const names = [...this.replicas, ...this.frontends];
    const addresses = names.map((_, index) => `${HOST}:${ports[index]}`);
    const members = this.replicas.map((name, index) => `${name}=${addresses[index]}`).join(',');
    const parts = names.map((name, index): Part => {
      const address = addresses[index] ?? '';
      const common = [
        '--name',
        name,
        '--listen',
        address,
        '--service',
        service,
        '--members',
        members,
      ];
      const words = this.replicas.includes(name)
        ? ['replica', ...common, '--data', dataDir, ...replicaWords]
        : ['frontend', ...common, '--log-dir', join(dataDir, 'log')];
      return { name, address, words, child: null, printed: '' };
    });
    this.#parts = new Map(parts.map((part) => [part.name, part]));
  }

  /** Starts parts that do not run; resolves once they are ready. */
  async startParts(...names: string[]): Promise<void> {
    for (const name of names) this.#spawn(this.#part(name));
    await Promise.all(names.map((name) => this.#ready(this.#part(name))));
  }

  /** Starts a part that is expected to end by itself. */
  async startDoomed(name: string): Promise<PartEnding> {
    const part = this.#part(name);
    return this.#endOf(part, this.#spawn(part));
  }

  /** SIGTERM, as for a restart: resolves when the part has ended by itself. */
  async terminate(name: string): Promise<PartEnding> {
    const part = this.#part(name);
    const { child } = part;
    if (child === null) throw new Error(`${name} does not run`);
    child.kill('SIGTERM');
    return this.#endOf(part, child);
  }

  /** kill -9, all at once; resolves when they are gone. */
  async kill(...names: string[]): Promise<void> {
    const children = names.flatMap((name) => this.#part(name).child ?? []);
    const gone = children.map((child) => once(child, 'close'));
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(gone);
  }

  /** SIGSTOP: it does nothing any more, and its connections stay. */
  freeze(name: string): void {
    this.#part(name).child?.kill('SIGSTOP');
  }

  thaw(name: string): void {
    this.#part(name).child?.kill('SIGCONT');
  }

  /** A client of some of the front ends, all when none is named. */
  async client(frontends: readonly string[] = [], options: ClientOptions = {}): Promise<Client> {
    const client = await connect(this.#urlsOf(frontends), options);
    this.#clients.push(client);
    return client;
  }

  /** A client that moves between all front ends when it is told to. */
  async travellingClient(options: ClientOptions = {}): Promise<TravellingClient> {
    const components = {
      scheduler: new RealScheduler(),
      random: new SystemRandom(),
      transport: new WebSocketTransport(),
    };
    const session = `traveller-${process.pid}-${this.#nextSession++}` as SessionId;
    const traveller = new TravellingClient(components, this.#urlsOf([]), session, options);
    this.#clients.push(traveller.client);
    await traveller.ready();
    return traveller;
  }

  /** A front end of the test's own making, connected to one replica. */
  async rawFrontend(replica: string): Promise<RawFrontend> {
    const { address } = this.#part(replica);
    const transport = new WebSocketTransport();
    const members = this.replicas;
    const wallMs = Date.now();
    const frontend = await RawFrontend.connect({
      ...{ transport, address, service: kv, members, wallMs },
    });
    this.#rawFrontends.push(frontend);
    return frontend;
  }

  /** Where clients connect to: all front ends. */
  get urls(): readonly string[] {
    return this.#urlsOf([]);
  }

  /** Waits until every replica is reached and counts for fresh queries, also under load. */
  recovered(): Promise<readonly MemberStatus[]> {
    return this.#membersWhere(({ counted }) => counted === true);
  }

  /** Waits until every replica has all that any other one has; fails unless their states are equal. */
  async agreed(): Promise<readonly MemberStatus[]> {
    const members = await this.#membersWhere(
      ({ counted, lagRecords }) => counted === true && lagRecords === 0,
    );
    const hashes = new Set(members.map(({ stateHash }) => stateHash));
    if (hashes.size === 1) return members;
    throw new Error(`the states differ: ${JSON.stringify(members)}`);
  }

  /** Waits until there is a primary, and names it. */
  async primary(): Promise<string> {
    const client = await connect(this.#urlsOf([]));
    try {
      let found: string | undefined;
      await until('a primary', async () => {
        const { view, members } = await client.status();
        found = members.find(({ id }) => id === view?.owner)?.name;
        return found !== undefined;
      });
      return found ?? '';
    } finally {
      await client.close();
    }
  }

  async #membersWhere(
    isRight: (member: MemberStatus) => boolean,
  ): Promise<readonly MemberStatus[]> {
    const client = await connect(this.#urlsOf([]));
    let members: readonly MemberStatus[] = [];
    try {
      await until('the replicas to be whole', async () => {
        ({ members } = await client.status({ hash: true }));
        return members.every(isRight);
      });
      return members;
    } finally {
      await client.close();
    }
  }

  /** Ends everything and removes the data. */
  async close(): Promise<void> {
    for (const frontend of this.#rawFrontends) frontend.vanish();
    for (const client of this.#clients) await client.close();
    await this.kill(...this.#parts.keys());
    await rm(this.dataDir, { recursive: true });
  }

  async #endOf(part: Part, child: ChildProcess): Promise<PartEnding> {
    const deadline = setTimeout(() => child.kill('SIGKILL'), DOOMED_MS);
    const [exitStatus, signal] = (await once(child, 'close')) as [number | null, string | null];
    clearTimeout(deadline);
    return { exitStatus, signal, printed: part.printed };
  }

  #spawn(part: Part): ChildProcess {
    if (part.child !== null) throw new Error(`${part.name} runs already`);
    const child = spawn(process.execPath, [PROGRAM, ...part.words], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    part.child = child;
    part.printed = '';
    child.stderr?.on('data', (text: Buffer) => {
      part.printed += text.toString();
    });
    // What the launcher would be told is as good to read here as what is printed.
    child.on('message', (message) => {
      part.printed += `${JSON.stringify(message)}\n`;
    });
    child.once('close', () => {
      part.child = null;
    });
    return child;
  }

  async #ready(part: Part): Promise<void> {
    await until(`${part.name} to be ready`, async () => {
      if (part.child === null) throw new Error(`${part.name} ended: ${part.printed}`);
      return fetch(`http://${part.address}/readyz`).then(
        ({ status }) => status === 200,
        () => false,
      );
    });
  }

  #part(name: string): Part {
    const part = this.#parts.get(name);
    if (part === undefined) throw new Error(`no part ${name}`);
    return part;
  }

  #urlsOf(frontends: readonly string[]): string[] {
    const names = frontends.length === 0 ? this.frontends : frontends;
    return names.map((name) => `ws://${this.#part(name).address}`);
  }
}

const numbered = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
