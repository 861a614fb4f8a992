/**
 * Watches replicas come back: which of them count for fresh queries, and how long each took for that
 * after its start.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { MemberStatus } from '../src/client/api.js';
import { Observer } from './observer.js';
import type { PartProcess } from './part-process.js';

const LOOK_EVERY_MS = 250;

export class Watcher {
  /** From a restart of a replica until it counted again, ms. */
  readonly recoveriesMs: number[] = [];
  readonly #observer: Observer;
  /** Replicas that do not count yet: the process in which they will, null before its start. */
  readonly #recovering = new Map<
    string,
    { readonly pid: number | null; readonly sinceMs: number }
  >();
  #work: Promise<void> = Promise.resolve();
  #isOver = false;

  /** All replicas count now. */
  constructor(urls: readonly string[]) {
    this.#observer = new Observer(urls);
  }

  /** Begins to look. */
  start(): void {
    this.#work = this.#watch();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#work;
    await this.#observer.close();
  }

  /** A replica was started again just now. */
  expectRecovery({ name, pid }: PartProcess): void {
    this.#recovering.set(name, { pid, sinceMs: performance.now() });
  }

  /** A replica will lose what it has: however it looks, it counts only after its next start. */
  expectLoss({ name }: PartProcess): void {
    this.#recovering.set(name, { pid: null, sinceMs: performance.now() });
  }

  /** Whether a replica has counted since its last start or loss. */
  isCounted({ name }: PartProcess): boolean {
    return !this.#recovering.has(name);
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      const members =
        this.#recovering.size > 0 ? await this.#observer.members({ hash: false }) : [];
      for (const member of members ?? []) this.#note(member);
      await sleep(LOOK_EVERY_MS);
    }
  }

  #note({ name, pid, counted }: MemberStatus): void {
    const recovering = this.#recovering.get(name);
    if (recovering === undefined || recovering.pid !== pid || counted !== true) return;
    this.#recovering.delete(name);
    this.recoveriesMs.push(performance.now() - recovering.sinceMs);
  }
}
