/**
 * SCENARIO 19: what replicas send each other comes twice, in another order, and again after hours, to the
 * same processes and to later starts. Counters stay exact, states become equal, and no replica's
 * timestamps ever shrink.
 */

import { expect } from 'chai';
import { SeededRandom } from '../../src/base/random.js';
import { kv } from '../../src/service/kv/kv.js';
import { DEFAULT_TUNING } from '../../src/replica/state.js';
import type { Host } from '../../src/sim/host.js';
import { Crowd, ended, expectRest } from './crowd.js';
import { ReplayingNetwork } from './replaying-network.js';
import { World } from './world.js';

const SEEDS = [1, 2, 3];
const HOURS_MS = 3 * 3_600_000;
const REST_MS = 3 * DEFAULT_TUNING.gossipIntervalMs;
const ADDS = 20;

describe('gossip that comes again', function () {
  this.timeout(60_000);

  it('scenario 19: every other frame doubled or late, under load: counters exact, states equal', async () => {
    for (const seed of SEEDS) {
      const what = `seed ${seed}`;
      const { world, crowd, watch } = await replayedWorld(seed);
      Object.assign(world.network.conditions, { duplicatePerMille: 500, reorderPerMille: 500 });
      await world.until(Promise.all([crowd.work(3000), addUp(crowd), watch.lookFor(3000)]));
      Object.assign(world.network.conditions, world.normalConditions);
      const { duplicated, reordered } = world.network.statistics;
      expect(Math.min(duplicated, reordered), what).to.be.above(300);
      await expectExact(world, crowd, what);
      await world.close();
    }
  });

  it('scenario 19: all of it, twice and in any order, after three hours: nothing changes', async () => {
    for (const seed of SEEDS) {
      const what = `seed ${seed}`;
      const { world, crowd, network, watch } = await replayedWorld(seed);
      await world.until(Promise.all([crowd.work(1000), addUp(crowd), watch.lookFor(1000)]));
      await expectRest(world, REST_MS, what);
      await standStillFor(world, HOURS_MS);
      await expectRest(world, REST_MS, what);
      const before = whatReplicasAre(world);
      await world.until(replayAll(world, network, seed));
      await expectRest(world, REST_MS, what);
      expect(whatReplicasAre(world), what).to.deep.equal(before);
      watch.look();
      await expectExact(world, crowd, what);
      await world.close();
    }
  });

  it('scenario 19: under new load, after three hours: what is new arrives as if nothing were wrong', async () => {
    for (const seed of SEEDS) {
      const what = `seed ${seed}`;
      const { world, crowd, network, watch } = await replayedWorld(seed);
      await world.until(Promise.all([crowd.work(1000), addUp(crowd)]));
      await standStillFor(world, HOURS_MS);
      const replay = replayAll(world, network, seed);
      await world.until(Promise.all([crowd.work(1000), replay, watch.lookFor(1000)]));
      await expectExact(world, crowd, what);
      await world.close();
    }
  });

  it('scenario 19: to later starts of all replicas, after three hours: nothing is done again', async () => {
    for (const seed of SEEDS) {
      const what = `seed ${seed}`;
      const { world, crowd, network, watch } = await replayedWorld(seed);
      await world.until(Promise.all([crowd.work(1000), addUp(crowd)]));
      await expectRest(world, REST_MS, what);
      watch.look();
      for (const host of world.replicas) await host.crash();
      await standStillFor(world, HOURS_MS);
      for (const host of world.replicas) await world.until(host.start());
      // Until they have found each other there is nobody to replay to.
      await world.run(500);
      const replay = replayAll(world, network, seed);
      await world.until(Promise.all([crowd.work(1000), replay, watch.lookFor(1000)]));
      await expectExact(world, crowd, what);
      await world.close();
    }
  });
});

async function replayedWorld(seed: number) {
  const network = new ReplayingNetwork();
  const world = new World({
    seed,
    service: kv,
    replicas: 3,
    frontends: 2,
    wrapTransport: (host, transport) =>
      host.startsWith('rm-') ? network.listening(host, transport) : transport,
  });
  await world.start();
  const crowd = new Crowd(world, seed);
  for (let number = 1; number <= 3; number++) crowd.add();
  return { world, crowd, network, watch: new TimestampWatch(world) };
}

/** One client adds 1 so many times; all of it is acknowledged. */
async function addUp(crowd: Crowd): Promise<void> {
  const caller = crowd.newCaller();
  await caller.host.client.ready();
  for (let n = 0; n < ADDS; n++) {
    const added = await caller.update('add', { key: 'sum', amount: 1 }, { timeoutMs: 20_000 });
    ended(added, 'updated');
  }
}

/** All is quiet, the sum is exact, no promise was broken. */
async function expectExact(world: World, crowd: Crowd, what: string): Promise<void> {
  await expectRest(world, REST_MS, what);
  const reader = await crowd.caller();
  const sum = await world.until(reader.query('count', { key: 'sum' }, { consistency: 'fresh' }));
  expect(ended(sum, 'answered').value, what).to.equal(ADDS);
  await crowd.expectPromisesKept(what, 35);
}

/** The virtual hours in which nobody does anything cost nothing: all machines are asleep. */
async function standStillFor(world: World, forMs: number): Promise<void> {
  const machines: Host[] = [...world.replicas, ...world.frontends, ...world.clients];
  for (const machine of machines) machine.freeze();
  await world.run(forMs);
  for (const machine of machines) machine.thaw();
  await world.run(1000);
}

/** Every frame that replicas have heard from each other so far, twice, in any order, within a second. */
async function replayAll(world: World, network: ReplayingNetwork, seed: number): Promise<void> {
  const random = new SeededRandom(seed).child('replay');
  const frames = [...network.frames, ...network.frames]
    .map((frame) => ({ frame, place: random.below(2 ** 30) }))
    .sort((one, other) => one.place - other.place);
  let replayed = 0;
  for (const [index, { frame }] of frames.entries()) {
    if (network.replay(frame)) replayed++;
    if (index % Math.ceil(frames.length / 200) === 0) await world.pause(5);
  }
  expect(replayed, `of ${frames.length} frames`).to.be.above(0.9 * frames.length);
}

/** What must not move: log, state and timestamps of each replica, and how much it has executed. */
const whatReplicasAre = (world: World): unknown =>
  world.replicas.map(({ driver }) => {
    // An old heartbeat tells an old time.
    const { clockAheadMs: _, ...rest } = driver?.report(true) ?? {};
    return { ...rest, executed: driver?.figures.updatesExecuted };
  });

/** Looks at the timestamps of all replicas again and again: no entry may ever shrink. */
class TimestampWatch {
  readonly #world: World;
  readonly #seen = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  look(): void {
    for (const { name, driver } of this.#world.replicas) {
      const report = driver?.report(false);
      for (const kind of ['replicaTS', 'valueTS'] as const) {
        const now = (report?.[kind] ?? {}) as Record<string, number>;
        for (const key of this.#seen.keys()) {
          const [host, which, origin = ''] = key.split(' ');
          if (report === undefined || host !== name || which !== kind) continue;
          expect(now[origin] ?? 0, `${key} shrank`).to.be.at.least(this.#seen.get(key) ?? 0);
        }
        for (const [origin, count] of Object.entries(now)) {
          this.#seen.set(`${name} ${kind} ${origin}`, count);
        }
      }
    }
  }

  async lookFor(forMs: number): Promise<void> {
    for (let leftMs = forMs; leftMs > 0; leftMs -= 20) {
      this.look();
      await this.#world.pause(20);
    }
  }
}
