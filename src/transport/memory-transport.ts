/**
 * A network in memory, for tests and simulation: hosts with names, connections that behave like TCP,
 * and faults on demand: bad weather, cut links, hosts that crash and hosts that stand still. With a seeded Random and a virtual Scheduler, equal seeds give equal runs.
 * Promises settle only when the engine gets a turn: whoever steps the scheduler awaits between events.
 */

import { FatalError } from '../base/errors.js';
import type { Random } from '../base/random.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { Connection, Listener, ListenInit, Transport } from '../ports/transport.js';
import { ADDRESS_FORM, formatAddress, parseAddress } from './address.js';
import { MemoryBacklog } from './memory-backlog.js';
import { MemoryWeather, type NetworkConditions } from './memory-conditions.js';
import { MemoryConnection, type MemoryLink } from './memory-connection.js';
import { dialInMemory, type MemoryDialArrival } from './memory-dial.js';
import { type TransportLimits, withDefaults } from './transport-limits.js';
import { listenWords, lostWords, SILENT_PEER_WORDS } from './words.js';

export interface MemoryNetworkComponents {
  readonly scheduler: Scheduler;
  /** Draws delays and what befalls frames, and nothing else. */
  readonly random: Random;
}

export type { NetworkConditions } from './memory-conditions.js';

/** The conditions it begins with. @default delays from 1 to 3 ms, and no frame is harmed */
export interface MemoryNetworkInit extends Readonly<Partial<NetworkConditions>> {
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
  /** Frames: those that came, those of them that came again or after later ones, and those that did not. */
  delivered: number;
  duplicated: number;
  reordered: number;
  lost: number;
  /** Ends of connections that a fault ended. */
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

const CALM: Readonly<NetworkConditions> = {
  minDelayMs: 1,
  maxDelayMs: 3,
  lossPerMille: 0,
  duplicatePerMille: 0,
  reorderPerMille: 0,
};

export class MemoryNetwork {
  readonly statistics: MemoryNetworkStatistics = {
    delivered: 0,
    duplicated: 0,
    reordered: 0,
    lost: 0,
    broken: 0,
    failedDials: 0,
  };
  readonly conditions: NetworkConditions;
  /** By host: called before each frame that it sends; may crash the host, and the frame stays. */
  readonly onSend = new Map<string, () => void>();
  readonly limits: TransportLimits;
  readonly scheduler: Scheduler;
  readonly #link: MemoryLink;
  readonly #transports = new Map<string, Set<MemoryTransport>>();
  readonly #listeners = new Map<string, MemoryListener>();
  /** All ends of all connections, in the order in which they were made. */
  readonly #connections = new Set<MemoryConnection>();
  /** Links through which nothing gets, as `from>to`, each with the number of the cut. */
  readonly #cuts = new Map<string, number>();
  /** Of hosts that have been frozen: what waits there. */
  readonly #backlogs = new Map<string, MemoryBacklog>();
  #nextCut = 1;
  #nextPort = 50_000;

  constructor(components: MemoryNetworkComponents, init: MemoryNetworkInit = {}) {
    const { scheduler, random } = components;
    const { limits = {}, ...conditions } = init;
    this.scheduler = scheduler;
    this.limits = withDefaults(limits);
    this.conditions = { ...CALM, ...conditions };
    this.#link = {
      scheduler,
      limits: this.limits,
      weather: new MemoryWeather(this.conditions, random),
      isPassable: (from, to) => !this.#cuts.has(linkName(from, to)),
      count: (what) => {
        this.statistics[what] += 1;
      },
      at: (host, take) => {
        const backlog = this.#backlogs.get(host);
        if (backlog === undefined) take();
        else backlog.take(take);
      },
      beforeSend: (host) => this.onSend.get(host)?.(),
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
    this.#backlogs.get(host)?.clear();
    this.#backlogs.delete(host);
    for (const [address, listener] of this.#listeners) {
      if (!listener.host.isAlive) this.#listeners.delete(address);
    }
    for (const connection of [...this.#connections]) {
      if (connection.host === host) connection.abandon();
      else if (connection.peerHost === host) this.#resetLater(connection);
    }
  }

  /**
   * All processes of a host stand still until {@link thaw}. What comes for them waits: frames, dials
   * (which may time out meanwhile), ends of connections. What they sent before arrives. Peers that do
   * not hear from them for `deadPeerMs` end their connections, as their heartbeat would.
   */
  freeze(host: string): void {
    const backlog = this.#backlogs.get(host) ?? new MemoryBacklog(this.scheduler);
    this.#backlogs.set(host, backlog);
    if (backlog.isFrozen) return;
    backlog.freeze();
    for (const connection of this.#connections) {
      if (connection.peerHost === host) this.#endAfterSilence(connection);
    }
  }

  /** A frozen host goes on; what waited is taken in at this instant, before what comes from now on. */
  thaw(host: string): void {
    if (!this.#isFrozen(host)) return;
    this.#backlogs.get(host)?.thaw();
    // Only now does its own heartbeat count how long others are silent.
    for (const connection of this.#connections) {
      if (connection.host === host) this.#endAfterSilence(connection);
    }
  }

  /** Ends all connections of a host as a broken wire would; both sides hear of it. */
  breakConnectionsOf(host: string): void {
    for (const connection of [...this.#connections]) {
      if (connection.host === host) this.#break(connection, lostWords('ECONNRESET'));
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

  /** For {@link MemoryTransport}: connects to whoever listens. */
  dial(from: MemoryTransport, target: string): Promise<Connection> {
    const parsed = parseAddress(target);
    if (parsed === null) {
      return Promise.reject(new Error(`"${target}" is no address to dial: give ${ADDRESS_FORM}`));
    }
    const address = formatAddress(parsed);
    const arrive = (): MemoryDialArrival => {
      const listener = this.#listeners.get(address);
      if (listener === undefined) return 'refused';
      const isHeard = this.#link.isPassable(from.host, listener.host.host);
      return isHeard ? this.#connect(from.host, address, listener) : 'unheard';
    };
    return dialInMemory({ from, address, link: this.#link, arrive });
  }

  /** Makes both ends and gives the listener its own, once its host is not frozen. */
  #connect(from: string, address: string, listener: MemoryListener): MemoryConnection {
    const to = listener.host.host;
    const dialling = this.#makeEnd(from, to, address, () => {});
    const listening = this.#makeEnd(to, from, `${from}:${this.#nextPort++}`, (connection) => {
      listener.connections.delete(connection);
      if (listener.connections.size === 0) listener.onEmpty();
    });
    MemoryConnection.join(dialling, listening);
    listener.connections.add(listening);
    this.#link.at(to, () => {
      if (dialling.isEnded) {
        listening.abandon();
        return;
      }
      listening.open();
      listener.init.onConnection(listening);
    });
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

  #resetLater(connection: MemoryConnection): void {
    const isHeard = this.#link.isPassable(connection.peerHost, connection.host);
    const delayMs = isHeard ? this.#link.weather.drawDelayMs() : this.limits.deadPeerMs;
    this.scheduler.after(delayMs, () => this.#break(connection, lostWords('ECONNRESET')));
  }

  #break(connection: MemoryConnection, words: string): void {
    this.#link.at(connection.host, () => {
      if (connection.isEnded) return;
      this.statistics.broken += 1;
      connection.end(words);
    });
  }

  /** Ends a connection to a frozen host unless the host goes on in time. Frozen itself, it counts nothing. */
  #endAfterSilence(connection: MemoryConnection): void {
    const { host, peerHost } = connection;
    const backlog = this.#backlogs.get(peerHost);
    if (backlog === undefined || !backlog.isFrozen) return;
    const { freezes } = backlog;
    this.scheduler.after(this.limits.deadPeerMs, () => {
      const isSilent = backlog.isFrozen && backlog.freezes === freezes;
      if (!isSilent || connection.isEnded || this.#isFrozen(host)) return;
      this.statistics.broken += 1;
      connection.presumeDead();
    });
  }

  #isFrozen(host: string): boolean {
    return this.#backlogs.get(host)?.isFrozen ?? false;
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
