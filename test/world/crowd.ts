/**
 * What directed scenes share: clients at work whose requests are all written down, links that are cut
 * between machines, and what must hold at the end: everything comes to rest within a stated time, and
 * the checkers find that every promise was kept.
 */

import { expect } from 'chai';
import { type Random, SeededRandom } from '../../src/base/random.js';
import { checkHistory } from '../../src/check/check-history.js';
import type { HistoryOperation, HistoryOutcome } from '../../src/check/history.js';
import { converge } from '../../src/sim/liveness.js';
import type { ClientHost } from '../../src/sim/client-host.js';
import { HistoryRecorder, type RecordingClient } from '../../src/sim/recorder.js';
import { WORKLOADS } from '../../src/sim/workloads/all.js';
import type { Play, Player } from '../../src/sim/workloads/workload.js';
import type { World } from './world.js';

/** Nothing gets from the first machine to the second. */
export type Link = readonly [from: string, to: string];

/** The links between two groups of machines, both ways. */
export const between = (ones: readonly string[], others: readonly string[]): Link[] =>
  ones.flatMap((one) =>
    others.flatMap((other): Link[] => [
      [one, other],
      [other, one],
    ]),
  );

/** Cuts links; connections over them break after so long, or (null) never. */
export function cut(world: World, links: readonly Link[], breakAfterMs: number | null): void {
  for (const [from, to] of links) world.network.cut(from, to, { breakAfterMs });
}

export function mend(world: World, links: readonly Link[]): void {
  for (const [from, to] of links) world.network.mend(from, to);
}

/** All replicas come to rest in equal states within so much virtual time. */
export async function expectRest(world: World, withinMs: number, what: string): Promise<void> {
  const { trouble, tookMs } = await world.until(
    converge(world, world.replicas, { hasLostDisks: false, isWhole: false }),
  );
  expect(trouble, what).to.equal(null);
  expect(tookMs, `${what}: virtual ms until all was quiet`).to.be.at.most(withinMs);
  expect(new Set(Object.values(world.stateHashes())), what).to.have.property('size', 1);
}

/** A request that must have ended well: its outcome, or the test fails with what was said. */
export function ended<Kind extends HistoryOutcome['kind']>(
  outcome: HistoryOutcome,
  kind: Kind,
): Extract<HistoryOutcome, { kind: Kind }> {
  expect(outcome).to.have.property('kind', kind);
  return outcome as Extract<HistoryOutcome, { kind: Kind }>;
}

/** Between two requests a client of the crowd thinks for less than this, ms. */
const THINK_MS = 60;

/** Requests of the crowd give up after half of this to all of it, ms. */
const TIMEOUT_MS = 2000;

export interface Caller extends RecordingClient {
  readonly host: ClientHost;
}

interface Worker {
  readonly host: ClientHost;
  readonly player: Player;
}

export class Crowd {
  readonly recorder: HistoryRecorder;
  readonly isCareful: boolean;
  readonly #world: World;
  readonly #random: Random;
  readonly #plays: readonly Play[];
  readonly #workers: Worker[] = [];

  /** A careful one asks for two copies of most updates: others may be taken back where disks are lost. */
  constructor(world: World, seed: number, { isCareful = false } = {}) {
    this.#world = world;
    this.isCareful = isCareful;
    this.#random = new SeededRandom(seed).child('crowd');
    this.recorder = new HistoryRecorder('kv', () => world.scheduler.monotonicMs());
    // Scenes of the causal part: a primary that stands still would hold others up. Forced updates have
    // scenes of their own.
    const causal = WORKLOADS.filter(({ service, isForced }) => service === 'kv' && !isForced);
    this.#plays = causal.map((workload) => workload.begin(this.#random));
  }

  /** A client of the test's own, of these front ends, whose requests are written down as well. */
  newCaller(frontends: readonly string[] = []): Caller {
    const host = this.#world.newClient(frontends);
    return { ...this.recorder.recording(host.client, host.name), host };
  }

  /** The same, once it has found a front end. */
  async caller(frontends: readonly string[] = []): Promise<Caller> {
    const caller = this.newCaller(frontends);
    await this.#world.until(caller.host.client.ready());
    return caller;
  }

  /** One more client of these front ends (all when none is named) that will work. */
  add(frontends: readonly string[] = []): ClientHost {
    const worker = this.#newWorker(frontends);
    this.#workers.push(worker);
    return worker.host;
  }

  /** All work for so long, changing front ends now and then; whoever waits lets time pass. */
  async work(forMs: number): Promise<void> {
    const world = this.#world;
    const endMs = world.scheduler.monotonicMs() + forMs;
    const steps = this.#plays.flatMap((play) => play.steps);
    const work = async ({ host, player }: Worker): Promise<void> => {
      while (world.scheduler.monotonicMs() < endMs) {
        await world.pause(player.random.below(THINK_MS));
        if (player.random.chance(1, 10)) host.breakConnection();
        await player.random.pick(steps)(player);
      }
    };
    await Promise.all(this.#workers.map(work));
  }

  /** Requests that were sent from one instant on. */
  operations(fromMs: number): readonly HistoryOperation[] {
    return this.recorder.operations.filter(({ calledMs }) => calledMs >= fromMs);
  }

  /**
   * Reads all that was written, once everything is quiet, and has the history checked. A crowd that had
   * fewer updates acknowledged than `leastAcknowledged` proves nothing.
   */
  async expectPromisesKept(
    what: string,
    leastAcknowledged: number,
    { leastCopies = 1 } = {},
  ): Promise<void> {
    this.recorder.markFinal();
    const before = this.recorder.operations.length;
    const { host, player } = this.#newWorker([]);
    await this.#world.until(host.client.ready());
    for (const { readAll } of this.#plays) await this.#world.until(readAll(player));
    for (const { outcome } of this.recorder.operations.slice(before)) {
      expect(ended(outcome, 'answered').guarantee, what).to.equal('fresh');
    }
    const history = this.recorder.history({
      leastCopies,
      takesBack: leastCopies > 1,
      finalHashes: this.#world.stateHashes(),
    });
    expect(checkHistory(history).violations, what).to.deep.equal([]);
    expect(this.#world.brokenRules(), what).to.deep.equal([]);
    expect(this.#world.halted, what).to.deep.equal([]);
    expect(this.recorder.progress.acknowledged, what).to.be.at.least(leastAcknowledged);
  }

  #newWorker(frontends: readonly string[]): Worker {
    const number = this.#workers.length + 1;
    const host = this.#world.newClient(frontends, {}, `worker-${number}`);
    let values = 0;
    const player = {
      number,
      caller: this.recorder.recording(host.client, host.name),
      random: this.#random.child(host.name),
      timeoutMs: TIMEOUT_MS,
      isCareful: this.isCareful,
      newValue: () => `${number}-${++values}`,
    };
    return { host, player };
  }
}
