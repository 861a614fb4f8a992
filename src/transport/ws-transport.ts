/**
 * The transport of real processes: binary WebSocket messages over TCP, with HTTP GET on the same port.
 * It never emits an unhandled error: what a peer does wrong ends that peer's connection, in words.
 *
 * @example
 * const transport = new WebSocketTransport();
 * const listener = await transport.listen({ address: '127.0.0.1:0', onConnection: serve });
 * const connection = await transport.dial(listener.address);
 */

import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Connection, Listener, ListenInit, Transport } from '../ports/transport.js';
import { ADDRESS_FORM, formatAddress, parseAddress } from './address.js';
import { Heartbeat } from './heartbeat.js';
import { dialWords, errorCodeOf, timeoutWords } from './words.js';
import { WebSocketConnection } from './ws-connection.js';
import { WebSocketListener } from './ws-listener.js';
import { type TransportLimits, withDefaults } from './transport-limits.js';
import { openWebSocket } from './ws-options.js';

/** Bounds that differ from those of src/base/limits.ts. @default none does */
export type WebSocketTransportInit = Partial<TransportLimits>;

/** A silent peer is dead after 4 to 5 rounds: between 8 and 10 s as it comes. */
const SILENT_ROUNDS = 4;

export class WebSocketTransport implements Transport {
  readonly #limits: TransportLimits;
  readonly #heartbeat: Heartbeat;

  constructor(init: WebSocketTransportInit = {}) {
    this.#limits = withDefaults(init);
    this.#heartbeat = new Heartbeat({
      roundMs: this.#limits.deadPeerMs / (SILENT_ROUNDS + 1),
      silentRounds: SILENT_ROUNDS,
    });
  }

  listen(init: ListenInit): Promise<Listener> {
    return WebSocketListener.open(init, this.#limits, this.#heartbeat);
  }

  /** Connects to `HOST:PORT` or `ws://HOST:PORT`; the message of a rejection says why, in words. */
  dial(address: string): Promise<Connection> {
    const parsed = parseAddress(address);
    if (parsed === null) {
      return Promise.reject(new Error(`"${address}" is no address to dial: give ${ADDRESS_FORM}`));
    }
    const remote = formatAddress(parsed);
    const { dialMs } = this.#limits;
    return new Promise((resolve, reject) => {
      const webSocket = openWebSocket(`ws://${remote}`, this.#limits);
      let socket: Socket | null = null;
      let late = false;
      const deadline = setTimeout(() => {
        late = true;
        webSocket.terminate();
      }, dialMs);
      const onError = (cause: Error) => {
        clearTimeout(deadline);
        const words = late ? timeoutWords(remote, dialMs) : refusalWords(remote, cause);
        reject(new Error(words, { cause }));
      };
      // Not `once`: a second error after the first must find a listener, too.
      webSocket.on('error', onError);
      webSocket.once('upgrade', (response) => {
        socket = response.socket;
      });
      webSocket.once('open', () => {
        clearTimeout(deadline);
        webSocket.off('error', onError);
        if (socket !== null) resolve(this.#handOver(webSocket, socket, remote));
      });
    });
  }

  #handOver(webSocket: WebSocket, socket: Socket, remote: string): Connection {
    const connection: WebSocketConnection = new WebSocketConnection({
      webSocket,
      socket,
      remote,
      limits: this.#limits,
      admit: () => true,
      onEnded: () => this.#heartbeat.remove(connection),
      onNuisance: () => {},
    });
    this.#heartbeat.add(connection);
    // Frames that came together with the handshake wait until the owner, who gets the connection
    // through a promise, has set its handlers.
    webSocket.pause();
    setImmediate(() => webSocket.resume());
    return connection;
  }
}

/** Why the handshake failed: the system's error, or an HTTP status instead of a WebSocket. */
function refusalWords(remote: string, error: Error): string {
  const status = /^Unexpected server response: (\d{3})$/.exec(error.message)?.[1];
  if (status === undefined) return dialWords(remote, errorCodeOf(error));
  return status === '503'
    ? `${remote} has no room for another connection`
    : `${remote} speaks HTTP, but not our WebSocket (status ${status})`;
}
