/**
 * One connection on which questions are put and answers awaited, one after the other: what a process does
 * that is no replica yet, or looks for one.
 */

import { HearsayError } from '../base/errors.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { Connection, Transport } from '../ports/transport.js';
import { decodeFrame, encodeFrames } from '../wire/codec.js';
import type { Message } from '../wire/messages.js';

const CLOSED = new HearsayError('UNAVAILABLE', 'it closed the connection');

export class Conversation {
  readonly #connection: Connection;
  readonly #scheduler: Scheduler;
  readonly #arrived: Message[] = [];
  #end: HearsayError | null = null;
  /** Whoever waits for a message, or for the end. */
  #onArrival: () => void = () => {};

  /** Rejects where nobody answers at the address. */
  static async begin(
    transport: Transport,
    scheduler: Scheduler,
    address: string,
  ): Promise<Conversation> {
    return new Conversation(await transport.dial(address), scheduler);
  }

  private constructor(connection: Connection, scheduler: Scheduler) {
    this.#connection = connection;
    this.#scheduler = scheduler;
    connection.onFrame = (frame) => this.#onFrame(frame);
    connection.onClose = (error) => {
      this.#end ??= error === null ? CLOSED : new HearsayError('UNAVAILABLE', error);
      this.#onArrival();
    };
  }

  say(message: Message): void {
    for (const frame of encodeFrames([message])) this.#connection.send(frame);
  }

  /** The next message. Rejects with HearsayError: TIMEOUT, or what ended the connection. */
  async hear(withinMs: number): Promise<Message> {
    let isLate = false;
    const timer = this.#scheduler.after(withinMs, () => {
      isLate = true;
      this.#onArrival();
    });
    try {
      for (;;) {
        const message = this.#arrived.shift();
        if (message !== undefined) return message;
        if (this.#end !== null) throw this.#end;
        if (isLate) throw new HearsayError('TIMEOUT', `no answer within ${withinMs / 1000} s`);
        await new Promise<void>((resolve) => {
          this.#onArrival = resolve;
        });
      }
    } finally {
      timer.cancel();
    }
  }

  close(message: string): void {
    this.#end ??= CLOSED;
    this.#connection.close({ kind: 'normal', message });
    this.#onArrival();
  }

  #onFrame(frame: Uint8Array): void {
    try {
      this.#arrived.push(...decodeFrame(frame));
    } catch (error) {
      if (!(error instanceof HearsayError)) throw error;
      this.#end ??= error;
    }
    this.#onArrival();
  }
}
