/**
 * A real etcd (Debian's etcd-server; .ci/run installs it) on ports of its own, which a test kills,
 * wipes and starts again.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePorts } from '../../src/launch/ports.js';
import { until } from '../integration/support/until.js';

const PROGRAM = 'etcd';
const HOST = '127.0.0.1';

/** Below the range that systems take outgoing ports from, and apart for each test process. */
const FIRST_PORT = 9000 + (process.pid % 400) * 2;

export class RealEtcd {
  /** `HOST:PORT` for clients, the same over all its starts. */
  readonly address: string;
  /** `http://HOST:PORT` for other etcds: something that is no client port. */
  readonly peer: string;
  readonly #dataDir: string;
  #child: ChildProcess | null = null;

  /** Starts one without data; resolves once it answers. */
  static async start(): Promise<RealEtcd> {
    const [[clientPort = 0, peerPort = 0] = []] = await findFreePorts(HOST, [
      { from: FIRST_PORT, count: 2 },
    ]);
    const dataDir = await mkdtemp(join(tmpdir(), 'hearsay-etcd-'));
    const etcd = new RealEtcd(`${HOST}:${clientPort}`, `http://${HOST}:${peerPort}`, dataDir);
    await etcd.start();
    return etcd;
  }

  private constructor(address: string, peer: string, dataDir: string) {
    this.address = address;
    this.peer = peer;
    this.#dataDir = dataDir;
  }

  /** Starts it again, with the data that are there. */
  async start(): Promise<void> {
    const client = `http://${this.address}`;
    const child = spawn(
      PROGRAM,
      [
        ...['--name', 'test', '--data-dir', join(this.#dataDir, 'etcd'), '--log-level', 'error'],
        ...['--listen-client-urls', client, '--advertise-client-urls', client],
        ...['--listen-peer-urls', this.peer, '--initial-advertise-peer-urls', this.peer],
        ...['--initial-cluster', `test=${this.peer}`],
      ],
      { stdio: 'ignore' },
    );
    this.#child = child;
    await once(child, 'spawn');
    await until('etcd', async () => {
      if (child.exitCode !== null) throw new Error(`etcd ended with status ${child.exitCode}`);
      const answer = await fetch(`${client}/health`).catch(() => null);
      return answer !== null && (await answer.text()).includes('true');
    });
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** Loses all that it stored; only while it is not running. */
  async wipe(): Promise<void> {
    await rm(join(this.#dataDir, 'etcd'), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.#dataDir, { recursive: true, force: true });
  }
}
