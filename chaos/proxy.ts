/**
 * A TCP proxy for one link: whoever dials its port reaches the target, under conditions that can be set
 * for each direction at any time, and are the same for all connections, those to come included.
 */

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type Conditions, OPEN } from './conditions.js';
import { Lane } from './lane.js';
import { ProxiedConnection } from './proxied-connection.js';

/** `there`: from who dialled; `back`: to who dialled. */
export type Direction = 'there' | 'back';

export interface Target {
  readonly host: string;
  readonly port: number;
}

export class Proxy {
  /** `HOST:PORT` to dial. */
  readonly address: string;
  readonly #server: Server;
  readonly #target: Target;
  readonly #lanes: Readonly<Record<Direction, Lane>> = { there: new Lane(), back: new Lane() };
  readonly #connections = new Set<ProxiedConnection>();
  #torn = 0;

  /** Listens on any free port of the target's host. The target need not be there. */
  static async listen(target: Target): Promise<Proxy> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: target.host, port: 0 }, resolve);
    });
    return new Proxy(server, target);
  }

  private constructor(server: Server, target: Target) {
    const { address, port } = server.address() as AddressInfo;
    this.address = `${address}:${port}`;
    this.#server = server;
    this.#target = target;
    server.on('connection', (near) => this.#connect(near));
  }

  /** Connections that were reset in the middle of a piece. */
  get torn(): number {
    return this.#torn;
  }

  set(direction: Direction, conditions: Conditions): void {
    const lane = this.#lanes[direction];
    const swallowed = lane.conditions.passage === 'swallowed';
    lane.set(conditions);
    if (!swallowed || conditions.passage === 'swallowed') return;
    for (const connection of this.#connections) if (connection.hasLost) connection.reset();
  }

  /** Of the next piece in this direction only a part arrives, then its connection is reset; null: no more. */
  tearNext(direction: Direction, share: number | null): void {
    this.#lanes[direction].tearNext(share);
  }

  /** Breaks all connections. Answers how many there were. */
  reset(): number {
    const broken = [...this.#connections];
    for (const connection of broken) connection.reset();
    return broken.length;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const lane of Object.values(this.#lanes)) lane.set(OPEN);
    this.reset();
    await closed;
  }

  #connect(near: Socket): void {
    const { there, back } = this.#lanes;
    const connection = new ProxiedConnection({
      near,
      far: connect({ ...this.#target, allowHalfOpen: true }),
      there,
      back,
      onTorn: () => void this.#torn++,
      onEnd: () => void this.#connections.delete(connection),
    });
    this.#connections.add(connection);
  }
}
