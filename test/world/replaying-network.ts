/**
 * Writes down every frame that replicas send each other, and delivers any of them again whenever the test
 * says so: on the connection that the two have then, as if it had just come. Hellos are left out, since
 * a connection begins with one of its own.
 */

import type { Connection, Listener, ListenInit, Transport } from '../../src/ports/transport.js';

export interface WrittenFrame {
  readonly from: string;
  readonly to: string;
  readonly bytes: Uint8Array;
}

export class ReplayingNetwork {
  readonly frames: WrittenFrame[] = [];
  /** The newest connection of each pair, by `from>to`, as `to` has it. */
  readonly #connections = new Map<string, ListeningConnection>();

  /** Listens to what this host hears from replicas. */
  listening(host: string, transport: Transport): Transport {
    const wrap = (connection: Connection): Connection => {
      const [from = ''] = connection.remote.split(':');
      if (!from.startsWith('rm-')) return connection;
      const listening = new ListeningConnection(connection, (bytes) => {
        this.frames.push({ from, to: host, bytes });
      });
      this.#connections.set(`${from}>${host}`, listening);
      return listening;
    };
    return {
      listen: (init: ListenInit): Promise<Listener> =>
        transport.listen({
          ...init,
          onConnection: (connection) => init.onConnection(wrap(connection)),
        }),
      dial: async (address) => wrap(await transport.dial(address)),
    };
  }

  /** Delivers a frame once more; false when the two have no connection. */
  replay({ from, to, bytes }: WrittenFrame): boolean {
    return this.#connections.get(`${from}>${to}`)?.deliver(bytes.slice()) ?? false;
  }
}

class ListeningConnection implements Connection {
  onFrame: (frame: Uint8Array) => void = () => {};
  onClose: (error: string | null) => void = () => {};
  readonly #inner: Connection;
  #isGreeted = false;
  #isOpen = true;

  constructor(inner: Connection, onFrame: (frame: Uint8Array) => void) {
    this.#inner = inner;
    inner.onFrame = (frame) => {
      if (this.#isGreeted) onFrame(frame);
      this.#isGreeted = true;
      this.onFrame(frame);
    };
    inner.onClose = (error) => {
      this.#isOpen = false;
      this.onClose(error);
    };
  }

  get remote(): string {
    return this.#inner.remote;
  }

  get bufferedBytes(): number {
    return this.#inner.bufferedBytes;
  }

  deliver(frame: Uint8Array): boolean {
    if (!this.#isOpen || !this.#isGreeted) return false;
    this.onFrame(frame);
    return true;
  }

  send(frame: Uint8Array): void {
    this.#inner.send(frame);
  }

  accepted(): void {
    this.#inner.accepted();
  }

  close(reason: Parameters<Connection['close']>[0]): void {
    this.#inner.close(reason);
  }
}
