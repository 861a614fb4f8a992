/** Asks the cluster how it is, past all proxies, whichever front end answers. */

import { setTimeout as sleep } from 'node:timers/promises';
import { HearsayError } from '../src/base/errors.js';
import type { Client } from '../src/client/api.js';
import { connect } from '../src/client/connect.js';
import { lastViewOf, type Member, primaryAmong, unrest, unsettled } from './members.js';

/** For one question, ms: a front end that is frozen answers nothing. */
const PATIENCE_MS = 2000;

/** Whole states are looked at. */
const LOOK_EVERY_MS = 500;

/** One question at a time. */
export class Observer {
  readonly #urls: string[];
  #client: Client | null = null;

  constructor(urls: readonly string[]) {
    this.#urls = [...urls];
  }

  /** What every replica says of itself; null when the front end that was asked does not answer. */
  async members(options: { readonly hash: boolean }): Promise<readonly Member[] | null> {
    try {
      this.#client ??= await connect(this.#urls, { timeoutMs: PATIENCE_MS });
      return (await this.#client.status(options)).members;
    } catch (error) {
      if (!(error instanceof HearsayError)) throw error;
      await this.close();
      // One that takes everything and answers nothing must not be the first again.
      this.#urls.push(...this.#urls.splice(0, 1));
      return null;
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.close();
  }
}

/** Null when nobody says that it is the primary, or no front end answers in time. */
export async function nameOfPrimary(urls: readonly string[]): Promise<string | null> {
  const observer = new Observer(urls);
  try {
    const members = await observer.members({ hash: false });
    return primaryAmong(members ?? [])?.name ?? null;
  } finally {
    await observer.close();
  }
}

export interface Rest {
  /** What was still wrong when the time was up, in words, or null. */
  readonly trouble: string | null;
  readonly tookMs: number;
  /** State hashes by replica. */
  readonly hashes: Readonly<Record<string, string>>;
  readonly lastView: number;
}

/**
 * Waits until every replica counts, lacks nothing and has the same state as all others, and all follow
 * one primary. Rejects when the signal says so.
 */
export async function untilAtRest(
  urls: readonly string[],
  mostMs: number,
  signal: AbortSignal,
): Promise<Rest> {
  const observer = new Observer(urls);
  const beganMs = performance.now();
  try {
    for (;;) {
      const members = await observer.members({ hash: true });
      const trouble = members === null ? 'no front end answers' : unrest(members);
      const tookMs = performance.now() - beganMs;
      if (trouble === null || tookMs >= mostMs) {
        const hashes: Record<string, string> = {};
        for (const { name, stateHash } of members ?? []) hashes[name] = stateHash ?? 'unknown';
        return { trouble, tookMs, hashes, lastView: lastViewOf(members ?? []) };
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  } finally {
    await observer.close();
  }
}

/** Waits until just these are members and all of them count; answers what was still wrong, or null. */
export async function untilMembers(
  urls: readonly string[],
  names: ReadonlySet<string>,
  mostMs: number,
): Promise<string | null> {
  const observer = new Observer(urls);
  const endMs = performance.now() + mostMs;
  try {
    for (;;) {
      const members = await observer.members({ hash: false });
      const trouble = members === null ? 'no front end answers' : unsettled(members, names);
      if (trouble === null || performance.now() >= endMs) return trouble;
      await sleep(SETTLE_LOOK_MS);
    }
  } finally {
    await observer.close();
  }
}

/** Only who there is, is looked at. */
const SETTLE_LOOK_MS = 50;
