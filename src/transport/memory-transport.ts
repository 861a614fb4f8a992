/**
 * A network in memory, for tests and simulation: hosts with names, connections that behave like TCP,
 * and faults on demand. With a seeded Random and a virtual Scheduler, equal seeds give equal runs.
 * Promises settle only when the engine gets a turn: whoever steps the scheduler awaits between events.
 */

import { FatalError } from '../base/errors.js';
import type { Random } from '../base/random.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { Connection, Listener, ListenInit, Transport } from '../ports/transport.js';
import { ADDRESS_FORM, formatAddress, parseAddress } from './address.js';
import { MemoryConnection, type MemoryLink } from './memory-connection.js';
import { type TransportLimits, withDefaults } from './transport-limits.js';
import { dialWords, listenWords, lostWords, SILENT_PEER_WORDS, timeoutWords } from './words.js';

export interface MemoryNetworkComponents {
  readonly scheduler: Scheduler;
  /** Draws the delays, and nothing else. */
  readonly random: Random;
}

export interface MemoryNetworkInit {
  /** Each parcel takes this long at least and at most, whole milliseconds. @default 1 and 3 */
  readonly minDelayMs?: number;
  readonly maxDelayMs?: number;
  /** @default those of src/base/limits.ts */
  readonly limits?: Partial<TransportLimits>;
}

export interface CutInit {
  /**
   * Connections over the cut link end at both sides after this many milliseconds, as a heartbeat
   * would end them, if the cut still stands then or something was lost. Null: they never end, and go
   * on with a gap when the link is mended; crueler than TCP, as if the peer had dropped frames.
   */
  readonly breakAfterMs: number | null;
}

/** How much has happened: a run whose faults never struck proves nothing. */
export interface MemoryNetworkStatistics {
  delivered: number;
  lost: number;
  /** Ends of connections that a cut or a crash ended. */
  broken: number;
  failedDials: number;
}

interface MemoryListener {
  readonly host: MemoryTransport;
  readonly init: ListenInit;
  readonly connections: Set<MemoryConnection>;
  /** Told when the last connection has ended; set by closing. */
  onEmpty: () => void;
}

export class MemoryNetwork {
  readonly statistics: MemoryNetworkStatistics = {
    delivered: 0,
    lost: 0,
    broken: 0,
    failedDials: 0,
  };
  readonly limits: TransportLimits;
  readonly scheduler: Scheduler;
  readonly #link: MemoryLink;
  readonly #transports = new Map<string, Set<MemoryTransport>>();
  readonly #listeners = new Map<string, MemoryListener>();
  /** All ends of all connections, in the order in which they were made. */
  readonly #connections = new Set<MemoryConnection>();
  /** Links through which nothing gets, as `from>to`, each with the number of the cut. */
  readonly #cuts = new Map<string, number>();
  #nextCut = 1;
  #nextPort = 50_000;

  constructor(components: MemoryNetworkComponents, init: MemoryNetworkInit = {}) {
    const { scheduler, random } = components;
    const minDelayMs = init.minDelayMs ?? 1;
    const maxDelayMs = init.maxDelayMs ?? 3;
    this.scheduler = scheduler;
    this.limits = withDefaults(init.limits ?? {});
    this.#link = {
      scheduler,
      limits: this.limits,
      drawDelayMs: () => minDelayMs + random.below(maxDelayMs - minDelayMs + 1),
      isPassable: (from, to) => !this.#cuts.has(linkName(from, to)),
      count: (what) => {
        this.statistics[what] += 1;
      },
    };
  }

  /** The transport of one process on `host`; after {@link crash} a new process takes a new one. */
  transport(host: string): MemoryTransport {
    const transport = new MemoryTransport(this, host);
    const living = this.#transports.get(host) ?? new Set();
    this.#transports.set(host, living.add(transport));
    return transport;
  }

  /** Lets nothing through from one host to another, in this direction only; also what is on its way. */
  cut(from: string, to: string, { breakAfterMs }: CutInit): void {
    const name = linkName(from, to);
    const number = this.#nextCut++;
    this.#cuts.set(name, number);
    if (breakAfterMs === null) return;
    const crossing = this.#connectionsBetween(from, to);
    this.scheduler.after(breakAfterMs, () => {
      const stands = this.#cuts.get(name) === number;
      for (const connection of crossing) {
        if (!stands && !connection.hasLost) continue;
        this.#break(connection, SILENT_PEER_WORDS);
      }
    });
  }

  /** Lets everything through again, in this direction. */
  mend(from: string, to: string): void {
    this.#cuts.delete(linkName(from, to));
  }

  mendAll(): void {
    this.#cuts.clear();
  }

  /**
   * All processes of a host die at once: they hear nothing more, their listeners are gone, their dials
   * never settle. Peers find their connections reset a little later; what was on its way may arrive
   * before that or not. Over a cut link they learn it from silence.
   */
  crash(host: string): void {
    for (const transport of this.#transports.get(host) ?? []) transport.isAlive = false;
    this.#transports.delete(host);
    for (const [address, listener] of this.#listeners) {
      if (!listener.host.isAlive) this.#listeners.delete(address);
    }
    for (const connection of [...this.#connections]) {
      if (connection.host === host) connection.abandon();
      else if (connection.peerHost === host) this.#resetLater(connection);
    }
  }

  /** For {@link MemoryTransport}: puts a listener at an address. */
  listen(host: MemoryTransport, init: ListenInit): Listener {
    if (!host.isAlive) throw new FatalError(`${host.host} has crashed: it listens no more`);
    const parsed = parseAddress(init.address);
    if (parsed === null) {
      throw new FatalError(`"${init.address}" is no address to listen on: give ${ADDRESS_FORM}`);
    }
    const port = parsed.port === 0 ? this.#nextPort++ : parsed.port;
    const address = formatAddress({ host: parsed.host, port });
    if (this.#listeners.has(address)) throw new FatalError(listenWords(address, 'EADDRINUSE'));
    const listener: MemoryListener = { host, init, connections: new Set(), onEmpty: () => {} };
    this.#listeners.set(address, listener);
    let closed: Promise<void> | null = null;
    return {
      address,
      close: () => {
        closed ??= this.#closeListener(address, listener);
        return closed;
      },
    };
  }

  /** For {@link MemoryTransport}: connects to whoever listens, one trip there and one back. */
  dial(from: MemoryTransport, target: string): Promise<Connection> {
    const parsed = parseAddress(target);
    if (parsed === null) {
      return Promise.reject(new Error(`"${target}" is no address to dial: give ${ADDRESS_FORM}`));
    }
    const address = formatAddress(parsed);
    const { dialMs } = this.limits;
    return new Promise((resolve, reject) => {
      let dialling: MemoryConnection | null = null;
      let isSettled = false;
      const settle = (): boolean => {
        const isFirst = !isSettled && from.isAlive;
        isSettled = true;
        deadline.cancel();
        return isFirst;
      };
      const fail = (words: string) => {
        if (!settle()) return;
        this.statistics.failedDials += 1;
        dialling?.abandon();
        reject(new Error(words));
      };
      const deadline = this.scheduler.after(dialMs, () => fail(timeoutWords(address, dialMs)));
      this.#afterTrip(() => {
        if (isSettled || !from.isAlive) return;
        const listener = this.#listeners.get(address);
        if (listener === undefined) {
          this.#afterTrip(() => fail(dialWords(address, 'ECONNREFUSED')));
        } else if (this.#link.isPassable(from.host, listener.host.host)) {
          dialling = this.#connect(from.host, address, listener);
          dialling.onClose = (words) => fail(words ?? dialWords(address, 'ECONNRESET'));
          dialling.onOpen = (connection) => {
            connection.onClose = () => {};
            if (settle()) resolve(connection);
          };
        }
      });
    });
  }

  /** Makes both ends and gives the listener its own. */
  #connect(from: string, address: string, listener: MemoryListener): MemoryConnection {
    const to = listener.host.host;
    const dialling = this.#makeEnd(from, to, address, () => {});
    const listening = this.#makeEnd(to, from, `${from}:${this.#nextPort++}`, (connection) => {
      listener.connections.delete(connection);
      if (listener.connections.size === 0) listener.onEmpty();
    });
    MemoryConnection.join(dialling, listening);
    listener.connections.add(listening);
    listening.open();
    listener.init.onConnection(listening);
    return dialling;
  }

  #makeEnd(
    host: string,
    peerHost: string,
    remote: string,
    onEnded: (connection: MemoryConnection) => void,
  ): MemoryConnection {
    const connection = new MemoryConnection({
      link: this.#link,
      host,
      peerHost,
      remote,
      onEnded: (ended) => {
        this.#connections.delete(ended);
        onEnded(ended);
      },
    });
    this.#connections.add(connection);
    return connection;
  }

  #closeListener(address: string, listener: MemoryListener): Promise<void> {
    if (this.#listeners.get(address) === listener) this.#listeners.delete(address);
    return new Promise((resolve) => {
      listener.onEmpty = resolve;
      if (listener.connections.size === 0) resolve();
      for (const connection of listener.connections) {
        connection.close({ kind: 'going-away', message: 'this process is shutting down' });
      }
    });
  }

  #afterTrip(run: () => void): void {
    this.scheduler.after(this.#link.drawDelayMs(), run);
  }

  #resetLater(connection: MemoryConnection): void {
    const isHeard = this.#link.isPassable(connection.peerHost, connection.host);
    const delayMs = isHeard ? this.#link.drawDelayMs() : this.limits.deadPeerMs;
    this.scheduler.after(delayMs, () => this.#break(connection, lostWords('ECONNRESET')));
  }

  #break(connection: MemoryConnection, words: string): void {
    if (connection.isEnded) return;
    this.statistics.broken += 1;
    connection.end(words);
  }

  #connectionsBetween(one: string, other: string): MemoryConnection[] {
    return [...this.#connections].filter(
      ({ host, peerHost }) =>
        (host === one && peerHost === other) || (host === other && peerHost === one),
    );
  }
}

/** The transport of one process on a host of a {@link MemoryNetwork}. */
export class MemoryTransport implements Transport {
  readonly host: string;
  /** False once the host has crashed: nothing that this process does has any effect. */
  isAlive = true;
  readonly #network: MemoryNetwork;

  constructor(network: MemoryNetwork, host: string) {
    this.#network = network;
    this.host = host;
  }

  async listen(init: ListenInit): Promise<Listener> {
    return this.#network.listen(this, init);
  }

  dial(address: string): Promise<Connection> {
    return this.#network.dial(this, address);
  }
}

const linkName = (from: string, to: string): string => `${from}>${to}`;
