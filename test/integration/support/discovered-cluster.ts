/**
 * Real processes of one cluster that are told nothing of each other but where to look, `--discover`. A
 * test starts, kills and stops them by name. When the test's process dies, they see their channel close
 * and end too.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePorts } from '../../../src/launch/ports.js';
import { until } from './until.js';

const PROGRAM = fileURLToPath(new URL('../../../src/launch/main.js', import.meta.url));
const HOST = '127.0.0.1';

/** Below the range that systems take outgoing ports from, and apart for each test process. */
const FIRST_PORT = 10_000 + (process.pid % 1000) * 20;

/** Parts of one test at most. */
const PORTS = 12;

interface Part {
  readonly name: string;
  readonly address: string;
  child: ChildProcess;
  printed: string;
}

export class DiscoveredCluster {
  readonly #place: string;
  readonly #dataDir: string;
  readonly #ports: readonly number[];
  readonly #parts = new Map<string, Part>();

  /** Nothing runs yet; `place` is what `--discover` gets. */
  static async make(place: string): Promise<DiscoveredCluster> {
    const [ports = []] = await findFreePorts(HOST, [{ from: FIRST_PORT, count: PORTS }]);
    const dataDir = await mkdtemp(join(tmpdir(), 'hearsay-discovered-'));
    return new DiscoveredCluster(place, dataDir, ports);
  }

  private constructor(place: string, dataDir: string, ports: readonly number[]) {
    this.#place = place;
    this.#dataDir = dataDir;
    this.#ports = ports;
  }

  /** Starts a part, or starts it again at its old address, with more words on its command line. */
  start(name: string, ...more: string[]): void {
    const { address } = this.#parts.get(name) ?? {
      address: `${HOST}:${this.#ports[this.#parts.size]}`,
    };
    const kind = name.startsWith('rm') ? 'replica' : 'frontend';
    const child = spawn(
      process.execPath,
      [
        ...[PROGRAM, kind, '--name', name, '--listen', address, '--service', 'kv'],
        ...(kind === 'replica' ? ['--data', this.#dataDir] : []),
        ...['--discover', this.#place, ...more],
      ],
      { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
    );
    const part: Part = { name, address, child, printed: '' };
    child.stderr?.on('data', (text: Buffer) => (part.printed += text.toString()));
    this.#parts.set(name, part);
  }

  /** Waits until these parts say that nothing is missing. */
  async ready(...names: string[]): Promise<void> {
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

  addressesOf(...names: string[]): string[] {
    return names.map((name) => this.#part(name).address);
  }

  /** What a part has printed since its start. */
  printedBy(name: string): string {
    return this.#part(name).printed;
  }

  /** Sends a signal; resolves with the exit status once it has ended. */
  async end(name: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const { child } = this.#part(name);
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    child.kill(signal);
    return this.ended(name);
  }

  /** The exit status of a part that ends by itself; null when a signal ended it. */
  async ended(name: string): Promise<number | null> {
    const { child } = this.#part(name);
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    return child.exitCode;
  }

  /** Ends everything and removes the data. */
  async close(): Promise<void> {
    for (const name of this.#parts.keys()) await this.end(name, 'SIGKILL');
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  #part(name: string): Part {
    const part = this.#parts.get(name);
    if (part === undefined) throw new Error(`no part ${name}`);
    return part;
  }
}
