/**
 * Connections between cores in virtual time: each direction delivers in order, after a delay of its own;
 * a direction may stand still for a while, and a connection that breaks loses what was on its way. Ends
 * learn of the break when the news gets there.
 */

import type { Counterpart, LinkId } from '../../src/replica/events.js';
import type { ReplicaToReplica } from '../../src/wire/messages.js';
import type { VirtualTime } from './virtual-time.js';

export type Parcel =
  | { readonly kind: 'hello'; readonly counterpart: Counterpart }
  | { readonly kind: 'message'; readonly message: ReplicaToReplica }
  | { readonly kind: 'down' };

/** One end of a connection. */
export interface End<Node> {
  readonly node: Node;
  readonly name: string;
  readonly counterpart: Counterpart;
}

interface Channel<Node> {
  readonly from: string;
  readonly to: End<Node>;
  /** The number that the receiver knows the connection by. */
  readonly link: LinkId;
  readonly parcels: { readonly dueMs: number; readonly parcel: Parcel }[];
  isScheduled: boolean;
}

interface Connection<Node> {
  readonly channels: readonly [Channel<Node>, Channel<Node>];
  isBroken: boolean;
}

/** A front end's link at every core; connections between cores have later numbers. */
export const FRONTEND_LINK = 1;

export class ForcedNetwork<Node> {
  readonly #time: VirtualTime;
  readonly #delayMs: (from: string, to: string) => number;
  readonly #deliver: (node: Node, link: LinkId, parcel: Parcel) => void;
  readonly #connections = new Set<Connection<Node>>();
  readonly #blocked = new Set<string>();
  #nextLink: LinkId = FRONTEND_LINK + 1;

  constructor(
    time: VirtualTime,
    delayMs: (from: string, to: string) => number,
    deliver: (node: Node, link: LinkId, parcel: Parcel) => void,
  ) {
    this.#time = time;
    this.#delayMs = delayMs;
    this.#deliver = deliver;
  }

  connect(a: End<Node>, b: End<Node>): void {
    const channel = (from: End<Node>, to: End<Node>): Channel<Node> => ({
      from: from.name,
      to,
      link: this.#nextLink++,
      parcels: [],
      isScheduled: false,
    });
    const connection = { channels: [channel(a, b), channel(b, a)] as const, isBroken: false };
    this.#connections.add(connection);
    this.#push(connection.channels[0], { kind: 'hello', counterpart: a.counterpart });
    this.#push(connection.channels[1], { kind: 'hello', counterpart: b.counterpart });
  }

  areConnected(a: string, b: string): boolean {
    return this.#between(a, b).length > 0;
  }

  /** Breaks the connection of two cores; `keeps` says how many of the parcels under way arrive. */
  sever(a: string, b: string, keeps: (parcels: number) => number = () => 0): void {
    for (const connection of this.#between(a, b)) this.#break(connection, keeps);
  }

  /** A process ends: nothing reaches it any more, and its peers see the end of their connections. */
  leave(name: string, keeps: (parcels: number) => number): void {
    for (const connection of this.#connections) {
      const own = connection.channels.find(({ to }) => to.name === name);
      if (own === undefined) continue;
      this.#break(connection, keeps);
      own.parcels.length = 0;
    }
  }

  /** One direction stands still until it is let go. */
  block(from: string, to: string): void {
    this.#blocked.add(`${from}>${to}`);
  }

  unblock(from: string, to: string): void {
    this.#blocked.delete(`${from}>${to}`);
    for (const { channels } of this.#connections) {
      for (const channel of channels) this.#schedule(channel);
    }
  }

  isBlocked(from: string, to: string): boolean {
    return this.#blocked.has(`${from}>${to}`);
  }

  send(from: string, link: LinkId, message: ReplicaToReplica): void {
    for (const { channels, isBroken } of this.#connections) {
      if (isBroken) continue;
      const [a, b] = channels;
      if (a.to.name === from && a.link === link) this.#push(b, { kind: 'message', message });
      if (b.to.name === from && b.link === link) this.#push(a, { kind: 'message', message });
    }
  }

  /** An end closes one of its connections: what it had sent arrives before the news. */
  hangUp(from: string, link: LinkId): void {
    for (const connection of this.#connections) {
      const own = connection.channels.find((each) => each.to.name === from && each.link === link);
      if (own === undefined) continue;
      this.#break(connection, (parcels) => parcels);
    }
  }

  #between(a: string, b: string): Connection<Node>[] {
    return [...this.#connections].filter(({ channels, isBroken }) => {
      const names = channels.map(({ to }) => to.name);
      return !isBroken && names.includes(a) && names.includes(b);
    });
  }

  #break(connection: Connection<Node>, keeps: (parcels: number) => number): void {
    if (connection.isBroken) return;
    connection.isBroken = true;
    for (const channel of connection.channels) {
      channel.parcels.length = keeps(channel.parcels.length);
      this.#push(channel, { kind: 'down' });
    }
  }

  #push(channel: Channel<Node>, parcel: Parcel): void {
    const lastMs = channel.parcels.at(-1)?.dueMs ?? 0;
    const dueMs = Math.max(lastMs, this.#time.nowMs + this.#delayMs(channel.from, channel.to.name));
    channel.parcels.push({ dueMs, parcel });
    this.#schedule(channel);
  }

  #schedule(channel: Channel<Node>): void {
    const first = channel.parcels[0];
    if (first === undefined || channel.isScheduled) return;
    channel.isScheduled = true;
    this.#time.at(first.dueMs, () => {
      channel.isScheduled = false;
      if (this.#blocked.has(`${channel.from}>${channel.to.name}`)) return;
      const next = channel.parcels[0];
      if (next === undefined) return;
      if (next.dueMs > this.#time.nowMs) return this.#schedule(channel);
      channel.parcels.shift();
      this.#schedule(channel);
      if (next.parcel.kind === 'down') this.#forget(channel);
      this.#deliver(channel.to.node, channel.link, next.parcel);
    });
  }

  #forget(done: Channel<Node>): void {
    for (const connection of this.#connections) {
      const [a, b] = connection.channels;
      if (a !== done && b !== done) continue;
      if (a.parcels.length + b.parcels.length === 0) this.#connections.delete(connection);
    }
  }
}
