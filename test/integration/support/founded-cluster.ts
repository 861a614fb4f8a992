/**
 * Real processes of one cluster whose members are not given but found: at addresses that all of them
 * know, or where the test says. A test starts, kills and stops them by name, and may start strange ones
 * beside them. When the test's process dies, they see their channel close and end too.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client, MemberStatus } from '../../../src/client/api.js';
import { connect } from '../../../src/client/connect.js';
import { findFreePorts } from '../../../src/launch/ports.js';
import { until } from './until.js';

const PROGRAM = fileURLToPath(new URL('../../../src/launch/main.js', import.meta.url));
const HOST = '127.0.0.1';

/** Below the range that systems take outgoing ports from, and apart for each test process. */
const FIRST_PORT = 10_000 + (process.pid % 1000) * 20;

/** Replicas and front ends of one test at most. */
const REPLICAS_MOST = 12;
const FRONTENDS_MOST = 4;

/** Longer than it takes to find another front end, or a primary. */
const TIMEOUT_MS = 60_000;

/** A part that was to end by itself and has not by then, however busy the machine is, is broken. */
const DOOMED_MS = 45_000;

interface Part {
  readonly address: string;
  readonly child: ChildProcess;
  /** Resolves once it has ended, and all that it printed was read. */
  readonly closed: Promise<unknown>;
  printed: string;
}

/** What makes a part another one than those that belong here. */
export interface Strangeness {
  readonly name: string;
  /** @default the cluster's */
  readonly service?: string;
  /** The folder that its own is in. */
  readonly data?: string;
}

interface FoundedClusterInit {
  readonly place: string | null;
  readonly service: string;
  readonly dataDir: string;
  /** Ports. */
  readonly free: { readonly replicas: readonly number[]; readonly frontends: readonly number[] };
}

export class FoundedCluster {
  /** Holds `rm-1/` … and `log/`. */
  readonly dataDir: string;
  readonly #service: string;
  /** Words that say where the others are. */
  readonly #where: readonly string[];
  /** Addresses that no part has yet. */
  readonly #free: { readonly replica: string[]; readonly frontend: string[] };
  readonly #parts = new Map<string, Part>();
  readonly #clients: Client[] = [];

  /** Nothing runs yet. `place` is what `--discover` gets; null: all are told where replicas may be (`--join`). */
  static async make(place: string | null = null, service = 'kv'): Promise<FoundedCluster> {
    const [replicas = [], frontends = []] = await findFreePorts(HOST, [
      { from: FIRST_PORT, count: REPLICAS_MOST },
      { from: FIRST_PORT + REPLICAS_MOST, count: FRONTENDS_MOST },
    ]);
    const dataDir = await mkdtemp(join(tmpdir(), 'hearsay-founded-'));
    return new FoundedCluster({ place, service, dataDir, free: { replicas, frontends } });
  }

  private constructor({ place, service, dataDir, free }: FoundedClusterInit) {
    this.#service = service;
    this.dataDir = dataDir;
    const addressesOf = (ports: readonly number[]) => ports.map((port) => `${HOST}:${port}`);
    this.#free = {
      replica: addressesOf(free.replicas),
      frontend: addressesOf(free.frontends),
    };
    const seeds = this.#free.replica.join(',');
    this.#where = place === null ? ['--join', seeds] : ['--discover', place];
  }

  /** Starts a part, or starts it again at its old address, with more words on its command line. */
  start(name: string, ...more: readonly string[]): void {
    this.startAs(name, { name }, ...more);
  }

  /** Starts a part that this test calls `key`, whatever it calls itself. */
  startAs(key: string, strangeness: Strangeness, ...more: readonly string[]): void {
    const { name, service = this.#service, data } = strangeness;
    const kind = name.startsWith('rm') ? 'replica' : 'frontend';
    const address = this.#parts.get(key)?.address ?? this.#free[kind].shift() ?? '';
    const words = [
      ...[kind, '--name', name, '--listen', address, '--service', service],
      ...['--log-dir', join(this.dataDir, 'log'), '--gossip-log', 'off'],
      ...(kind === 'replica' ? ['--data', data ?? this.dataDir] : []),
      ...this.#where,
    ];
    const child = spawn(process.execPath, [PROGRAM, ...words, ...more], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const part: Part = { address, child, closed: once(child, 'close'), printed: '' };
    child.stderr?.on('data', (text: Buffer) => {
      part.printed += text.toString();
    });
    // What the launcher would be told is as good to read here as what is printed.
    child.on('message', (message) => {
      part.printed += `${JSON.stringify(message)}\n`;
    });
    this.#parts.set(key, part);
  }

  /** Waits until these parts say that nothing is missing. */
  async ready(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      await until(`${name} to be ready`, async () => {
        const { child, printed } = this.#part(name);
        if (child.exitCode !== null) throw new Error(`${name} ended: ${printed}`);
        return (await this.readiness(name)) === 'ready';
      });
    }
  }

  /** What a part says of its being ready, `ready` or what it waits for; empty while it does not answer. */
  async readiness(name: string): Promise<string> {
    const { address } = this.#part(name);
    const answer = await fetch(`http://${address}/readyz`).catch(() => null);
    return (await answer?.text())?.trim() ?? '';
  }

  addressesOf(...names: readonly string[]): string[] {
    return names.map((name) => this.#part(name).address);
  }

  /** What a part has printed since its start, and told its launcher. */
  printedBy(name: string): string {
    return this.#part(name).printed;
  }

  /** What a part has logged, over all its starts. */
  loggedBy(name: string): string {
    const file = join(this.dataDir, 'log', `${name}.jsonl`);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** Directories of a replica whose identities are over. */
  putAway(name: string): string[] {
    return readdirSync(this.dataDir).filter((each) => each.startsWith(`${name}.retired-`));
  }

  /** SIGSTOP: it does nothing any more, and its connections stay. */
  freeze(name: string): void {
    this.#part(name).child.kill('SIGSTOP');
  }

  thaw(name: string): void {
    this.#part(name).child.kill('SIGCONT');
  }

  /** Sends a signal; resolves with the exit status once it has ended. */
  async end(name: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    this.#part(name).child.kill(signal);
    return this.ended(name);
  }

  /** The exit status of a part once it has ended; null when a signal ended it, of this class if need be. */
  async ended(name: string): Promise<number | null> {
    const { child, closed } = this.#part(name);
    const deadline = setTimeout(() => child.kill('SIGKILL'), DOOMED_MS);
    await closed;
    clearTimeout(deadline);
    return child.exitCode;
  }

  /** A client of all front ends there are so far. */
  async client(user = ''): Promise<Client> {
    const client = await connect(this.urls, { timeoutMs: TIMEOUT_MS, user });
    this.#clients.push(client);
    return client;
  }

  get urls(): string[] {
    const frontends = [...this.#parts].filter(([name]) => name.startsWith('fe'));
    return frontends.map(([, { address }]) => `ws://${address}`);
  }

  /** Waits until just these are members, all of them count, and each has all that any other one has. */
  async agreed(client: Client, ...names: readonly string[]): Promise<readonly MemberStatus[]> {
    let members: readonly MemberStatus[] = [];
    await until(`${names.join(', ')} to agree`, async () => {
      ({ members } = await client.status({ hash: true }));
      const isWhole = members.every(({ counted, lagRecords }) => counted && lagRecords === 0);
      const hashes = new Set(members.map(({ stateHash }) => stateHash));
      const present = members.map(({ name }) => name).sort();
      return isWhole && hashes.size === 1 && present.join() === [...names].sort().join();
    }).catch((error: Error) => {
      throw new Error(`${error.message}: ${JSON.stringify(members)}`);
    });
    return members;
  }

  /** Ends everything and removes the data. */
  async close(): Promise<void> {
    for (const client of this.#clients) await client.close();
    await Promise.all([...this.#parts.keys()].map((name) => this.end(name, 'SIGKILL')));
    await rm(this.dataDir, { recursive: true, force: true });
  }

  #part(name: string): Part {
    const part = this.#parts.get(name);
    if (part === undefined) throw new Error(`no part ${name}`);
    return part;
  }
}
