/**
 * One port that serves WebSocket and HTTP GET. Every TCP connection is a guest from the moment it is
 * taken: silent sockets, half HTTP requests and WebSockets without hello are newcomers alike, with one
 * deadline and one bound (see admission.ts), so no way of saying nothing holds a place for long.
 * Every socket has an error handler from the first moment: no peer can end this process.
 */

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { FatalError } from '../base/errors.js';
import { LIMITS } from '../base/limits.js';
import type { Listener, ListenInit } from '../ports/transport.js';
import { ADDRESS_FORM, formatAddress, parseAddress } from './address.js';
import { Admission } from './admission.js';
import type { Heartbeat } from './heartbeat.js';
import { answerRequest, answerSocket } from './http-answers.js';
import { NuisanceReporter } from './nuisances.js';
import { errorCodeOf, listenWords } from './words.js';
import { WebSocketConnection } from './ws-connection.js';
import type { TransportLimits } from './transport-limits.js';
import { serverOptions } from './ws-options.js';

/** Connections that wait in the kernel to be taken: room for a crowd that comes at once. */
const BACKLOG = 4096;

/** One TCP connection and what has become of it. */
interface Guest {
  readonly socket: Socket;
  readonly remote: string;
  connection: WebSocketConnection | null;
}

export class WebSocketListener implements Listener {
  readonly #init: ListenInit;
  readonly #limits: TransportLimits;
  readonly #heartbeat: Heartbeat;
  readonly #nuisances: NuisanceReporter;
  readonly #admission: Admission<Guest>;
  readonly #guests = new Map<Duplex, Guest>();
  readonly #server: Server;
  readonly #webSocketServer: WebSocketServer;
  readonly #sweepTimer: NodeJS.Timeout;
  #address: string;
  #closed: Promise<void> | null = null;
  /** Told when the last guest has gone; set by closing. */
  #onEmpty: () => void = () => {};

  /** Binds the port; rejects with FatalError, in words, when that is not possible. */
  static async open(
    init: ListenInit,
    limits: TransportLimits,
    heartbeat: Heartbeat,
  ): Promise<WebSocketListener> {
    const parsed = parseAddress(init.address);
    if (parsed === null) {
      throw new FatalError(`"${init.address}" is no address to listen on: give ${ADDRESS_FORM}`);
    }
    const listener = new WebSocketListener(init, limits, heartbeat);
    try {
      await listener.#bind(parsed.host, parsed.port);
    } catch (cause) {
      clearInterval(listener.#sweepTimer);
      throw new FatalError(listenWords(init.address, errorCodeOf(cause)), { cause });
    }
    return listener;
  }

  private constructor(init: ListenInit, limits: TransportLimits, heartbeat: Heartbeat) {
    this.#init = init;
    this.#limits = limits;
    this.#heartbeat = heartbeat;
    this.#address = init.address;
    this.#nuisances = new NuisanceReporter((what) => init.onNuisance?.(what));
    this.#admission = new Admission({
      capacity: limits.connections,
      reserve: limits.newcomers,
      patienceMs: limits.helloMs,
    });
    this.#webSocketServer = new WebSocketServer(serverOptions(limits));
    this.#webSocketServer.on('wsClientError', (error, socket, request) => {
      this.#nuisances.report('bad-upgrade', `${this.#nameOf(socket)}: ${error.message}`);
      answerSocket(socket, request.method === 'GET' ? 400 : 405, error.message);
    });
    this.#server = createServer({
      maxHeaderSize: LIMITS.httpHeaderBytes,
      // The sweep below is the one deadline for all newcomers, also for half-sent requests.
      requestTimeout: 0,
      headersTimeout: 0,
      noDelay: true,
    });
    this.#server.maxRequestsPerSocket = 1;
    this.#server.on('connection', (socket) => this.#onSocket(socket));
    this.#server.on('request', (request, response) => {
      const onHttp = init.onHttp ?? (async () => null);
      void answerRequest(request, response, onHttp, (path, error) =>
        init.onNuisance?.(`cannot answer GET ${path}: ${errorCodeOf(error)}`),
      );
    });
    this.#server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head));
    this.#server.on('clientError', (error, socket) => this.#onClientError(error, socket));
    const sweepMs = Math.min(500, Math.ceil(limits.helloMs / 10));
    this.#sweepTimer = setInterval(() => this.#sweep(), sweepMs).unref();
  }

  get address(): string {
    return this.#address;
  }

  close(): Promise<void> {
    this.#closed ??= this.#endAll();
    return this.#closed;
  }

  /** Takes no more connections and ends all there are; done when every owner has been told. */
  async #endAll(): Promise<void> {
    const isUnbound = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const isEmpty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
      if (this.#guests.size === 0) resolve();
    });
    for (const { connection, socket } of this.#guests.values()) {
      if (connection === null) socket.destroy();
      else connection.close({ kind: 'going-away', message: 'this process is shutting down' });
    }
    const deadline = setTimeout(() => {
      for (const { socket } of this.#guests.values()) socket.destroy();
    }, this.#limits.closeMs);
    await Promise.all([isUnbound, isEmpty]);
    clearTimeout(deadline);
    clearInterval(this.#sweepTimer);
    this.#nuisances.endPeriod();
  }

  #bind(host: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port, backlog: BACKLOG }, () => {
        this.#server.off('error', reject);
        this.#server.on('error', (error) =>
          this.#nuisances.report(
            'accept-failed',
            `cannot take a connection (${errorCodeOf(error)}): are there too few file descriptors?`,
          ),
        );
        const bound = this.#server.address() as AddressInfo;
        this.#address = formatAddress({ host, port: bound.port });
        resolve();
      });
    });
  }

  #onSocket(socket: Socket): void {
    const remote = formatAddress({
      host: socket.remoteAddress ?? 'unknown',
      port: socket.remotePort ?? 0,
    });
    const guest: Guest = { socket, remote, connection: null };
    socket.on('error', () => {});
    socket.once('close', () => {
      if (guest.connection === null) this.#onGone(guest);
    });
    this.#guests.set(socket, guest);
    const evicted = this.#admission.arrive(guest, performance.now());
    if (evicted === null) return;
    this.#nuisances.report(
      'evicted',
      `${this.#limits.connections} connections: ${evicted.remote}, the oldest without hello, had to go`,
    );
    turnAway(evicted, 'too many connections, and this one was the oldest without hello');
  }

  #onGone(guest: Guest): void {
    this.#guests.delete(guest.socket);
    this.#admission.leave(guest);
    if (this.#guests.size === 0) this.#onEmpty();
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const guest = this.#guests.get(socket);
    if (guest === undefined || this.#closed !== null) {
      socket.destroy();
      return;
    }
    if (this.#admission.isFull) {
      this.#nuisances.report('full', `no room for ${guest.remote}: all places are taken`);
      answerSocket(socket, 503, 'no room for another connection: try again later');
      return;
    }
    this.#webSocketServer.handleUpgrade(request, socket, head, (webSocket) => {
      const connection: WebSocketConnection = new WebSocketConnection({
        webSocket,
        socket: guest.socket,
        remote: guest.remote,
        limits: this.#limits,
        admit: () => this.#admission.accept(guest),
        onEnded: () => {
          this.#heartbeat.remove(connection);
          this.#onGone(guest);
        },
        onNuisance: (kind, what) => this.#nuisances.report(kind, what),
      });
      guest.connection = connection;
      this.#heartbeat.add(connection);
      this.#boundHello(guest, connection);
      this.#init.onConnection(connection);
    });
  }

  /** Who has not said hello must not fill the memory with the beginnings of large frames. */
  #boundHello(guest: Guest, connection: WebSocketConnection): void {
    const { helloBytes } = this.#limits;
    const look = () => {
      if (this.#admission.isAccepted(guest)) {
        guest.socket.off('data', look);
      } else if (connection.isOpen && connection.receivedBytes > helloBytes) {
        const what = `sent more than ${helloBytes} bytes before its hello was accepted`;
        this.#nuisances.report('long-hello', `${guest.remote} ${what}`);
        connection.turnAway({
          kind: 'too-large',
          message: `more than ${helloBytes} bytes came before an accepted hello`,
        });
      }
    };
    guest.socket.on('data', look);
  }

  #onClientError(error: Error, socket: Duplex): void {
    const code = errorCodeOf(error);
    // A peer that went away, or one that was already answered, is no news.
    if (code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const tooLong = code === 'HPE_HEADER_OVERFLOW';
    const words = tooLong
      ? `the HTTP header is longer than ${LIMITS.httpHeaderBytes} bytes`
      : 'this is neither HTTP nor WebSocket';
    this.#nuisances.report('not-http', `${this.#nameOf(socket)}: ${words} (${code})`);
    answerSocket(socket, tooLong ? 431 : 400, words);
  }

  #sweep(): void {
    const { helloMs } = this.#limits;
    for (const guest of this.#admission.takeOverdue(performance.now())) {
      const what = guest.connection === null ? 'made no request' : 'said no hello';
      this.#nuisances.report('silent', `${guest.remote} ${what} within ${helloMs} ms: closed`);
      turnAway(guest, `no hello within ${helloMs} ms`);
    }
    this.#nuisances.endPeriod();
  }

  #nameOf(socket: Duplex): string {
    return this.#guests.get(socket)?.remote ?? 'somebody';
  }
}

function turnAway(guest: Guest, message: string): void {
  if (guest.connection === null) guest.socket.destroy();
  else guest.connection.turnAway({ kind: 'overloaded', message });
}
