/**
 * Keeps one connection to one address: dials, hands the connection over, and dials again when it ends.
 * The pause before the next try is drawn from a range that grows with each failure (decorrelated
 * jitter), so that many who lost the same peer do not come back all at once. At any time there is at
 * most one dial, one connection or one pause.
 */

import { LIMITS } from '../base/limits.js';
import type { Random } from '../base/random.js';
import type { Scheduler, TimerHandle } from '../ports/scheduler.js';
import type { CloseReason, Connection, Transport } from '../ports/transport.js';

export interface DialerInit {
  readonly transport: Transport;
  readonly address: string;
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** Gets each new connection; sets its handlers at once, as with `dial`. */
  readonly onConnection: (connection: Connection) => void;
  /** Told in words why a dial failed; how a connection ended is told to its own `onClose`. */
  readonly onFailure?: (error: string) => void;
  /** @default LIMITS.reconnectMinMs */
  readonly minPauseMs?: number;
  /** @default LIMITS.reconnectMaxMs; a connection that lived this long makes the pauses short again */
  readonly maxPauseMs?: number;
}

/** Handle on a kept connection. */
export interface Dialer {
  /** Ends the connection, if there is one, and dials no more. */
  stop(): void;
}

/** Keeps a connection to `address` until it is stopped. Never throws: failures go to `onFailure`. */
export function keepConnected(init: DialerInit): Dialer {
  const dialer = new ConnectionKeeper(init);
  dialer.dial();
  return dialer;
}

/** The next pause: from `minMs` to three times the last one, at most `maxMs`; whole milliseconds. */
export function nextPauseMs(random: Random, lastMs: number, minMs: number, maxMs: number): number {
  const upToMs = Math.min(maxMs, lastMs * 3);
  return minMs + random.below(Math.max(1, upToMs - minMs + 1));
}

class ConnectionKeeper implements Dialer {
  readonly #init: DialerInit;
  readonly #minPauseMs: number;
  readonly #maxPauseMs: number;
  #pauseMs: number;
  #pause: TimerHandle | null = null;
  #connection: Connection | null = null;
  #isStopped = false;

  constructor(init: DialerInit) {
    this.#init = init;
    this.#minPauseMs = init.minPauseMs ?? LIMITS.reconnectMinMs;
    this.#maxPauseMs = init.maxPauseMs ?? LIMITS.reconnectMaxMs;
    this.#pauseMs = this.#minPauseMs;
  }

  dial(): void {
    this.#init.transport.dial(this.#init.address).then(
      (connection) => this.#onConnection(connection),
      (error: unknown) => this.#onFailure(error),
    );
  }

  stop(): void {
    this.#isStopped = true;
    this.#pause?.cancel();
    this.#connection?.close({ kind: 'going-away', message: 'no longer needed' });
  }

  #onConnection(connection: Connection): void {
    if (this.#isStopped) {
      connection.close({ kind: 'going-away', message: 'no longer needed' });
      return;
    }
    const { scheduler } = this.#init;
    const sinceMs = scheduler.monotonicMs();
    this.#connection = connection;
    const onEnd = () => {
      this.#connection = null;
      if (scheduler.monotonicMs() - sinceMs >= this.#maxPauseMs) this.#pauseMs = this.#minPauseMs;
      this.#dialLater();
    };
    this.#init.onConnection(new WatchedConnection(connection, onEnd));
  }

  #onFailure(error: unknown): void {
    if (this.#isStopped) return;
    this.#init.onFailure?.(error instanceof Error ? error.message : String(error));
    this.#dialLater();
  }

  #dialLater(): void {
    if (this.#isStopped) return;
    const { random, scheduler } = this.#init;
    this.#pauseMs = nextPauseMs(random, this.#pauseMs, this.#minPauseMs, this.#maxPauseMs);
    this.#pause = scheduler.after(this.#pauseMs, () => this.dial());
  }
}

/** A connection whose end two want to know of: its owner, who may change handlers, and the dialer. */
class WatchedConnection implements Connection {
  onFrame: (frame: Uint8Array) => void = () => {};
  onClose: (error: string | null) => void = () => {};
  readonly #inner: Connection;

  constructor(inner: Connection, onEnd: () => void) {
    this.#inner = inner;
    inner.onFrame = (frame) => this.onFrame(frame);
    inner.onClose = (error) => {
      this.onClose(error);
      onEnd();
    };
  }

  get remote(): string {
    return this.#inner.remote;
  }

  get bufferedBytes(): number {
    return this.#inner.bufferedBytes;
  }

  send(frame: Uint8Array): void {
    this.#inner.send(frame);
  }

  accepted(): void {
    this.#inner.accepted();
  }

  close(reason: CloseReason): void {
    this.#inner.close(reason);
  }
}
