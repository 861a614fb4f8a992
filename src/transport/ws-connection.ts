/**
 * One WebSocket connection, dialled or accepted: binary messages in, binary messages out. All frames
 * that are sent in one turn of the event loop leave in one system call; all that came with one read
 * are delivered in one turn. However it ends, `onClose` is called exactly once, with the first reason.
 */

import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { HearsayError } from '../base/errors.js';
import type { CloseReason, Connection } from '../ports/transport.js';
import type { Pulse } from './heartbeat.js';
import type { Nuisance } from './nuisances.js';
import {
  CLOSE_CODES,
  closeMessage,
  errorCodeOf,
  lostWords,
  ownCloseWords,
  peerCloseWords,
  SILENT_PEER_WORDS,
} from './words.js';
import type { TransportLimits } from './transport-limits.js';
import { UNSUPPORTED_DATA } from './ws-options.js';

export interface WebSocketConnectionComponents {
  readonly webSocket: WebSocket;
  /** What the WebSocket runs on: to count and to batch. */
  readonly socket: Socket;
  readonly remote: string;
  readonly limits: TransportLimits;
  /** Makes room for an accepted connection; false when there is none. */
  readonly admit: () => boolean;
  /** Called when the connection has ended and its owner was told. */
  readonly onEnded: () => void;
  readonly onNuisance: (kind: Nuisance, what: string) => void;
}

export class WebSocketConnection implements Connection, Pulse {
  readonly remote: string;
  onFrame: (frame: Uint8Array) => void = () => {};
  onClose: (error: string | null) => void = () => {};
  readonly #parts: WebSocketConnectionComponents;
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  #corked = false;
  /** Why this side ended the connection, as `onClose` will be told; undefined while it has not. */
  #verdict: string | null | undefined;
  #socketError: string | null = null;

  constructor(parts: WebSocketConnectionComponents) {
    this.#parts = parts;
    this.#webSocket = parts.webSocket;
    this.#socket = parts.socket;
    this.remote = parts.remote;
    this.#webSocket.on('message', (data, isBinary) => this.#onMessage(data as Buffer, isBinary));
    this.#webSocket.on('error', (error) => this.#onError(error));
    this.#webSocket.on('close', (code, reason) => this.#onEnd(code, reason.toString('utf8')));
    this.#socket.on('error', (error) => {
      this.#socketError = errorCodeOf(error);
    });
  }

  get bufferedBytes(): number {
    return this.isOpen ? this.#webSocket.bufferedAmount : 0;
  }

  /** False from the moment either side began to end it. */
  get isOpen(): boolean {
    return this.#webSocket.readyState === WebSocket.OPEN;
  }

  get receivedBytes(): number {
    return this.#socket.bytesRead;
  }

  /**
   * Sends one frame; after the end of the connection it does nothing. The bytes must not be changed
   * afterwards: they may not have left yet.
   *
   * @throws HearsayError TOO_LARGE, when it exceeds the bound of one frame; the connection lives on.
   */
  send(frame: Uint8Array): void {
    const { frameBytes, bufferedBytes } = this.#parts.limits;
    if (frame.length > frameBytes) {
      throw new HearsayError(
        'TOO_LARGE',
        `a frame of ${frame.length} bytes exceeds the limit of ${frameBytes}: split it`,
      );
    }
    if (!this.isOpen) return;
    this.#cork();
    this.#webSocket.send(frame);
    if (this.#webSocket.bufferedAmount > bufferedBytes) {
      const what = `it has left more than ${bufferedBytes} bytes unread`;
      this.#parts.onNuisance('slow-reader', `${this.remote} reads too slowly: ${what}`);
      this.#cut(`the peer reads too slowly: ${what}`);
    }
  }

  accepted(): void {
    if (!this.isOpen || this.#parts.admit()) return;
    this.close({
      kind: 'overloaded',
      message: 'no room for another connection: try again later or another address',
    });
  }

  close(reason: CloseReason): void {
    this.#say(CLOSE_CODES[reason.kind], reason.message, ownCloseWords(reason));
  }

  /** Closes and does not wait for the peer's goodbye: its place is needed, or it is past its time. */
  turnAway(reason: CloseReason): void {
    this.close(reason);
    this.#cut(reason.message);
  }

  ping(): void {
    if (this.isOpen) this.#webSocket.ping();
  }

  presumeDead(): void {
    this.#cut(SILENT_PEER_WORDS);
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    if (this.#verdict !== undefined) return;
    if (isBinary) {
      this.onFrame(data);
      return;
    }
    this.#parts.onNuisance('text', `${this.remote} sent a text frame; only binary ones are read`);
    const words = 'text frames are not read here: send binary ones';
    this.#say(UNSUPPORTED_DATA, words, `the peer sent a text frame: ${words}`);
  }

  /** The WebSocket layer found a broken frame; it has sent the close frame itself. */
  #onError(error: Error): void {
    const { code } = error as NodeJS.ErrnoException;
    if (this.#verdict !== undefined || code?.startsWith('WS_ERR_') !== true) return;
    const what =
      code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
        ? `sent a frame larger than ${this.#parts.limits.frameBytes} bytes`
        : `broke the WebSocket protocol: ${error.message}`;
    this.#verdict = `the peer ${what}`;
    this.#parts.onNuisance('bad-frame', `${this.remote} ${what}`);
  }

  #onEnd(code: number, message: string): void {
    const NO_GOODBYE = 1006;
    const words =
      code === NO_GOODBYE ? lostWords(this.#socketError) : peerCloseWords(code, message);
    this.onClose(this.#verdict === undefined ? words : this.#verdict);
    this.#parts.onEnded();
  }

  /** Starts the closing handshake; the WebSocket cuts it short when the peer does not answer. */
  #say(code: number, message: string, verdict: string | null): void {
    if (!this.isOpen) return;
    this.#verdict ??= verdict;
    this.#webSocket.close(code, closeMessage(message));
  }

  /** Ends the connection at once. */
  #cut(verdict: string): void {
    if (this.#verdict === undefined) this.#verdict = verdict;
    this.#uncork();
    this.#webSocket.terminate();
  }

  /** Holds back what is written until this turn of the event loop is over: one call for many frames. */
  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
    process.nextTick(() => this.#uncork());
  }

  #uncork(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#socket.uncork();
  }
}
