/**
 * The cluster under test: real processes with data directories of their own, every link between them,
 * and to the clients, through proxies.
 */

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePorts } from '../src/launch/ports.js';
import { Links } from './links.js';
import { PartProcess } from './part-process.js';

const HOST = '127.0.0.1';

/**
 * Below the range that systems take ports of outgoing connections from: while a part is down nobody
 * else gets its port by chance. Apart for each process, since several may run at once.
 */
const FIRST_PORT = 11_000 + (process.pid % 500) * 32;

export interface ChaosClusterInit {
  readonly replicas: number;
  readonly frontends: number;
  readonly clients: number;
  readonly service: string;
  /** A folder of initial data, or null for the shipped data. */
  readonly importFrom: string | null;
  /** More words for each front end's command line. */
  readonly frontendWords: readonly string[];
  /** An empty folder. */
  readonly folder: string;
  /** Tells the story. */
  readonly note: (what: string) => void;
  /** Told in words what must not be. */
  readonly onProblem: (problem: string) => void;
}

export class ChaosCluster {
  readonly replicas: readonly PartProcess[];
  readonly frontends: readonly PartProcess[];
  readonly links: Links;
  /** URLs of the front ends, past all proxies: for who watches, not for who is watched. */
  readonly directUrls: readonly string[];
  readonly #data: string;

  /** Opens all links and starts nothing yet. */
  static async open(init: ChaosClusterInit): Promise<ChaosCluster> {
    const { replicas, frontends, clients } = init;
    const [ports = []] = await findFreePorts(HOST, [
      { from: FIRST_PORT, count: replicas + frontends },
    ]);
    const names = {
      replicas: numbered('rm-', replicas),
      frontends: numbered('fe-', frontends),
      clients: Array.from({ length: clients }, (_, index) => clientName(index + 1)),
    };
    const portOf = new Map(
      [...names.replicas, ...names.frontends].map((name, index) => [name, ports[index] ?? 0]),
    );
    const targetOf = (name: string) => ({ host: HOST, port: portOf.get(name) ?? 0 });
    const links = await Links.open({ ...names, targetOf });
    return new ChaosCluster(init, names, links, (name) => `${HOST}:${targetOf(name).port}`);
  }

  private constructor(
    { folder, service, importFrom, frontendWords, note, onProblem }: ChaosClusterInit,
    names: { readonly replicas: readonly string[]; readonly frontends: readonly string[] },
    links: Links,
    addressOf: (name: string) => string,
  ) {
    this.links = links;
    this.#data = join(folder, 'data');
    this.directUrls = names.frontends.map((name) => `ws://${addressOf(name)}`);
    const logs = join(folder, 'log');
    mkdirSync(this.#data, { recursive: true });
    const common = (name: string) => {
      const others = names.replicas.map(
        (to) => `${to}=${to === name ? addressOf(to) : links.addressFor(name, to)}`,
      );
      return [
        ...['--name', name, '--listen', addressOf(name), '--service', service],
        ...['--members', others.join(','), '--log-dir', logs, '--gossip-log', 'off'],
      ];
    };
    const storage = [
      ...['--data', this.#data],
      ...(importFrom === null ? [] : ['--import', importFrom]),
    ];
    this.replicas = names.replicas.map((name) => {
      const words = ['replica', ...common(name), ...storage];
      return new PartProcess({ name, role: 'replica', words, note, onProblem });
    });
    this.frontends = names.frontends.map((name) => {
      const words = ['frontend', ...common(name), ...frontendWords];
      return new PartProcess({ name, role: 'frontend', words, note, onProblem });
    });
  }

  get parts(): readonly PartProcess[] {
    return [...this.replicas, ...this.frontends];
  }

  /** URLs under which a client reaches all front ends, through its proxies. */
  urlsFor(client: string): readonly string[] {
    return this.frontends.map(({ name }) => `ws://${this.links.addressFor(client, name)}`);
  }

  /** Breaks a client's connections, so that it goes to another front end. */
  move(client: string): void {
    for (const { name } of this.frontends) this.links.reset(client, name);
  }

  /** Front ends by the URLs that clients use. */
  frontendNames(): ReadonlyMap<string, string> {
    return new Map([...this.links.targets()].map(([address, name]) => [`ws://${address}`, name]));
  }

  dataDirectoryOf(replica: PartProcess): string {
    return join(this.#data, replica.name);
  }

  /** What a broken disk leaves of a replica that does not run: nothing. */
  loseDataDirectory(replica: PartProcess): void {
    if (replica.pid !== null) throw new Error(`${replica.name} runs`);
    // One that was killed soon enough has made none.
    rmSync(this.dataDirectoryOf(replica), { recursive: true, force: true });
  }

  /** Asks all processes to end; resolves when they are gone. */
  async end(): Promise<void> {
    await Promise.all(this.parts.map((part) => part.end()));
  }

  /** Ends everything that is left. */
  async close(): Promise<void> {
    await Promise.all(this.parts.map((part) => part.kill()));
    await this.links.close();
  }

  /** Without waiting for anything: this process ends. A frozen one would stay. */
  killNow(): void {
    for (const part of this.parts) part.killNow();
  }
}

/** A client as its links know it. */
export const clientName = (number: number): string => `c-${number}`;

const numbered = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
