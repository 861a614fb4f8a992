/**
 * A client's connection to whichever front end answers, of those it was given and those that front ends
 * have told of since: hello, frames, and the next front end when one goes away. What is sent while there
 * is none is dropped: the session sends it again.
 */

import { HearsayError } from '../base/errors.js';
import type { Random } from '../base/random.js';
import type { Discovery } from '../ports/discovery.js';
import type { Scheduler, TimerHandle } from '../ports/scheduler.js';
import type { Connection, Transport } from '../ports/transport.js';
import { decodeFrame, encodeFrames, PROTOCOL_VERSIONS } from '../wire/codec.js';
import type {
  ClientToFrontend,
  FrontendHello,
  FrontendToClient,
  Message,
} from '../wire/messages.js';

export type FrontendMessage = ClientToFrontend;

/** Pauses between attempts: jittered, doubling from the first to the last. */
const PAUSE_FIRST_MS = 20;
const PAUSE_LAST_MS = 1000;

/** A front end that has not answered a dial or our hello after this long is passed by for the next one. */
const PATIENCE_MS = 1000;
/** The same for the only one there is. */
const PATIENCE_ALONE_MS = 5000;

interface Components {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly transport: Transport;
  /** Names front ends, beside those that are given; what it names changes. */
  readonly discovery?: Discovery;
}

interface Handlers {
  readonly onUp: (address: string) => void;
  readonly onDown: () => void;
  readonly onMessage: (message: FrontendToClient) => void;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: HearsayError) => void;
  readonly timer: TimerHandle;
}

/** An address without the scheme that people write, to compare it with. */
const plain = (address: string): string => address.replace(/^ws:\/\//, '').replace(/\/$/, '');

export class FrontendConnection {
  readonly handlers: Handlers;
  readonly #components: Components;
  readonly #addresses: readonly string[];
  /** Others that the last front end told of. */
  #told: readonly string[] = [];
  /** The address dialled last. */
  #last: string | null = null;
  #pauseMs = PAUSE_FIRST_MS;
  #connection: Connection | null = null;
  #address: string | null = null;
  #frontend: FrontendHello | null = null;
  #outbox: ClientToFrontend[] = [];
  #timer: TimerHandle | null = null;
  #waiter: Waiter | null = null;
  #lastTrouble = 'no attempt was made';
  #isClosed = false;

  constructor(components: Components, addresses: readonly string[], handlers: Handlers) {
    this.#components = components;
    this.#addresses = addresses;
    this.handlers = handlers;
    this.#dial();
  }

  /** The hello of the front end last talked to; it stays while the connection is lost. */
  get frontend(): FrontendHello | null {
    return this.#frontend;
  }

  /** The address in use, or null while there is no connection. */
  get address(): string | null {
    return this.#address;
  }

  /** There is another front end to go to. */
  get hasOthers(): boolean {
    return this.#all.length > 1;
  }

  /**
   * Takes in which front ends there are, as the one in use tells. Those given at the start stay in the
   * list; of others the last word counts, unless it names none.
   */
  learn(addresses: readonly string[]): void {
    const given = new Set(this.#given.map(plain));
    const others = addresses.filter((address) => !given.has(plain(address)));
    if (others.length > 0) this.#told = others;
  }

  ready(timeoutMs: number): Promise<void> {
    if (this.#address !== null) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = this.#components.scheduler.after(timeoutMs, () => {
        const given = this.#given;
        const where = given.length === 0 ? '' : ` at ${given.join(', ')}`;
        this.#refuse(new HearsayError('UNAVAILABLE', `no front end${where}: ${this.#lastTrouble}`));
      });
      this.#waiter = { resolve, reject, timer };
    });
  }

  send(message: ClientToFrontend): void {
    if (this.#address === null) return;
    if (this.#outbox.push(message) === 1) this.#components.scheduler.soon(() => this.#flush());
  }

  /** Goes to the next front end: this one does not answer, so its goodbye is not waited for either. */
  leave(why = 'no answers came'): void {
    const connection = this.#connection;
    if (connection === null) return;
    connection.onFrame = () => {};
    connection.onClose = () => {};
    connection.close({ kind: 'going-away', message: why });
    this.#onClose(why);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#waiter?.timer.cancel();
    this.#flush();
    const connection = this.#connection;
    if (connection === null) return;
    await new Promise<void>((resolve) => {
      connection.onClose = () => resolve();
      connection.close({ kind: 'normal', message: 'the client is done' });
    });
  }

  /** Those given at the start, and those that discovery names now. */
  get #given(): readonly string[] {
    return [...this.#addresses, ...(this.#components.discovery?.addresses() ?? [])];
  }

  /** All there are to go to, each once. */
  get #all(): readonly string[] {
    const known = new Map<string, string>();
    for (const address of [...this.#given, ...this.#told]) {
      if (!known.has(plain(address))) known.set(plain(address), address);
    }
    return [...known.values()];
  }

  #dial(): void {
    const all = this.#all;
    const next = this.#last === null ? 0 : all.indexOf(this.#last) + 1;
    const address = all[next % all.length];
    if (address === undefined) {
      return this.#retry(this.#components.discovery?.trouble ?? 'none is known yet');
    }
    this.#last = address;
    let isLate = false;
    const giveUp = (why: string): void => {
      this.#timer?.cancel();
      isLate = true;
      this.#retry(why);
    };
    this.#timer = this.#components.scheduler.after(this.#patienceMs, () => {
      giveUp(`${address} does not answer`);
    });
    this.#components.transport.dial(address).then(
      (connection) => {
        if (isLate) {
          connection.onFrame = () => {};
          return connection.close({ kind: 'going-away', message: 'this came too late' });
        }
        this.#timer?.cancel();
        this.#onConnection(connection, address);
      },
      (error: unknown) => {
        if (!isLate) giveUp(error instanceof Error ? error.message : String(error));
      },
    );
  }

  /** How long a front end may take to answer a dial, and then our hello, ms. */
  get #patienceMs(): number {
    return this.hasOthers ? PATIENCE_MS : PATIENCE_ALONE_MS;
  }

  #onConnection(connection: Connection, address: string): void {
    if (this.#isClosed) {
      return connection.close({ kind: 'normal', message: 'the client is done' });
    }
    this.#connection = connection;
    connection.onFrame = (frame) => this.#onFrame(connection, address, frame);
    connection.onClose = (error) => this.#onClose(error ?? 'the front end closed the connection');
    const hello = {
      kind: 'hello',
      role: 'client',
      protocol: PROTOCOL_VERSIONS,
      service: '',
    } as const;
    for (const frame of encodeFrames([hello])) connection.send(frame);
    const onSilence = (): void => this.leave('no hello came');
    this.#timer = this.#components.scheduler.after(this.#patienceMs, onSilence);
  }

  #onFrame(connection: Connection, address: string, frame: Uint8Array): void {
    let messages: Message[];
    try {
      messages = decodeFrame(frame);
    } catch (error) {
      if (!(error instanceof HearsayError)) throw error;
      return connection.close({ kind: 'protocol-error', message: error.message });
    }
    for (const message of messages) this.#onMessage(connection, address, message);
  }

  #onMessage(connection: Connection, address: string, message: Message): void {
    switch (message.kind) {
      case 'hello':
        if (message.role === 'frontend') return this.#onHello(connection, address, message);
        return this.#refuse(new HearsayError('INVALID', `${address} is no front end`));
      case 'rejected':
        this.#lastTrouble = `${address}: ${message.message}`;
        return this.#refuse(new HearsayError(message.code, this.#lastTrouble));
      case 'updated':
      case 'answered':
      case 'looked-up':
      case 'failed':
      case 'status-report':
      case 'members-changed':
      case 'frontends':
      case 'events':
        return this.handlers.onMessage(message);
      default:
        connection.close({
          kind: 'protocol-error',
          message: `${message.kind} is not for a client`,
        });
    }
  }

  #onHello(connection: Connection, address: string, hello: FrontendHello): void {
    this.#timer?.cancel();
    connection.accepted();
    this.#frontend = hello;
    this.#address = address;
    this.#pauseMs = PAUSE_FIRST_MS;
    this.#waiter?.timer.cancel();
    this.#waiter?.resolve();
    this.#waiter = null;
    this.handlers.onUp(address);
  }

  #onClose(why: string): void {
    this.#timer?.cancel();
    this.#connection = null;
    this.#outbox = [];
    const wasUp = this.#address !== null;
    this.#address = null;
    if (wasUp) this.handlers.onDown();
    this.#retry(why);
  }

  #retry(why: string): void {
    this.#lastTrouble = why;
    if (this.#isClosed) return;
    const { random, scheduler, discovery } = this.#components;
    discovery?.refresh();
    const pauseMs = this.#pauseMs / 2 + random.below(Math.ceil(this.#pauseMs / 2));
    this.#pauseMs = Math.min(2 * this.#pauseMs, PAUSE_LAST_MS);
    this.#timer = scheduler.after(pauseMs, () => this.#dial());
  }

  /** The first connection cannot be had: whoever waits for it is told. */
  #refuse(error: HearsayError): void {
    const waiter = this.#waiter;
    this.#waiter = null;
    waiter?.timer.cancel();
    waiter?.reject(error);
  }

  #flush(): void {
    const messages = this.#outbox;
    this.#outbox = [];
    if (this.#connection === null) return;
    for (const frame of encodeFrames(messages)) this.#connection.send(frame);
  }
}
