/**
 * A front end of the test's own making that speaks the protocol to one replica: it can name any `prev`,
 * send an update to one replica only, and vanish. It works over the network in memory and over the
 * real one.
 */

import type { Name, SessionId } from '../../src/base/ids.js';
import { clusterOf } from '../../src/node/handshake.js';
import type { Connection, Transport } from '../../src/ports/transport.js';
import type { Service } from '../../src/service/define.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { decodeFrame, encodeFrames, PROTOCOL_VERSIONS } from '../../src/wire/codec.js';
import type {
  Acknowledged,
  Answer,
  Arguments,
  Declined,
  Message,
  Query,
  ReplicaHello,
  TraceEvent,
  Update,
} from '../../src/wire/messages.js';

export interface RawFrontendInit {
  readonly transport: Transport;
  /** Of the replica. */
  readonly address: string;
  readonly service: Service;
  /** Names of all members. */
  readonly members: readonly string[];
  /** For the stamps of its updates: those of the real world must be new. @default virtual time */
  readonly wallMs?: number;
}

/** What ends a request at a replica. */
export type FinalAnswer = Acknowledged | Answer | Declined;

export class RawFrontend {
  readonly hello: ReplicaHello;
  /** All that came, in its order. */
  readonly received: Message[] = [];
  readonly #connection: Connection;
  readonly #asked = new Map<number, (answer: FinalAnswer) => void>();
  readonly #wallMs: number;
  #nextRequestId = 1;

  /** Connects and waits for the replica's hello. */
  static async connect(init: RawFrontendInit): Promise<RawFrontend> {
    const { transport, address, service, members, wallMs = 1_700_000_000_000 } = init;
    const connection = await transport.dial(address);
    const replicaHello = new Promise<ReplicaHello>((resolve, reject) => {
      connection.onFrame = (frame) => {
        const [first] = decodeFrame(frame);
        if (first?.kind === 'hello' && first.role === 'replica') resolve(first);
        else reject(new Error(`the replica began with ${JSON.stringify(first)}`));
      };
    });
    const [frame] = encodeFrames([
      {
        kind: 'hello',
        role: 'frontend',
        protocol: PROTOCOL_VERSIONS,
        name: 'fe-raw' as Name,
        address: '',
        cluster: clusterOf(service, members),
        operations: [],
      },
    ]);
    if (frame !== undefined) connection.send(frame);
    return new RawFrontend(connection, await replicaHello, wallMs);
  }

  private constructor(connection: Connection, hello: ReplicaHello, wallMs: number) {
    this.#connection = connection;
    this.hello = hello;
    this.#wallMs = wallMs;
    connection.accepted();
    connection.onFrame = (frame) => this.#onFrame(frame);
  }

  /** Sends an update to this replica; resolves with its answer. */
  update(
    operation: string,
    args: Arguments,
    fields: Partial<Update> & Pick<Update, 'session'>,
  ): Promise<FinalAnswer> {
    return this.#ask((requestId) => ({
      kind: 'update',
      requestId,
      n: 1,
      answered: 0,
      stamp: { physicalMs: this.#wallMs, logical: 0 },
      prev: VectorTimestamp.zero,
      operation,
      args,
      user: '',
      timeoutMs: 10_000,
      holders: [this.hello.name],
      ...fields,
    }));
  }

  /** Sends a query to this replica; resolves with its answer, never with `collected`. */
  query(operation: string, args: Arguments, fields: Partial<Query> = {}): Promise<FinalAnswer> {
    return this.#ask((requestId) => ({
      kind: 'query',
      requestId,
      prev: VectorTimestamp.zero,
      collect: false,
      precondition: null,
      operation,
      args,
      user: '',
      timeoutMs: 10_000,
      ...fields,
    }));
  }

  /** Has the replica tell what happens there: `events` among what is received. */
  watch(): void {
    this.#send({ kind: 'watch', on: true });
  }

  /** What the replica told of what happened there, in order. */
  get events(): TraceEvent[] {
    return this.received.flatMap((message) => (message.kind === 'events' ? message.events : []));
  }

  /** Gone, as if its process had died: the replica hears nothing more of it. */
  vanish(): void {
    this.#connection.close({ kind: 'going-away', message: 'vanished' });
  }

  #ask(make: (requestId: number) => Message): Promise<FinalAnswer> {
    const requestId = this.#nextRequestId++;
    return new Promise((resolve) => {
      this.#asked.set(requestId, resolve);
      this.#send(make(requestId));
    });
  }

  #send(message: Message): void {
    for (const frame of encodeFrames([message])) this.#connection.send(frame);
  }

  #onFrame(frame: Uint8Array): void {
    for (const message of decodeFrame(frame)) {
      this.received.push(message);
      switch (message.kind) {
        case 'acknowledged':
        case 'answer':
        case 'declined':
          this.#asked.get(message.requestId)?.(message);
          this.#asked.delete(message.requestId);
          break;
        default:
          break;
      }
    }
  }
}

/** What an update's acknowledgement says it depends on and is. */
export function timestampOf(answer: FinalAnswer): VectorTimestamp {
  if (answer.kind === 'acknowledged') return answer.timestamp;
  throw new Error(`no acknowledgement came but ${JSON.stringify(answer)}`);
}

export function valueOf(answer: FinalAnswer): unknown {
  if (answer.kind === 'answer' && answer.outcome.kind === 'value') return answer.outcome.value;
  throw new Error(`no value came but ${JSON.stringify(answer)}`);
}

/** A session id for the n-th session of a test. */
export const sessionNumber = (n: number): SessionId =>
  `session-${String(n).padStart(6, '0')}` as SessionId;
