/**
 * A founded cluster of real processes whose members change: replicas are added, retired, robbed of their
 * disks and put back on old copies, while clients are at work.
 */

import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../../src/client/connect.js';
import { findFreePorts } from '../../src/launch/ports.js';
import { PartProcess } from '../part-process.js';
import type { Reachable } from '../player.js';

const HOST = '127.0.0.1';

/** Below the range of outgoing connections, apart for each process; see chaos/cluster.ts. */
const FIRST_PORT = 11_000 + (process.pid % 500) * 32;

/** More replicas are never asked for. */
const REPLICAS_MOST = 9;

/** For an operator's wish, ms. */
const OPERATOR_MS = 60_000;

export interface ChangingInit {
  readonly service: string;
  readonly frontends: number;
  readonly folder: string;
  readonly note: (what: string) => void;
  readonly onProblem: (problem: string) => void;
}

export class ChangingCluster implements Reachable {
  readonly replicas = new Map<string, PartProcess>();
  readonly frontends: PartProcess[] = [];
  readonly #init: ChangingInit;
  readonly #data: string;
  readonly #copies: string;
  readonly #ports: readonly number[];
  readonly #frontendPorts: readonly number[];

  static async open(init: ChangingInit): Promise<ChangingCluster> {
    const [ports = [], frontendPorts = []] = await findFreePorts(HOST, [
      { from: FIRST_PORT, count: REPLICAS_MOST },
      { from: FIRST_PORT + REPLICAS_MOST, count: init.frontends },
    ]);
    return new ChangingCluster(init, ports, frontendPorts);
  }

  private constructor(
    init: ChangingInit,
    ports: readonly number[],
    frontendPorts: readonly number[],
  ) {
    this.#init = init;
    this.#ports = ports;
    this.#frontendPorts = frontendPorts;
    this.#data = join(init.folder, 'data');
    this.#copies = join(init.folder, 'copies');
    for (const folder of [this.#data, this.#copies]) mkdirSync(folder, { recursive: true });
    for (let number = 1; number <= init.frontends; number++) {
      const words = ['frontend', ...this.#words(`fe-${number}`, this.#frontendPorts[number - 1])];
      this.frontends.push(this.#part(`fe-${number}`, 'frontend', words));
    }
  }

  /** URLs of all front ends. */
  get urls(): readonly string[] {
    return this.#frontendPorts.map((port) => `ws://${HOST}:${port}`);
  }

  urlsFor(): readonly string[] {
    return this.urls;
  }

  get parts(): readonly PartProcess[] {
    return [...this.frontends, ...this.replicas.values()];
  }

  /** The first replica founds the cluster, every other one joins it. */
  add(number: number): PartProcess {
    const name = `rm-${number}`;
    const known = this.replicas.get(name);
    if (known !== undefined) return known;
    const words = ['replica', ...this.#words(name, this.#ports[number - 1])];
    const part = this.#part(name, 'replica', [
      ...[...words, '--data', this.#data, '--replace'],
      ...(number === 1 ? ['--init'] : []),
    ]);
    this.replicas.set(name, part);
    return part;
  }

  /** An operator retires a replica: answers what was said of it. Its process is gone then. */
  async retire(name: string): Promise<string> {
    const client = await connect([...this.urls], { timeoutMs: OPERATOR_MS });
    try {
      const part = this.replicas.get(name);
      const gone = part === undefined || part.pid === null ? null : part.leaves();
      const { message } = await client.retire(name);
      await gone;
      this.replicas.delete(name);
      return message;
    } finally {
      await client.close();
    }
  }

  /** What a broken disk leaves of a replica that does not run. */
  loseDisk(name: string): void {
    rmSync(join(this.#data, name), { recursive: true, force: true });
  }

  /** Keeps a copy of the disk of a replica that does not run. */
  copyDisk(name: string): void {
    const copy = join(this.#copies, name);
    rmSync(copy, { recursive: true, force: true });
    if (existsSync(join(this.#data, name)))
      cpSync(join(this.#data, name), copy, { recursive: true });
  }

  /** Puts the copy back in the place of what is there; false when there is none. */
  putBack(name: string): boolean {
    const copy = join(this.#copies, name);
    if (!existsSync(copy)) return false;
    this.loseDisk(name);
    cpSync(copy, join(this.#data, name), { recursive: true });
    return true;
  }

  /** Directories that replicas have put away. */
  get putAway(): readonly string[] {
    return readdirSync(this.#data).filter((name) => name.includes('.retired-'));
  }

  async end(): Promise<void> {
    await Promise.all(this.parts.map((part) => part.end()));
  }

  async close(): Promise<void> {
    await Promise.all(this.parts.map((part) => part.kill()));
  }

  killNow(): void {
    for (const part of this.parts) part.killNow();
  }

  #words(name: string, port: number | undefined): string[] {
    const seeds = this.#ports.map((each) => `${HOST}:${each}`).join(',');
    return [
      ...['--name', name, '--listen', `${HOST}:${port ?? 0}`, '--service', this.#init.service],
      ...['--join', seeds, '--log-dir', join(this.#init.folder, 'log'), '--gossip-log', 'off'],
    ];
  }

  #part(name: string, role: 'replica' | 'frontend', words: readonly string[]): PartProcess {
    const { note, onProblem } = this.#init;
    return new PartProcess({ name, role, words, note, onProblem });
  }
}
