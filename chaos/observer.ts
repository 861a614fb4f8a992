/** Asks the cluster how it is, past all proxies, whichever front end answers. */

import { setTimeout as sleep } from 'node:timers/promises';
import { HearsayError } from '../src/base/errors.js';
import type { Client, MemberStatus } from '../src/client/api.js';
import { connect } from '../src/client/connect.js';

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
  async members(options: { readonly hash: boolean }): Promise<readonly MemberStatus[] | null> {
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

export interface Rest {
  /** What was still wrong when the time was up, in words, or null. */
  readonly trouble: string | null;
  readonly tookMs: number;
  /** State hashes by replica. */
  readonly hashes: Readonly<Record<string, string>>;
}

/**
 * Waits until every replica counts, lacks nothing and has the same state as all others. Rejects when the
 * signal says so.
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
      const trouble = unrest(members);
      const tookMs = performance.now() - beganMs;
      if (trouble === null || tookMs >= mostMs) {
        const hashes: Record<string, string> = {};
        for (const { name, stateHash } of members ?? []) hashes[name] = stateHash ?? 'unknown';
        return { trouble, tookMs, hashes };
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  } finally {
    await observer.close();
  }
}

/** What keeps the cluster from being whole and quiet, in words, or null. */
function unrest(members: readonly MemberStatus[] | null): string | null {
  if (members === null) return 'no front end answers';
  for (const { name, status, counted, lagRecords } of members) {
    if (status.value === 'UNREACHABLE') return `${name} is not reached`;
    if (counted !== true) return `${name} does not count for fresh queries`;
    if (lagRecords !== 0) return `${name} lacks ${lagRecords} records`;
  }
  const hashes = members.map(({ name, stateHash }) => `${name} ${stateHash}`);
  const isEqual = new Set(members.map(({ stateHash }) => stateHash)).size === 1;
  return isEqual ? null : `the states differ: ${hashes.join(', ')}`;
}
