/**
 * One connection through a proxy: two sockets and what passes between them. A piece is read only when
 * the one before it has left, so senders feel that a link is slow. That one side is gone is news that
 * travels like bytes: it does not get through a cut.
 */

import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lane } from './lane.js';

/** A narrow lane passes a part of what it may carry this often. */
const SLICE_MS = 50;

export interface ProxiedConnectionInit {
  /** The side that dialled, and the side that it reached. */
  readonly near: Socket;
  readonly far: Socket;
  readonly there: Lane;
  readonly back: Lane;
  readonly onTorn: () => void;
  /** Both sockets are closed. */
  readonly onEnd: () => void;
}

export class ProxiedConnection {
  readonly #init: ProxiedConnectionInit;
  /** Bytes of it were swallowed: nobody could make sense of what would follow. */
  #hasLost = false;
  #open = 2;

  constructor(init: ProxiedConnectionInit) {
    this.#init = init;
    const { near, far, there, back } = init;
    this.#carry(near, far, there);
    this.#carry(far, near, back);
  }

  get hasLost(): boolean {
    return this.#hasLost;
  }

  /** Both sides are told that the connection broke. */
  reset(): void {
    this.#init.near.resetAndDestroy();
    this.#init.far.resetAndDestroy();
  }

  #carry(source: Socket, sink: Socket, lane: Lane): void {
    let hasEnded = false;
    source.setNoDelay(true);
    source.on('data', (piece) => {
      source.pause();
      void this.#pass(piece, sink, lane).then(() => source.resume());
    });
    source.on('end', () => {
      hasEnded = true;
      void lane.untilPassable().then(() => {
        if (lane.conditions.passage === 'swallowed') this.#hasLost = true;
        else sink.end();
      });
    });
    // `close` follows every error, and tells what matters.
    source.on('error', () => {});
    source.on('close', () => {
      if (!hasEnded) void this.#break(sink, lane);
      if (--this.#open === 0) this.#init.onEnd();
    });
  }

  async #pass(piece: Buffer, sink: Socket, lane: Lane): Promise<void> {
    const { delayMs } = lane.conditions;
    if (delayMs > 0) await sleep(delayMs, undefined, { ref: false });
    await lane.untilPassable();
    if (lane.conditions.passage === 'swallowed') {
      this.#hasLost = true;
      return;
    }
    const kept = lane.takeTear(piece.length);
    if (kept !== null) {
      await write(sink, piece.subarray(0, kept));
      this.#init.onTorn();
      return this.reset();
    }
    let rest = piece;
    while (rest.length > 0 && !sink.destroyed) {
      const { bytesPerSecond } = lane.conditions;
      if (bytesPerSecond === null) return write(sink, rest);
      const slice = Math.max(1, Math.floor((bytesPerSecond * SLICE_MS) / 1000));
      await write(sink, rest.subarray(0, slice));
      rest = rest.subarray(slice);
      await sleep(SLICE_MS, undefined, { ref: false });
    }
  }

  async #break(sink: Socket, lane: Lane): Promise<void> {
    await lane.untilPassable();
    if (lane.conditions.passage === 'swallowed') this.#hasLost = true;
    else sink.resetAndDestroy();
  }
}

/** Resolves when the bytes have left this process, or cannot. */
const write = (sink: Socket, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve) => {
    sink.write(bytes, () => resolve());
  });
