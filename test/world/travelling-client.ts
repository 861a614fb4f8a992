/**
 * A client of the library that a test can make move to another front end at any moment, and whose next
 * answer the test can lose on the way: the client library itself is as it ships.
 */

import type { SessionId } from '../../src/base/ids.js';
import type { ClientOptions } from '../../src/client/api.js';
import { type ClientComponents, SessionClient } from '../../src/client/client-driver.js';
import type { Message } from '../../src/wire/messages.js';
import { TappedTransport } from '../../src/sim/tapped-transport.js';

export class TravellingClient {
  readonly client: SessionClient;
  readonly #transport: TappedTransport;
  #losesNext = false;
  /** Answers to updates that were lost on the way. */
  lostAnswers = 0;

  /** `addresses` are those of at least two front ends; `ready` tells when the first has answered. */
  constructor(
    components: ClientComponents,
    addresses: readonly string[],
    session: SessionId,
    options: ClientOptions = {},
  ) {
    this.#transport = new TappedTransport(components.transport, {
      onReceive: (messages) => this.#onReceive(messages),
    });
    const transport = this.#transport;
    this.client = new SessionClient({ ...components, transport }, addresses, session, options);
  }

  ready(): Promise<void> {
    return this.client.ready();
  }

  /** Leaves the front end in use; resolves once another one has answered. */
  async move(): Promise<void> {
    const moved = new Promise<void>((resolve) => {
      const stop = this.client.onFrontend((frontend) => {
        if (frontend === null) return;
        stop();
        resolve();
      });
    });
    this.#transport.closeAll();
    await moved;
  }

  /** The answer to the next update gets lost, and the connection with it. */
  loseNextAnswer(): void {
    this.#losesNext = true;
  }

  #onReceive(messages: readonly Message[]): boolean {
    if (!this.#losesNext || !messages.some(({ kind }) => kind === 'updated')) return true;
    this.#losesNext = false;
    this.lostAnswers++;
    this.#transport.closeAll();
    return false;
  }
}
