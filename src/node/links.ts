/**
 * A process's connections: each has a number, says hello first, and gathers messages until the next
 * flush, so that all that one turn of the event loop has to say to one peer goes in one frame.
 */

import { HearsayError } from '../base/errors.js';
import { LIMITS } from '../base/limits.js';
import type { CloseReason, Connection } from '../ports/transport.js';
import { isDeparture } from '../transport/words.js';
import { decodeFrame, encodeFrames } from '../wire/codec.js';
import type { Hello, Message, Rejected } from '../wire/messages.js';
import type { LinkTrouble } from './trouble-log.js';

export type LinkId = number;

export interface LinkHandlers {
  /** The other side's hello; answers why it is refused, or null to go on. */
  onHello(link: LinkId, hello: Hello): HearsayError | null;
  onMessage(link: LinkId, message: Message, from: Hello['role']): void;
  /** Called once for each link whose hello was accepted. */
  onDown(link: LinkId): void;
  /** What came that was wrong, or why a connection ended. */
  onTrouble(trouble: LinkTrouble): void;
  /** There is something to send: call `flush` once the present input has been taken in. */
  onDirty(): void;
}

interface Link {
  readonly id: LinkId;
  readonly connection: Connection;
  readonly outbox: Message[];
  /** Who is at the other end, once its hello was accepted. */
  role: Hello['role'] | null;
  /** What it calls itself, accepted or not; clients have no names. */
  name: string | null;
  /** The reason of its end has been told: by the other side, or by this one to it. */
  isRejected: boolean;
}

const CLOSE_KINDS: Partial<Record<Rejected['code'], CloseReason['kind']>> = {
  VERSION: 'version',
  TOO_LARGE: 'too-large',
  OVERLOADED: 'overloaded',
};

export class Links {
  readonly #handlers: LinkHandlers;
  readonly #links = new Map<LinkId, Link>();
  readonly #dirty = new Set<Link>();
  #nextId: LinkId = 1;

  /** What was sent since the start, bytes by the role of who got them: for metrics. */
  readonly sent = {
    frames: 0,
    messages: 0,
    bytes: { client: 0, frontend: 0, replica: 0, joiner: 0 },
  };

  constructor(handlers: LinkHandlers) {
    this.#handlers = handlers;
  }

  get size(): number {
    return this.#links.size;
  }

  /** Takes over a connection, one dialled or one accepted. Its hello is awaited. */
  add(connection: Connection): LinkId {
    const link: Link = {
      id: this.#nextId++,
      connection,
      outbox: [],
      role: null,
      name: null,
      isRejected: false,
    };
    this.#links.set(link.id, link);
    connection.onFrame = (frame) => this.#onFrame(link, frame);
    connection.onClose = (error) => this.#onClose(link, error);
    return link.id;
  }

  /** Queues a message; one for a link that is gone is dropped. */
  send(id: LinkId, message: Message): void {
    const link = this.#links.get(id);
    if (link === undefined) return;
    link.outbox.push(message);
    if (this.#dirty.size === 0) this.#handlers.onDirty();
    this.#dirty.add(link);
  }

  /** Sends what was queued: one frame a link, or several past the limits. */
  flush(): void {
    for (const link of this.#dirty) {
      const messages = link.outbox.splice(0);
      for (const frame of framesOf(messages, this.#handlers)) {
        // What would be cut off anyhow is not queued on top.
        if (link.connection.bufferedBytes > LIMITS.bufferedBytes) break;
        if (link.role !== null) this.sent.bytes[link.role] += frame.length;
        this.sent.frames++;
        link.connection.send(frame);
      }
      this.sent.messages += messages.length;
      if (link.connection.bufferedBytes > LIMITS.bufferedBytes) {
        this.reject(link.id, new HearsayError('OVERLOADED', 'this connection reads too slowly'));
      }
    }
    this.#dirty.clear();
  }

  /** Says why, then closes. It is ordinary that one is not needed now, or there is nothing to have yet. */
  reject(id: LinkId, error: HearsayError, isOrdinary = error.code === 'UNAVAILABLE'): void {
    const link = this.#links.get(id);
    if (link === undefined || link.isRejected) return;
    link.isRejected = true;
    const { code, message } = error;
    this.#tell(link, isOrdinary, `: ${code}: ${message}`);
    for (const frame of encodeFrames([{ kind: 'rejected', code, message }])) {
      link.connection.send(frame);
    }
    this.close(id, { kind: CLOSE_KINDS[code] ?? 'protocol-error', message });
  }

  close(id: LinkId, reason: CloseReason): void {
    this.#links.get(id)?.connection.close(reason);
  }

  closeAll(message: string): void {
    for (const id of [...this.#links.keys()]) this.close(id, { kind: 'going-away', message });
  }

  #onFrame(link: Link, frame: Uint8Array): void {
    let messages: Message[];
    try {
      messages = decodeFrame(frame);
    } catch (error) {
      if (!(error instanceof HearsayError)) throw error;
      return this.reject(link.id, error);
    }
    for (const message of messages) {
      if (!this.#links.has(link.id) || link.isRejected) return;
      if (message.kind === 'rejected') this.#onRejected(link, message);
      else if (message.kind === 'hello') this.#onHello(link, message);
      else if (link.role !== null) this.#handlers.onMessage(link.id, message, link.role);
      else {
        const what = `${message.kind} before hello; a connection begins with a hello`;
        this.reject(link.id, new HearsayError('INVALID', what));
      }
    }
  }

  /** The other side has said why it will not talk, and closes. */
  #onRejected(link: Link, { code, message }: Rejected): void {
    link.isRejected = true;
    this.#tell(link, code === 'UNAVAILABLE', ` refused us: ${code}: ${message}`);
    this.close(link.id, { kind: 'normal', message: 'refused' });
  }

  #onHello(link: Link, hello: Hello): void {
    if (link.role !== null) {
      const what = 'a second hello came; a connection has one';
      return this.reject(link.id, new HearsayError('INVALID', what));
    }
    link.name = hello.role === 'client' ? null : hello.name;
    const refusal = this.#handlers.onHello(link.id, hello);
    // A joiner of another cluster was given a wrong address: it cannot know, who started it should.
    const isOrdinary = refusal?.code === 'UNAVAILABLE' && hello.role !== 'joiner';
    if (refusal !== null) return this.reject(link.id, refusal, isOrdinary);
    link.role = hello.role;
    link.connection.accepted();
  }

  #onClose(link: Link, error: string | null): void {
    this.#links.delete(link.id);
    this.#dirty.delete(link);
    if (error !== null && !link.isRejected) {
      this.#tell(link, isDeparture(error), `: ${error}`);
    }
    if (link.role !== null) this.#handlers.onDown(link.id);
  }

  #tell({ connection, name }: Link, isOrdinary: boolean, words: string): void {
    const { remote } = connection;
    const who = name === null ? remote : `${name} (${remote})`;
    const level = isOrdinary ? 'detail' : 'warn';
    this.#handlers.onTrouble({ level, place: name ?? remote, words, line: `${who}${words}` });
  }
}

/** Frames for these messages. An answer that is too large becomes an error about its size. */
function framesOf(messages: readonly Message[], handlers: LinkHandlers): Uint8Array[] {
  try {
    return encodeFrames(messages);
  } catch (error) {
    if (!(error instanceof HearsayError) || error.code !== 'TOO_LARGE') throw error;
    if (messages.length > 1) return messages.flatMap((message) => framesOf([message], handlers));
    const line = `not sent: ${error.message}`;
    handlers.onTrouble({ level: 'warn', place: '', words: line, line });
    const [message] = messages;
    const { code } = error;
    if (message?.kind === 'answer') {
      const { requestId } = message;
      return encodeFrames([{ kind: 'declined', requestId, code, message: error.message }]);
    }
    if (message?.kind === 'answered') {
      const { requestId } = message;
      const failed = { kind: 'failed', requestId, code, message: error.message } as const;
      return encodeFrames([{ ...failed, definite: true }]);
    }
    return [];
  }
}
