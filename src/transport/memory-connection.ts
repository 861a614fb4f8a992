/**
 * One end of a connection in memory. Each end sends into a line of parcels that arrive in the order of
 * sending, each after a drawn delay: what TCP does. Frames are copied on sending, so that no object is
 * shared. Nothing here waits or looks at a clock but through the network's scheduler.
 */

import { assert } from '../base/assert.js';
import { HearsayError } from '../base/errors.js';
import type { CloseReason, Connection } from '../ports/transport.js';
import type { Scheduler, TimerHandle } from '../ports/scheduler.js';
import type { TransportLimits } from './transport-limits.js';
import { CLOSE_CODES, closeMessage, lostWords, ownCloseWords, peerCloseWords } from './words.js';

/** What travels from one end to the other. */
type Parcel =
  | { readonly kind: 'open' }
  | { readonly kind: 'frame'; readonly bytes: Uint8Array }
  | { readonly kind: 'close'; readonly code: number; readonly message: string }
  /** The sender cut the connection without a word. */
  | { readonly kind: 'lost' };

/** What an end asks of the network it is part of. */
export interface MemoryLink {
  readonly scheduler: Scheduler;
  readonly limits: TransportLimits;
  drawDelayMs(): number;
  /** False while nothing gets through from one host to the other. */
  isPassable(from: string, to: string): boolean;
  /** A frame was lost or delivered, for the network's statistics. */
  count(what: 'delivered' | 'lost'): void;
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
    if (this.#state !== 'open') return;
    this.#post({ kind: 'frame', bytes: frame.slice() });
    if (this.#bufferedBytes <= bufferedBytes) return;
    this.#post({ kind: 'lost' });
    this.end(`the peer reads too slowly: it has left more than ${bufferedBytes} bytes unread`);
  }

  accepted(): void {
    if (this.#state === 'open') this.#setTimer(null);
  }

  close(reason: CloseReason): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    const message = closeMessage(reason.message);
    this.#post({ kind: 'close', code: CLOSE_CODES[reason.kind], message });
    const words = ownCloseWords(reason);
    this.#setTimer(this.#link.scheduler.after(this.#link.drawDelayMs(), () => this.end(words)));
  }

  /** Answers the handshake, ahead of all frames, and gives the peer its time to say hello. */
  open(): void {
    const { helloMs } = this.#link.limits;
    this.#post({ kind: 'open' });
    const tooLate = () =>
      this.close({ kind: 'overloaded', message: `no hello within ${helloMs} ms` });
    this.#setTimer(this.#link.scheduler.after(helloMs, tooLate));
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
    this.#setTimer(null);
    this.#onEnded(this);
  }

  #setTimer(timer: TimerHandle | null): void {
    this.#timer?.cancel();
    this.#timer = timer;
  }

  #post(parcel: Parcel): void {
    if (!this.#link.isPassable(this.host, this.peerHost)) {
      this.#lose(parcel);
      return;
    }
    this.#line.push(parcel);
    if (parcel.kind === 'frame') this.#bufferedBytes += parcel.bytes.length;
    const nowMs = this.#link.scheduler.monotonicMs();
    this.#lastArrivalMs = Math.max(nowMs + this.#link.drawDelayMs(), this.#lastArrivalMs);
    this.#link.scheduler.after(this.#lastArrivalMs - nowMs, () => this.#arrive());
  }

  /** Takes the oldest parcel off the line: whichever timer fires first, order is kept. */
  #arrive(): void {
    const parcel = this.#line.shift();
    assert(parcel !== undefined && this.#peer !== null, 'one timer for each parcel on the line');
    if (parcel.kind === 'frame') this.#bufferedBytes -= parcel.bytes.length;
    if (this.#link.isPassable(this.host, this.peerHost)) this.#peer.#receive(parcel);
    else this.#lose(parcel);
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
