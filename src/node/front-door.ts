/**
 * The one port of a process, open from its first moment to its last. Identities come and go behind it:
 * connections go to the one that serves, and are turned away with a reason while there is none.
 */

import type {
  Connection,
  HttpAnswer,
  ListenInit,
  Listener,
  Transport,
} from '../ports/transport.js';
import { encodeFrames } from '../wire/codec.js';

export interface FrontDoorInit {
  readonly transport: Transport;
  /** `HOST:PORT`; port 0 takes any free one. */
  readonly address: string;
  readonly onHttp?: (path: string) => Promise<HttpAnswer | null>;
  readonly onNuisance: (what: string) => void;
  /** Why nobody serves now, in words. */
  readonly reason: () => string;
}

export class FrontDoor {
  readonly #init: FrontDoorInit;
  readonly #listener: Listener;
  #within: ListenInit | null = null;

  /** Rejects with FatalError when the address cannot be bound. */
  static async open(init: FrontDoorInit): Promise<FrontDoor> {
    let door: FrontDoor | null = null;
    const { transport, address, onHttp, onNuisance } = init;
    const listener = await transport.listen({
      address,
      onConnection: (connection) => {
        if (door === null) connection.close({ kind: 'going-away', message: 'not open yet' });
        else door.#onConnection(connection);
      },
      ...(onHttp === undefined ? {} : { onHttp }),
      onNuisance,
    });
    door = new FrontDoor(init, listener);
    return door;
  }

  private constructor(init: FrontDoorInit, listener: Listener) {
    this.#init = init;
    this.#listener = listener;
  }

  /** `HOST:PORT` as bound. */
  get address(): string {
    return this.#listener.address;
  }

  /** A transport whose only listener gets those who come to this door, until it is closed. */
  transport(): Transport {
    return {
      dial: (address) => this.#init.transport.dial(address),
      listen: async (within) => {
        this.#within = within;
        return {
          address: this.address,
          close: async () => {
            if (this.#within === within) this.#within = null;
          },
        };
      },
    };
  }

  async close(): Promise<void> {
    await this.#listener.close();
  }

  #onConnection(connection: Connection): void {
    if (this.#within !== null) return this.#within.onConnection(connection);
    const message = this.#init.reason();
    connection.onFrame = () => {};
    connection.onClose = () => {};
    const rejected = { kind: 'rejected', code: 'UNAVAILABLE', message } as const;
    for (const frame of encodeFrames([rejected])) connection.send(frame);
    connection.close({ kind: 'going-away', message });
  }
}
