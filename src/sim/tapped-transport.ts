/**
 * A transport that shows somebody every message of its process's connections, and can lose frames or
 * end the connections at a chosen moment: for what is checked on the wire, and for faults between two
 * given messages. It wraps the network in memory as well as the real one.
 */

import type {
  CloseReason,
  Connection,
  Listener,
  ListenInit,
  Transport,
} from '../ports/transport.js';
import { decodeFrame } from '../wire/codec.js';
import type { Message } from '../wire/messages.js';

export interface Tap {
  /** Asked of every frame that is to be sent; false = it is lost. */
  readonly onSend?: (messages: readonly Message[]) => boolean;
  /** Asked of every frame that came; false = it is lost. */
  readonly onReceive?: (messages: readonly Message[]) => boolean;
}

export class TappedTransport implements Transport {
  readonly #inner: Transport;
  readonly #tapOf: () => Tap;
  readonly #connections = new Set<TappedConnection>();

  /** One tap for all connections, or one made for each. */
  constructor(inner: Transport, tap: Tap | (() => Tap)) {
    this.#inner = inner;
    this.#tapOf = typeof tap === 'function' ? tap : () => tap;
  }

  listen(init: ListenInit): Promise<Listener> {
    const onConnection = (connection: Connection) => init.onConnection(this.#tapped(connection));
    return this.#inner.listen({ ...init, onConnection });
  }

  async dial(address: string): Promise<Connection> {
    return this.#tapped(await this.#inner.dial(address));
  }

  /** Ends all connections. */
  closeAll(): void {
    for (const connection of this.#connections) {
      connection.close({ kind: 'going-away', message: 'the test cut this line' });
    }
  }

  #tapped(inner: Connection): TappedConnection {
    const onEnded = (): void => {
      this.#connections.delete(tapped);
    };
    const tapped = new TappedConnection(inner, this.#tapOf(), onEnded);
    this.#connections.add(tapped);
    return tapped;
  }
}

class TappedConnection implements Connection {
  onFrame: (frame: Uint8Array) => void = () => {};
  onClose: (error: string | null) => void = () => {};
  readonly #inner: Connection;
  readonly #tap: Tap;

  constructor(inner: Connection, tap: Tap, onEnded: () => void) {
    this.#inner = inner;
    this.#tap = tap;
    inner.onFrame = (frame) => {
      if (tap.onReceive?.(decodeFrame(frame)) !== false) this.onFrame(frame);
    };
    inner.onClose = (error) => {
      onEnded();
      this.onClose(error);
    };
  }

  get remote(): string {
    return this.#inner.remote;
  }

  get bufferedBytes(): number {
    return this.#inner.bufferedBytes;
  }

  send(frame: Uint8Array): void {
    if (this.#tap.onSend?.(decodeFrame(frame)) !== false) this.#inner.send(frame);
  }

  accepted(): void {
    this.#inner.accepted();
  }

  close(reason: CloseReason): void {
    this.#inner.close(reason);
  }
}
