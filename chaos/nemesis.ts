/**
 * Strikes with the chosen kinds of faults until the run is over, each kind at least once, several at a
 * time. A fault cures itself, so all is mended when it resolves: whatever the cluster does not get over
 * then is its own fault.
 */

import type { Random } from '../src/base/random.js';
import type { ChaosCluster } from './cluster.js';
import type { FaultKind, Movable, Scene } from './faults/fault.js';
import { nameOfPrimary } from './observer.js';
import type { PartProcess } from './part-process.js';
import type { RestartBudget } from './restart-budget.js';
import type { Watcher } from './watcher.js';

export interface NemesisInit {
  readonly cluster: ChaosCluster;
  readonly random: Random;
  readonly players: readonly Movable[];
  readonly faults: readonly FaultKind[];
  readonly watcher: Watcher;
  readonly budget: RestartBudget;
  readonly isOver: () => boolean;
  /** Lasts so long, or until the run is over. */
  readonly pause: (ms: number) => Promise<void>;
  readonly note: (what: string) => void;
}

/** Faults that may be under way at one time. */
const FAULTS_AT_ONCE = 2;

/** Between two faults, ms at most. */
const CALM_MS = 2500;

/** Before the next kind is tried when one could not strike, ms. */
const SEARCH_MS = 100;

export class Nemesis implements Scene {
  readonly cluster: ChaosCluster;
  readonly random: Random;
  readonly players: readonly Movable[];
  readonly pause: (ms: number) => Promise<void>;
  readonly note: (what: string) => void;
  /** How often each chosen kind of fault has struck. */
  readonly strikes: Map<string, number>;
  readonly #init: NemesisInit;
  /** Parts that a fault works on. */
  readonly #taken = new Set<PartProcess>();
  /** The replica that has lost its disk and may not count again yet. */
  #loser: PartProcess | null = null;
  #lostDisks = 0;

  constructor(init: NemesisInit) {
    this.#init = init;
    this.cluster = init.cluster;
    this.random = init.random;
    this.players = init.players;
    this.pause = init.pause;
    this.note = init.note;
    this.strikes = new Map(init.faults.map(({ name }) => [name, 0]));
  }

  /** Whether updates with one copy may be gone. */
  get hasLostDisks(): boolean {
    return this.#lostDisks > 0;
  }

  /** Kinds that have not struck yet. */
  get missing(): readonly FaultKind[] {
    return this.#init.faults.filter(({ name }) => this.strikes.get(name) === 0);
  }

  async strikeUntilOver(): Promise<void> {
    await Promise.all(Array.from({ length: FAULTS_AT_ONCE }, () => this.#strikeOften()));
  }

  async withParts(
    parts: readonly PartProcess[],
    starts: number,
    work: () => Promise<boolean>,
  ): Promise<boolean> {
    if (parts.some((part) => this.#taken.has(part)) || !this.#init.budget.take(starts))
      return false;
    for (const part of parts) this.#taken.add(part);
    try {
      return await work();
    } finally {
      for (const part of parts) this.#taken.delete(part);
    }
  }

  async findPrimary(): Promise<PartProcess | null> {
    const { directUrls, replicas } = this.cluster;
    const name = await nameOfPrimary(directUrls);
    return replicas.find((replica) => replica.name === name) ?? null;
  }

  start(part: PartProcess, ...words: readonly string[]): void {
    part.start(...words);
    if (part.role === 'replica') this.#init.watcher.expectRecovery(part);
  }

  takeDiskLoss(replica: PartProcess): boolean {
    // Until it counts again the same replica may lose its disk once more: nothing more is lost with it.
    const { watcher } = this.#init;
    const isMadeUpFor = this.#loser === null || watcher.isCounted(this.#loser);
    if (!isMadeUpFor && this.#loser !== replica) return false;
    this.#loser = replica;
    watcher.expectLoss(replica);
    this.#lostDisks++;
    return true;
  }

  async #strikeOften(): Promise<void> {
    const { isOver, faults } = this.#init;
    while (!isOver()) {
      const { missing } = this;
      const kind = this.random.pick(missing.length > 0 ? missing : faults);
      const hasStruck = await kind.strike(this);
      if (hasStruck) this.strikes.set(kind.name, (this.strikes.get(kind.name) ?? 0) + 1);
      await this.pause(hasStruck ? this.random.below(CALM_MS) : SEARCH_MS);
    }
  }
}
