/**
 * The model's connections: each direction brings its parcels in order, different ones in any order, and
 * a connection that breaks loses the rest. Each side learns of the end when it gets there, which may be
 * after a newer connection was made.
 */

import type { Random } from '../../src/base/random.js';
import type { Counterpart, LinkId } from '../../src/replica/events.js';
import type { ReplicaToReplica } from '../../src/wire/messages.js';

type Parcel =
  | { readonly kind: 'hello'; readonly counterpart: Counterpart }
  | { readonly kind: 'message'; readonly message: ReplicaToReplica }
  | { readonly kind: 'down' };

/** One direction of a connection. */
interface Channel<Node> {
  readonly to: Node;
  /** The number that the receiver knows the connection by. */
  readonly link: LinkId;
  readonly parcels: Parcel[];
}

interface Connection<Node> {
  readonly channels: readonly [Channel<Node>, Channel<Node>];
  isBroken: boolean;
}

/** One end of a new connection, and what its hello says. */
interface End<Node> {
  readonly node: Node;
  readonly counterpart: Counterpart;
}

interface Arrival<Node> {
  readonly to: Node;
  readonly link: LinkId;
  readonly parcel: Parcel;
}

export class ModelNetwork<Node> {
  readonly #random: Random;
  readonly #connections = new Set<Connection<Node>>();
  #nextLink: LinkId;
  /** Connections broken so far. */
  breaks = 0;

  constructor(random: Random, firstLink: LinkId) {
    this.#random = random;
    this.#nextLink = firstLink;
  }

  /** Makes a connection; both hellos are on their way. */
  connect(a: End<Node>, b: End<Node>): void {
    const channel = (to: End<Node>, from: End<Node>): Channel<Node> => ({
      to: to.node,
      link: this.#nextLink++,
      parcels: [{ kind: 'hello', counterpart: from.counterpart }],
    });
    this.#connections.add({ channels: [channel(a, b), channel(b, a)], isBroken: false });
  }

  areConnected(a: Node, b: Node): boolean {
    for (const { channels, isBroken } of this.#connections) {
      const ends = channels.map(({ to }) => to);
      if (!isBroken && ends.includes(a) && ends.includes(b)) return true;
    }
    return false;
  }

  breakAny(): void {
    const whole = [...this.#connections].filter(({ isBroken }) => !isBroken);
    if (whole.length > 0) this.#break(this.#random.pick(whole));
  }

  /** A process ends: its connections break, and nothing reaches it any more. */
  leave(node: Node): void {
    for (const connection of this.#connections) {
      const own = connection.channels.find(({ to }) => to === node);
      if (own === undefined) continue;
      this.#break(connection);
      own.parcels.length = 0;
    }
  }

  send(from: Node, link: LinkId, message: ReplicaToReplica): void {
    for (const { channels, isBroken } of this.#connections) {
      const [a, b] = channels;
      if (isBroken) continue;
      if (a.to === from && a.link === link) b.parcels.push({ kind: 'message', message });
      if (b.to === from && b.link === link) a.parcels.push({ kind: 'message', message });
    }
  }

  /** Some parcel arrives, or null when none is on its way. */
  next(): Arrival<Node> | null {
    const busy: Channel<Node>[] = [];
    for (const connection of this.#connections) {
      const loaded = connection.channels.filter(({ parcels }) => parcels.length > 0);
      if (loaded.length === 0 && connection.isBroken) this.#connections.delete(connection);
      busy.push(...loaded);
    }
    if (busy.length === 0) return null;
    const { to, link, parcels } = this.#random.pick(busy);
    const parcel = parcels.shift();
    return parcel === undefined ? null : { to, link, parcel };
  }

  /** What was sent arrives in part, then the news of the end. */
  #break(connection: Connection<Node>): void {
    if (connection.isBroken) return;
    this.breaks++;
    connection.isBroken = true;
    for (const { parcels } of connection.channels) {
      parcels.length = this.#random.below(parcels.length + 1);
      parcels.push({ kind: 'down' });
    }
  }
}
