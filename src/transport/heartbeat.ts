/**
 * Finds dead peers with one timer for all connections. A connection on which nothing came since the
 * last round is pinged; after a number of such rounds in a row its peer counts as dead. Rounds are
 * counted, not clock time: a process that was itself stopped (a debugger, a closed lid) sees one late
 * round when it goes on, and does not take all its peers for dead.
 */

/** What the heartbeat needs to know of a connection. */
export interface Pulse {
  /** Grows with every byte that came, whatever it was. */
  readonly receivedBytes: number;
  ping(): void;
  /** Nothing came for too long. */
  presumeDead(): void;
}

export interface HeartbeatInit {
  /** Pause between two rounds, milliseconds. */
  readonly roundMs: number;
  /** Silent rounds in a row after which a peer is dead. */
  readonly silentRounds: number;
}

interface Watch {
  receivedBytes: number;
  silentRounds: number;
}

export class Heartbeat {
  readonly #init: HeartbeatInit;
  readonly #watches = new Map<Pulse, Watch>();
  #timer: NodeJS.Timeout | null = null;

  constructor(init: HeartbeatInit) {
    this.#init = init;
  }

  /** Watches a connection until {@link remove}. */
  add(pulse: Pulse): void {
    this.#watches.set(pulse, { receivedBytes: pulse.receivedBytes, silentRounds: 0 });
    // The sockets keep the process alive, not this timer.
    this.#timer ??= setInterval(() => this.round(), this.#init.roundMs).unref();
  }

  remove(pulse: Pulse): void {
    this.#watches.delete(pulse);
    if (this.#watches.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  /** One round; the timer calls it. */
  round(): void {
    for (const [pulse, watch] of this.#watches) {
      const { receivedBytes } = pulse;
      watch.silentRounds = receivedBytes === watch.receivedBytes ? watch.silentRounds + 1 : 0;
      watch.receivedBytes = receivedBytes;
      if (watch.silentRounds >= this.#init.silentRounds) pulse.presumeDead();
      else if (watch.silentRounds > 0) pulse.ping();
    }
  }
}
