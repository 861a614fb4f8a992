/** Two hosts in a network in memory, for the tests of its faults. */

import type { Connection } from '../../src/ports/transport.js';
import type { MemoryNetworkInit } from '../../src/transport/memory-transport.js';
import { MemoryWorld } from './memory-world.js';
import { bytes } from './support.js';

export const ADDRESS = 'b:7200';

/** Two hosts, a and b, of which b listens; what happens at either is written down. */
export class TwoHosts extends MemoryWorld {
  readonly log: string[] = [];
  readonly served: Connection[] = [];
  /** What the last dial came to. */
  dialled: Connection | null = null;

  static async open(init: MemoryNetworkInit = {}, seed = 7): Promise<TwoHosts> {
    const hosts = new TwoHosts(init, seed);
    await hosts.serve();
    return hosts;
  }

  async serve(): Promise<void> {
    await this.network.transport('b').listen({
      address: ADDRESS,
      onConnection: (connection) => {
        this.served.push(connection);
        this.own('b', connection);
      },
    });
  }

  own(who: string, connection: Connection): void {
    connection.onFrame = (frame) => this.log.push(`${who} ${Buffer.from(frame).toString()}`);
    connection.onClose = (error) => this.log.push(`${who} closed: ${error}`);
  }

  /** Dials; what comes of it is written down. */
  dial(): void {
    const onDialled = (connection: Connection) => {
      this.dialled = connection;
      this.log.push('a dialled');
      this.own('a', connection);
    };
    const onFailure = (error: Error) => this.log.push(`a failed: ${error.message}`);
    void this.network.transport('a').dial(ADDRESS).then(onDialled, onFailure);
  }

  /** A connection on which both sides have said a first frame, as hellos are said. */
  async connect(): Promise<[here: Connection, there: Connection]> {
    const here = await this.settledDial('a', ADDRESS);
    this.own('a', here);
    const there = this.served.at(-1);
    if (there === undefined) throw new Error('whoever dialled is served');
    there.accepted();
    for (const [name, end] of [
      ['a', here],
      ['b', there],
    ] as const) {
      end.send(bytes(`hello of ${name}`));
    }
    await this.until(() => this.log.length >= 2, 'both hellos have come');
    this.log.length = 0;
    return [here, there];
  }
}

/** What b gets when frames 0, 1, 2 … come to it. */
export const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `b ${n}`);
