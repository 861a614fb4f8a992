/**
 * How a process becomes a replica of a cluster that is there (PROTOCOL C, Add): it asks all addresses it
 * knows, again and again, until one of them has given it a whole snapshot. It never gives up because
 * nobody is there; it does where it is told that it cannot belong.
 */

import { FatalError, HearsayError } from '../base/errors.js';
import { LIMITS } from '../base/limits.js';
import type { ReplicaHello } from '../wire/messages.js';
import { type Asker, type Introduced, askReplica, Refusal } from './ask-replica.js';
import type { Seeds } from './replica-components.js';
import { DUPLICATE_NAME } from './replica-handshake.js';
import { decodeSnapshot } from './snapshot.js';
import { SnapshotDownload } from './snapshot-download.js';

/** Between two rounds of all addresses. */
const PAUSE_MS = 500;
/** A member makes a snapshot and waits for its disk before the first piece. */
const PIECE_MS = 30_000;
/** What whoever is asked when this process ends is told. */
const ENDS = 'this process ends';
/** Of what others say, in words of this process's own. */
const WHY_LENGTH = 200;
/** A process that died silently is taken for connected so long; who has just started finds the others by then. */
const DUPLICATE_PATIENCE_MS = LIMITS.deadPeerMs + 2000;

export interface JoinInit extends Asker {
  /** Where replicas of the cluster may be. */
  readonly seeds: Seeds;
}

export interface Joined {
  /** Of the member that gave the snapshot. */
  readonly hello: ReplicaHello;
  /** As it came: it begins a journal as it is. */
  readonly snapshot: Uint8Array;
}

export class Joiner {
  readonly #init: JoinInit;
  readonly #download = new SnapshotDownload();
  #present: Introduced['conversation'] | null = null;
  #isStopped = false;
  #duplicateSinceMs: number | null = null;

  /** In words, for people who wait. */
  waitsFor: string;

  constructor(init: JoinInit) {
    this.#init = init;
    this.waitsFor = placesOf(init.seeds);
  }

  /**
   * Resolves with null once it was stopped. Rejects with FatalError, or with HearsayError INVALID for
   * another initial state, where the cluster will not have it.
   */
  async join(): Promise<Joined | null> {
    while (!this.#isStopped) {
      const addresses = this.#init.seeds.addresses();
      if (addresses.length === 0) this.waitsFor = placesOf(this.#init.seeds);
      for (const address of addresses) {
        const joined = await this.#try(address);
        if (this.#isStopped) return null;
        if (joined !== null) return joined;
      }
      this.#init.seeds.refresh();
      await this.#pause();
    }
    return null;
  }

  stop(): void {
    this.#isStopped = true;
    this.#present?.close(ENDS);
  }

  async #try(address: string): Promise<Joined | null> {
    try {
      const { conversation, hello } = await askReplica(this.#init, address);
      if (this.#isStopped) {
        conversation.close(ENDS);
        return null;
      }
      this.#present = conversation;
      try {
        this.#duplicateSinceMs = null;
        return { hello, snapshot: await this.#takeSnapshot(hello, conversation) };
      } finally {
        this.#present = null;
        conversation.close('the snapshot is here, or does not come');
      }
    } catch (error) {
      if (error instanceof FatalError) throw error;
      if (error instanceof Refusal) this.#onRefusal(error);
      // Whoever waits as well says for whom, which may be this one: the rest is left out.
      const why = (error instanceof Error ? error.message : String(error)).slice(0, WHY_LENGTH);
      this.waitsFor = `${placesOf(this.#init.seeds)} (${address}: ${why})`;
      return null;
    }
  }

  async #takeSnapshot(
    { name }: ReplicaHello,
    conversation: Introduced['conversation'],
  ): Promise<Uint8Array> {
    for (;;) {
      conversation.say(this.#download.request);
      const answer = await conversation.hear(PIECE_MS);
      if (answer.kind === 'rejected') throw new HearsayError(answer.code, answer.message);
      if (answer.kind !== 'snapshot-part') {
        throw new HearsayError('INVALID', `${name} answered with ${answer.kind}`);
      }
      const whole = this.#download.take(answer);
      if (whole !== null) {
        // One of a form that is not known here must not become anybody's beginning.
        decodeSnapshot(whole);
        return whole;
      }
      this.waitsFor = `the snapshot of ${name}, ${this.#download.progress}`;
    }
  }

  #onRefusal({ code, message }: Refusal): void {
    const own = `${this.#init.name} cannot join: ${message}`;
    if (code === 'INVALID') throw new HearsayError('INVALID', own);
    if (code === 'VERSION') throw new FatalError(own);
    if (code !== 'REFUSED') return;
    if (!message.startsWith(DUPLICATE_NAME)) throw new FatalError(own);
    const nowMs = this.#init.scheduler.monotonicMs();
    this.#duplicateSinceMs ??= nowMs;
    if (nowMs - this.#duplicateSinceMs >= DUPLICATE_PATIENCE_MS) throw new FatalError(own);
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#init.scheduler.after(PAUSE_MS, resolve);
    });
  }
}

function placesOf(seeds: Seeds): string {
  const addresses = seeds.addresses();
  if (addresses.length > 0) return `a replica at ${addresses.join(', ')}`;
  const { trouble = null } = seeds;
  return trouble === null ? 'the address of a replica' : `the address of a replica (${trouble})`;
}

/** Whether a cluster is there already: anyone who answers says so, but one that waits for one as well. */
export async function findsCluster(asker: Asker, addresses: readonly string[]): Promise<boolean> {
  const answers = addresses.map(async (address) => {
    try {
      const { conversation } = await askReplica(asker, address);
      conversation.close('only asked whether there is a cluster');
      return true;
    } catch (error) {
      return error instanceof Refusal && error.code !== 'UNAVAILABLE';
    }
  });
  return (await Promise.all(answers)).includes(true);
}
