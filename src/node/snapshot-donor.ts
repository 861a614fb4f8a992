/**
 * What a member gives to new replicas: a snapshot of one instant, in pieces that they ask for. Making it
 * is the one pause in this member's service; hashing goes in slices between which others have their turn.
 * A snapshot is shown to nobody before the log is durable that it reflects (PROTOCOL A2, A14).
 */

import { RunningHash } from '../base/digest.js';
import { LIMITS } from '../base/limits.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { LinkId } from '../replica/events.js';
import type { GetSnapshot, SnapshotPart } from '../wire/membership-messages.js';

/** A new replica gets one that is at most so old: what has happened since must not be collected yet, ms. */
const SHARED_MS = 1000;
/** One that nobody has asked for in this long is let go. */
const KEPT_MS = 60_000;
/** While several are under way: the newest ones. Whoever was at an older one begins again. */
const HELD_MOST = 2;
/** Hashed without a pause: about 2 ms. */
const SLICE_BYTES = 256 * 1024;

export interface Donation {
  readonly bytes: Uint8Array;
  /** Items given to the journal when it was taken. */
  readonly items: number;
}

export interface SnapshotDonorInit {
  readonly scheduler: Scheduler;
  readonly take: () => Donation;
  /** Items of the journal that are durable. */
  readonly durable: () => number;
  readonly send: (link: LinkId, part: SnapshotPart) => void;
}

interface Held {
  readonly taken: Donation;
  readonly takenAtMs: number;
  askedAtMs: number;
  readonly running: RunningHash;
  hashed: number;
  /** Null while it is hashed. */
  hash: string | null;
}

export class SnapshotDonor {
  readonly #init: SnapshotDonorInit;
  /** Oldest first. */
  #held: Held[] = [];
  /** What each joiner asked for last; null: the newest one, once it is hashed and durable. */
  readonly #waiting = new Map<LinkId, { readonly begun: Held; readonly offset: number } | null>();
  #willServe = false;
  #isStopped = false;

  /** The longest that making one held up everything else, ms. */
  longestPauseMs = 0;

  constructor(init: SnapshotDonorInit) {
    this.#init = init;
  }

  onRequest(link: LinkId, { resume }: GetSnapshot): void {
    const nowMs = this.#init.scheduler.monotonicMs();
    const begun = resume && this.#held.find(({ hash }) => hash === resume.hash);
    const newest = this.#held.at(-1);
    if (begun) begun.askedAtMs = nowMs;
    else if (newest === undefined || nowMs - newest.takenAtMs > SHARED_MS) this.#take(nowMs);
    else newest.askedAtMs = nowMs;
    this.#waiting.set(link, begun ? { begun, offset: resume.offset } : null);
    this.#serveSoon();
  }

  forget(link: LinkId): void {
    this.#waiting.delete(link);
  }

  /** Serves who waits, as far as the log has become durable; lets go of what nobody wants any more. */
  serve(): void {
    const nowMs = this.#init.scheduler.monotonicMs();
    this.#held = this.#held.filter(({ askedAtMs }) => nowMs - askedAtMs <= KEPT_MS);
    const newest = this.#held.at(-1);
    if (newest === undefined) return;
    const isReady = newest.hash !== null && this.#init.durable() >= newest.taken.items;
    for (const [link, wanted] of this.#waiting) {
      if (wanted === null && !isReady) continue;
      this.#waiting.delete(link);
      this.#send(link, wanted?.begun ?? newest, wanted?.offset ?? 0);
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#held = [];
    this.#waiting.clear();
  }

  /** After all that has arrived: whoever asks many times at once is given one piece, not many. */
  #serveSoon(): void {
    if (this.#willServe) return;
    this.#willServe = true;
    this.#init.scheduler.soon(() => {
      this.#willServe = false;
      this.serve();
    });
  }

  #take(nowMs: number): void {
    const { scheduler, take } = this.#init;
    const taken = take();
    this.longestPauseMs = Math.max(this.longestPauseMs, scheduler.monotonicMs() - nowMs);
    const running = new RunningHash();
    const held = { taken, takenAtMs: nowMs, askedAtMs: nowMs, running, hashed: 0, hash: null };
    this.#held = [...this.#held, held].slice(-HELD_MOST);
    this.#hash(held);
  }

  #hash(held: Held): void {
    if (this.#isStopped) return;
    const { bytes } = held.taken;
    held.running.update(bytes.subarray(held.hashed, held.hashed + SLICE_BYTES));
    held.hashed += SLICE_BYTES;
    if (held.hashed < bytes.length) {
      this.#init.scheduler.soon(() => this.#hash(held));
      return;
    }
    held.hash = held.running.finish();
    this.serve();
  }

  #send(link: LinkId, { taken, hash }: Held, offset: number): void {
    if (hash === null) return;
    const { bytes } = taken;
    const piece = bytes.subarray(offset, offset + LIMITS.snapshotPartBytes);
    this.#init.send(link, {
      kind: 'snapshot-part',
      hash,
      size: bytes.length,
      offset,
      bytes: piece,
    });
  }
}
