/**
 * A cluster of real processes for tests of hostile input: three replicas and a front end of service kv,
 * each a child that ends with this process. Knows each one's pid, memory and log, and keeps a client
 * busy all the while: whatever else happens, that one must be served.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Client } from '../../src/client/api.js';
import { connect } from '../../src/client/connect.js';
import { findFreePorts } from '../../src/launch/ports.js';
import { until } from './support/until.js';

const PROGRAM = fileURLToPath(new URL('../../src/launch/main.js', import.meta.url));
const HOST = '127.0.0.1';

/** Below the range that systems take ports of outgoing connections from. */
const FIRST_PORT = 20_000;
const PORTS = 8000;

/** A process that serves takes about 100 MB; what hostile input may add to that is bounded. */
const MEMORY_MAX_BYTES = 400_000_000;

export interface Ending {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

/** One replica or front end: a process, and the one after it when it is started again. */
export class Part {
  readonly name: string;
  readonly address: string;
  readonly #words: readonly string[];
  readonly #log: string;
  #child: ChildProcess | null = null;
  #stderr = '';
  ended: Promise<Ending> = Promise.reject(new Error('not started'));

  constructor(name: string, address: string, words: readonly string[], log: string) {
    this.name = name;
    this.address = address;
    this.#words = words;
    this.#log = log;
    this.ended.catch(() => {});
  }

  /** `prefix` is what the process is started by, in place of Node itself. */
  start(prefix: readonly string[] = []): void {
    const [command = '', ...args] = [...prefix, process.execPath, PROGRAM, ...this.#words];
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child = child;
    this.#stderr = '';
    child.stderr?.on('data', (text: Buffer) => {
      this.#stderr += text.toString();
    });
    this.ended = new Promise((resolve) => {
      child.once('close', (status, signal) => resolve({ status, signal, stderr: this.#stderr }));
    });
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get isAlive(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async end(): Promise<void> {
    if (!this.isAlive) return;
    this.kill('SIGKILL');
    await this.ended;
  }

  async ready(): Promise<void> {
    await until(`${this.name} to be ready`, async () => {
      if (!this.isAlive) throw new Error(`${this.name} ended: ${this.#stderr}`);
      return await fetch(`http://${this.address}/readyz`).then(
        ({ status }) => status === 200,
        () => false,
      );
    });
  }

  /** A figure of its /metrics. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`http://${this.address}/metrics`)).text();
    const value = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(text)?.[1];
    if (value === undefined) throw new Error(`${this.name} has no metric ${name}`);
    return Number(value);
  }

  /** All that its log says, one line a message. */
  get said(): string {
    if (!existsSync(this.#log)) return '';
    const lines = readFileSync(this.#log, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => (JSON.parse(line) as { msg: string }).msg).join('\n');
  }

  /** Waits until its log says this, which was not in the part before `from`. */
  async says(pattern: RegExp, from = 0): Promise<void> {
    const look = () => pattern.test(this.said.slice(from));
    await until(`${this.name} to log ${pattern}`, async () => look()).catch((error: Error) => {
      throw new Error(`${error.message}; it says: ${this.said.slice(from).slice(-2000)}`);
    });
  }
}

export class HostileCluster {
  readonly folder: string;
  readonly parts: readonly Part[];
  readonly #pids = new Map<string, number>();
  readonly #clients: Client[] = [];

  private constructor(folder: string, parts: readonly Part[]) {
    this.folder = folder;
    this.parts = parts;
  }

  /** Starts `rm-1` to `rm-3` and `fe-1`. `extra` are words more for every replica. */
  static async start(extra: readonly string[] = []): Promise<HostileCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'hearsay-hostile-'));
    const from = FIRST_PORT + ((process.pid * 7) % PORTS);
    const [ports = []] = await findFreePorts(HOST, [{ from, count: 4 }]);
    const [frontend, ...replicas] = ports.map((port) => `${HOST}:${port}`);
    const members = replicas.map((address, index) => `rm-${index + 1}=${address}`).join(',');
    const logs = join(folder, 'log');
    const part = (kind: string, name: string, address: string, ...more: readonly string[]) =>
      new Part(
        name,
        address,
        [
          ...[kind, '--name', name, '--listen', address, '--service', 'kv'],
          ...['--members', members, '--log-dir', logs, ...more],
        ],
        join(logs, `${name}.jsonl`),
      );
    const cluster = new HostileCluster(folder, [
      ...replicas.map((address, index) =>
        part('replica', `rm-${index + 1}`, address, '--data', folder, ...extra),
      ),
      part('frontend', 'fe-1', frontend ?? ''),
    ]);
    for (const each of cluster.parts) each.start();
    await Promise.all(cluster.parts.map((each) => each.ready()));
    for (const { name, pid } of cluster.parts) cluster.#pids.set(name, pid);
    return cluster;
  }

  part(name: string): Part {
    const found = this.parts.find((each) => each.name === name);
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found;
  }

  async connect(): Promise<Client> {
    const client = await connect([`ws://${this.part('fe-1').address}`], { user: '1' });
    this.#clients.push(client);
    return client;
  }

  /** Every process is the one that was started, and none has grown too large. */
  async isUnharmed(): Promise<void> {
    for (const part of this.parts) {
      expect(part.isAlive && part.pid, part.name).to.equal(this.#pids.get(part.name));
      const bytes = await part.metric('process_resident_memory_bytes');
      expect(bytes, `memory of ${part.name}`).to.be.lessThan(MEMORY_MAX_BYTES);
    }
  }

  async close(): Promise<void> {
    for (const client of this.#clients) await client.close();
    for (const part of this.parts) await part.end();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A client that writes and reads all the time. Each read must see the write before it. */
export class Witness {
  readonly #client: Client;
  readonly #key: string;
  readonly #running: Promise<void>;
  #isStopped = false;
  #rounds = 0;
  #error: Error | null = null;

  constructor(client: Client, key: string) {
    this.#client = client;
    this.#key = key;
    this.#running = this.#run();
  }

  /** Waits until it was served once more from beginning to end; throws what it was refused with. */
  async isServed(): Promise<void> {
    const target = this.#rounds + 2;
    await until('the other client to be served', async () => {
      if (this.#error !== null) throw this.#error;
      return this.#rounds >= target;
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
    if (this.#error !== null) throw this.#error;
  }

  async #run(): Promise<void> {
    try {
      while (!this.#isStopped) await this.#round();
    } catch (error) {
      this.#error = error instanceof Error ? error : new Error(String(error));
    }
  }

  async #round(): Promise<void> {
    const value = this.#rounds + 1;
    await this.#client.update('set', { key: this.#key, value }, { timeoutMs: 30_000 });
    const options = { consistency: 'fresh', timeoutMs: 30_000 } as const;
    const read = await this.#client.query('get', { key: this.#key }, options);
    expect(read.value).to.equal(value);
    this.#rounds += 1;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
