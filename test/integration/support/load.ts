/**
 * Clients that keep a cluster busy, and an account of what they were told: every write that was sent
 * is in it, acknowledged or not. Keys are fresh: hot keys hide lost writes.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Client } from '../../../src/client/api.js';
import { until } from './until.js';

const COUNTER = 'load-counter';

/** Between two requests of one client: a load that leaves the machine some air. */
const PAUSE_MS = 4;

const READS = ['causal', 'auto', 'fresh'] as const;

/** Keys that are read back at a time. */
const READ_AT_ONCE = 256;

export class Load {
  readonly #clients: readonly Client[];
  /** Keys whose writing was acknowledged. */
  readonly #written: string[] = [];
  /** Requests that failed, and answers that were wrong. */
  readonly failures: string[] = [];
  #added = 0;
  #tried = 0;
  #answered = 0;
  #longestMs = 0;
  #work: Promise<unknown> = Promise.resolve();
  #isOver = false;
  #rounds = 0;

  constructor(clients: readonly Client[]) {
    this.#clients = clients;
  }

  /** Requests answered since the start. */
  get answered(): number {
    return this.#answered;
  }

  /** Begins to use the cluster, or goes on after an end. */
  begin(): void {
    this.#isOver = false;
    this.#rounds++;
    this.#work = Promise.all(this.#clients.map((client, index) => this.#use(client, index)));
  }

  /** Lets the requests under way come to their end. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#work;
  }

  /** Waits until this many more requests were answered: a fault that hits no load proves nothing. */
  async answers(more: number): Promise<void> {
    const target = this.#answered + more;
    await until(`${more} more answers`, async () => {
      if (this.failures.length > 0) throw new Error(this.failures.join('; '));
      return this.#answered >= target;
    });
  }

  /** The longest time that a request took since the last call, in whole milliseconds. */
  takeLongestMs(): number {
    const longestMs = Math.ceil(this.#longestMs);
    this.#longestMs = 0;
    return longestMs;
  }

  /** Reads everything back: what was acknowledged is there, and was counted once. */
  async expectKept(reader: Client): Promise<void> {
    for (let from = 0; from < this.#written.length; from += READ_AT_ONCE) {
      const keys = this.#written.slice(from, from + READ_AT_ONCE);
      const answers = await Promise.all(
        keys.map((key) => reader.query('get', { key }, { consistency: 'fresh' })),
      );
      expect(answers.map(({ value }) => value)).to.deep.equal(keys);
    }
    const { value } = await reader.query('count', { key: COUNTER }, { consistency: 'fresh' });
    expect(value, 'the counter').to.be.within(this.#added, this.#tried);
    // With nothing left unanswered both bounds are one number.
    if (this.failures.length === 0) expect(this.#added).to.equal(this.#tried);
  }

  async #use(client: Client, index: number): Promise<void> {
    for (let n = 1; !this.#isOver; n++) {
      const key = `${this.#rounds}-load-${index}-${n}`;
      await this.#timed(`set ${key}`, async () => {
        await client.update('set', { key, value: key });
        this.#written.push(key);
      });
      await this.#timed('add', async () => {
        this.#tried++;
        await client.update('add', { key: COUNTER, amount: 1 });
        this.#added++;
      });
      const consistency = READS[n % READS.length] ?? 'auto';
      await this.#timed(`get ${key} ${consistency}`, async () => {
        const { value } = await client.query('get', { key }, { consistency });
        if (value !== key) this.failures.push(`${key} reads ${String(value)} (${consistency})`);
      });
    }
  }

  async #timed(what: string, request: () => Promise<void>): Promise<void> {
    const startMs = performance.now();
    try {
      await request();
      this.#answered++;
    } catch (error) {
      this.failures.push(`${what}: ${String(error)}`);
    }
    this.#longestMs = Math.max(this.#longestMs, performance.now() - startMs);
    await sleep(PAUSE_MS);
  }
}
