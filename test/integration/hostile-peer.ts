/**
 * Somebody at the other end of a WebSocket who says what he likes: well-formed messages of any kind,
 * the msgpack of anything, or any bytes. Keeps what is answered.
 */

import { originOf, type MemberId, type Name, type Origin } from '../../src/base/ids.js';
import type { Connection } from '../../src/ports/transport.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { WebSocketTransport } from '../../src/transport/ws-transport.js';
import { decodeFrame, encodeFrames, PROTOCOL_VERSIONS } from '../../src/wire/codec.js';
import { pack } from '../../src/wire/msgpack.js';
import type {
  ClientHello,
  FrontendHello,
  Message,
  MessageKind,
  MessageOf,
  Rejected,
  ReplicaHello,
} from '../../src/wire/messages.js';
import { until } from './support/until.js';

const transport = new WebSocketTransport();

export class Peer {
  readonly received: Message[] = [];
  readonly #connection: Connection;
  #end: { readonly error: string | null } | null = null;

  private constructor(connection: Connection) {
    this.#connection = connection;
    connection.onFrame = (frame) => this.received.push(...decodeFrame(frame));
    connection.onClose = (error) => {
      this.#end = { error };
    };
  }

  static async dial(address: string): Promise<Peer> {
    return new Peer(await transport.dial(address));
  }

  /** A peer whose hello was accepted. */
  static async greet(address: string, hello: Message): Promise<Peer> {
    const peer = await Peer.dial(address);
    peer.send(hello);
    await peer.first('hello');
    return peer;
  }

  get isOpen(): boolean {
    return this.#end === null;
  }

  send(...messages: readonly Message[]): void {
    for (const frame of encodeFrames(messages)) this.sendBytes(frame);
  }

  sendBytes(bytes: Uint8Array): void {
    this.#connection.send(bytes);
  }

  /** Sends `[origins, timestamps, messages]`, whatever is in them. */
  sendParts(origins: unknown, timestamps: unknown, messages: unknown): void {
    this.sendBytes(pack([origins, timestamps, messages]));
  }

  /** The first message of a kind, once it is there. */
  async first<Kind extends MessageKind>(kind: Kind): Promise<MessageOf<Kind>> {
    const isThis = (message: Message): message is MessageOf<Kind> => message.kind === kind;
    await until(`a message ${kind}`, async () => {
      if (this.received.some(isThis)) return true;
      if (this.#end === null) return false;
      throw new Error(
        `no ${kind}, but the end: ${this.#end.error}, ${JSON.stringify(this.received)}`,
      );
    });
    const found = this.received.find(isThis);
    if (found === undefined) throw new Error(`no message ${kind}`);
    return found;
  }

  /** Waits for the end of the connection; gives what it was rejected with, else the reason of the end. */
  async ended(): Promise<Pick<Rejected, 'code' | 'message'> | string> {
    await until('the connection to be ended', async () => this.#end !== null);
    const rejected = this.received.find((message) => message.kind === 'rejected');
    if (rejected === undefined) return this.#end?.error ?? 'ended without a reason';
    return { code: rejected.code, message: rejected.message };
  }

  close(): void {
    this.#connection.close({ kind: 'normal', message: 'done' });
  }
}

export const CLIENT_HELLO: ClientHello = {
  kind: 'hello',
  role: 'client',
  protocol: PROTOCOL_VERSIONS,
  service: 'kv',
};

/** What a replica says of itself to whoever comes as a front end that wants to know the members. */
export async function replicaHelloAt(address: string): Promise<ReplicaHello> {
  const asking: FrontendHello = {
    kind: 'hello',
    role: 'frontend',
    protocol: PROTOCOL_VERSIONS,
    name: 'fe-9' as Name,
    address: '127.0.0.1:1',
    cluster: {
      clusterId: '?',
      generation: 0,
      epoch: 1,
      service: 'kv',
      serviceVersion: [1, 1],
      schemaHash: await schemaHash(),
    },
    operations: [],
  };
  const peer = await Peer.greet(address, asking);
  const hello = await peer.first('hello');
  peer.close();
  if (hello.role !== 'replica') throw new Error(`${address} is no replica`);
  return hello;
}

async function schemaHash(): Promise<string> {
  const { kv } = await import('../../src/service/kv/kv.js');
  return kv.schemaHash;
}

/** A front end of this replica's cluster. */
export const frontendHello = (replica: ReplicaHello): FrontendHello => ({
  kind: 'hello',
  role: 'frontend',
  protocol: PROTOCOL_VERSIONS,
  name: 'fe-9' as Name,
  address: '127.0.0.1:1',
  cluster: replica.cluster,
  operations: [],
});

/** Somebody who says that he is the replica `name`, with a data directory that nobody has seen. */
export const impostorHello = (replica: ReplicaHello, name: string): ReplicaHello => {
  const memberId = `${name}.forged00` as MemberId;
  return {
    ...replica,
    name: name as Name,
    memberId,
    origin: originOf(memberId, 'start0'),
    replicaTimestamp: VectorTimestamp.zero,
  };
};

/** A timestamp of so many origins that nobody has heard of, each with a huge count. */
export function forgedTimestamp(entries: number, salt = ''): VectorTimestamp {
  return VectorTimestamp.of(
    Array.from({ length: entries }, (_, index) => {
      const origin = `rm-${(index % 3) + 1}.forged${index}${salt}~s${index}` as Origin;
      return [origin, Number.MAX_SAFE_INTEGER - index] as const;
    }),
  );
}
