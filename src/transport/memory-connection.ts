/**
 * One end of a connection in memory. Each end sends into a line of parcels that arrive in the order of
 * sending, each after a drawn delay: what TCP does, unless the weather is told to be worse. Frames are
 * copied on sending, so that no object is shared. Nothing here waits or looks at a clock but through
 * the network's scheduler, and an owner whose host is frozen is told nothing.
 */

import { assert } from '../base/assert.js';
import { HearsayError } from '../base/errors.js';
import type { CloseReason, Connection } from '../ports/transport.js';
import type { Scheduler, TimerHandle } from '../ports/scheduler.js';
import type { MemoryWeather } from './memory-conditions.js';
import type { TransportLimits } from './transport-limits.js';
import {
  CLOSE_CODES,
  closeMessage,
  lostWords,
  ownCloseWords,
  peerCloseWords,
  SILENT_PEER_WORDS,
} from './words.js';

interface Frame {
  readonly kind: 'frame';
  /** 0, 1, 2 … for each end: tells which of two was sent first. */
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** What travels from one end to the other. */
type Parcel =
  | { readonly kind: 'open' }
  | Frame
  | { readonly kind: 'close'; readonly code: number; readonly message: string }
  /** The sender cut the connection without a word. */
  | { readonly kind: 'lost' };

/** What an end asks of the network it is part of. */
export interface MemoryLink {
  readonly scheduler: Scheduler;
  readonly limits: TransportLimits;
  readonly weather: MemoryWeather;
  /** False while nothing gets through from one host to the other. */
  isPassable(from: string, to: string): boolean;
  /** What became of a frame or a dial, for the network's statistics. */
  count(what: 'delivered' | 'lost' | 'duplicated' | 'reordered' | 'failedDials'): void;
  /** Runs `take` at a host: at once, or when the host goes on. */
  at(host: string, take: () => void): void;
  /** Called before each frame that a host sends; it may let the host crash. */
  beforeSend(host: string): void;
}

export interface MemoryConnectionInit {
  readonly link: MemoryLink;
  /** The host at this end and the one at the other. */
  readonly host: string;
  readonly peerHost: string;
  readonly remote: string;
  /** Called when this end has ended, before its owner is told. */
  readonly onEnded: (connection: MemoryConnection) => void;
}

const handlersUnset = (): void => {
  throw new Error('a frame came before its owner set onFrame: let promises settle between events');
};

export class MemoryConnection implements Connection {
  readonly remote: string;
  readonly host: string;
  readonly peerHost: string;
  onFrame: (frame: Uint8Array) => void = handlersUnset;
  onClose: (error: string | null) => void = () => {};
  /** Something sent by either end never arrived, so that what follows would leave a gap. */
  hasLost = false;
  /** Told when the handshake has come through; set by the dialling side only. */
  onOpen: (connection: MemoryConnection) => void = () => {};
  readonly #link: MemoryLink;
  readonly #onEnded: (connection: MemoryConnection) => void;
  #peer: MemoryConnection | null = null;
  #state: 'open' | 'closing' | 'ended' = 'open';
  #line: Parcel[] = [];
  #lastArrivalMs = 0;
  #bufferedBytes = 0;
  #isAccepted = false;
  /** Frames sent, and the newest that came: its number. */
  #sentFrames = 0;
  #newestFrame = -1;
  #timer: TimerHandle | null = null;

  constructor(init: MemoryConnectionInit) {
    this.#link = init.link;
    this.host = init.host;
    this.peerHost = init.peerHost;
    this.remote = init.remote;
    this.#onEnded = init.onEnded;
  }

  /** Joins two ends; done once, before anything is sent. */
  static join(one: MemoryConnection, other: MemoryConnection): void {
    one.#peer = other;
    other.#peer = one;
  }

  get bufferedBytes(): number {
    return this.#state === 'open' ? this.#bufferedBytes : 0;
  }

  get isEnded(): boolean {
    return this.#state === 'ended';
  }

  send(frame: Uint8Array): void {
    const { frameBytes, bufferedBytes } = this.#link.limits;
    if (frame.length > frameBytes) {
      throw new HearsayError(
        'TOO_LARGE',
        `a frame of ${frame.length} bytes exceeds the limit of ${frameBytes}: split it`,
      );
    }
    if (this.#state === 'open') this.#link.beforeSend(this.host);
    if (this.#state !== 'open') return;
    this.#postFrame({ kind: 'frame', number: this.#sentFrames++, bytes: frame.slice() });
    if (this.#bufferedBytes <= bufferedBytes) return;
    this.#post({ kind: 'lost' });
    this.end(`the peer reads too slowly: it has left more than ${bufferedBytes} bytes unread`);
  }

  accepted(): void {
    this.#isAccepted = true;
    if (this.#state === 'open') this.#stopTimer();
  }

  close(reason: CloseReason): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    const message = closeMessage(reason.message);
    this.#post({ kind: 'close', code: CLOSE_CODES[reason.kind], message });
    const words = ownCloseWords(reason);
    this.#setTimer(this.#link.weather.drawDelayMs(), () => this.end(words));
  }

  /** Answers the handshake, ahead of all frames, and gives the peer its time to say hello. */
  open(): void {
    const { helloMs } = this.#link.limits;
    this.#post({ kind: 'open' });
    this.#setTimer(helloMs, () => {
      // A hello that waited while this host was frozen comes first, and stops no timer that is due.
      if (this.#isAccepted) return;
      this.close({ kind: 'overloaded', message: `no hello within ${helloMs} ms` });
    });
  }

  /** Nothing came for too long: ends it here, and cuts it for the other side. */
  presumeDead(): void {
    if (this.#state === 'ended') return;
    this.#post({ kind: 'lost' });
    this.end(SILENT_PEER_WORDS);
  }

  /** Ends this end now; its owner is told `words`. Later calls do nothing. */
  end(words: string | null): void {
    if (this.#state === 'ended') return;
    this.abandon();
    this.onClose(words);
  }

  /** Ends this end without a word to anybody: its process is gone. */
  abandon(): void {
    this.#state = 'ended';
    this.#stopTimer();
    this.#onEnded(this);
  }

  #setTimer(delayMs: number, run: () => void): void {
    this.#stopTimer();
    const { scheduler } = this.#link;
    this.#timer = scheduler.after(delayMs, () => this.#link.at(this.host, run));
  }

  #stopTimer(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** Sends a frame as the weather wills. A lost one leaves no trace: that is no gap of a cut's making. */
  #postFrame(frame: Frame): void {
    const { weather } = this.#link;
    const isSpared = frame.number === 0 || !this.#link.isPassable(this.host, this.peerHost);
    if (isSpared) return this.#post(frame);
    if (weather.strikes('lossPerMille')) return this.#link.count('lost');
    const isDuplicated = weather.strikes('duplicatePerMille');
    this.#postCopy(frame);
    if (!isDuplicated) return;
    this.#link.count('duplicated');
    this.#postCopy(frame);
  }

  /** Sends it in the line, or late and alone. */
  #postCopy(frame: Frame): void {
    const { scheduler, weather } = this.#link;
    if (!weather.strikes('reorderPerMille')) return this.#post(frame);
    this.#bufferedBytes += frame.bytes.length;
    const delayMs = weather.drawDelayMs() + weather.drawStragglingMs();
    scheduler.after(delayMs, () => this.#land(frame));
  }

  #post(parcel: Parcel): void {
    if (!this.#link.isPassable(this.host, this.peerHost)) {
      this.#lose(parcel);
      return;
    }
    this.#line.push(parcel);
    if (parcel.kind === 'frame') this.#bufferedBytes += parcel.bytes.length;
    const nowMs = this.#link.scheduler.monotonicMs();
    this.#lastArrivalMs = Math.max(nowMs + this.#link.weather.drawDelayMs(), this.#lastArrivalMs);
    this.#link.scheduler.after(this.#lastArrivalMs - nowMs, () => this.#arrive());
  }

  /** Takes the oldest parcel off the line: whichever timer fires first, order is kept. */
  #arrive(): void {
    const parcel = this.#line.shift();
    assert(parcel !== undefined, 'one timer for each parcel on the line');
    this.#land(parcel);
  }

  /** A parcel has come to the other host, which takes it in unless it is frozen. */
  #land(parcel: Parcel): void {
    const peer = this.#peer;
    assert(peer !== null, 'joined before anything is sent');
    if (!this.#link.isPassable(this.host, this.peerHost)) {
      this.#leave(parcel);
      this.#lose(parcel);
      return;
    }
    this.#link.at(this.peerHost, () => {
      this.#leave(parcel);
      peer.#receive(parcel);
    });
  }

  #leave(parcel: Parcel): void {
    if (parcel.kind === 'frame') this.#bufferedBytes -= parcel.bytes.length;
  }

  #lose(parcel: Parcel): void {
    this.hasLost = true;
    if (this.#peer !== null) this.#peer.hasLost = true;
    if (parcel.kind === 'frame') this.#link.count('lost');
  }

  #receive(parcel: Parcel): void {
    if (this.#state === 'ended') return;
    switch (parcel.kind) {
      case 'open':
        this.onOpen(this);
        return;
      case 'frame':
        if (this.#state !== 'open') return;
        this.#link.count('delivered');
        if (parcel.number < this.#newestFrame) this.#link.count('reordered');
        else this.#newestFrame = parcel.number;
        this.onFrame(parcel.bytes);
        return;
      case 'close':
        if (this.#state === 'open') this.end(peerCloseWords(parcel.code, parcel.message));
        return;
      case 'lost':
        if (this.#state === 'open') this.end(lostWords(null));
    }
  }
}
