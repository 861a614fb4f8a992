/**
 * SCENARIOS 9 and 11: the network falls apart, or holds together only by detours. Both sides of a
 * partition serve what can be promised there and say what cannot; where there is a detour, what was
 * acknowledged takes it while the network is as it is.
 */

import { expect } from 'chai';
import { LIMITS } from '../../src/base/limits.js';
import { SeededRandom } from '../../src/base/random.js';
import { kv } from '../../src/service/kv/kv.js';
import { DEFAULT_TUNING } from '../../src/replica/state.js';
import type { RecordingClient } from '../../src/sim/recorder.js';
import { between, Crowd, cut, ended, expectRest, type Link, mend } from './crowd.js';
import { World } from './world.js';

const SEEDS = [1, 2, 3];

/** How the ends of a cut connection learn of it: by the heartbeat, sooner, or never. */
const BREAKS_MS = [LIMITS.deadPeerMs, 400, null];
const breakAfterMs = (seed: number): number | null => BREAKS_MS[seed % BREAKS_MS.length] ?? null;

const { gossipIntervalMs } = DEFAULT_TUNING;

/**
 * From mending to rest: a connection that lost something still stands and is ended by the heartbeat, or
 * a dial that nobody heard is under way and times out; a pause before the next dial; two rounds of gossip.
 */
const HEAL_MS =
  Math.max(LIMITS.deadPeerMs, LIMITS.dialMs) + LIMITS.reconnectMaxMs + 2 * gossipIntervalMs;

/** A replica that fell silent is not waited for longer than 2 s (PROTOCOL H), and the answer travels. */
const SERVED_MS = 2500;

/** A record goes to neighbours at once, and one hop further with the round after next. */
const hopsMs = (hops: number): number => 500 + (hops - 1) * 2 * gossipIntervalMs;

/** Links that a ring of five does not have. */
const NO_NEIGHBOURS: readonly Link[] = [
  ...between(['rm-1'], ['rm-3', 'rm-4']),
  ...between(['rm-2'], ['rm-4', 'rm-5']),
  ...between(['rm-3'], ['rm-5']),
];

const FRESH = { consistency: 'fresh', timeoutMs: 2000 } as const;

describe('a partition', function () {
  this.timeout(60_000);

  it('scenario 9: of two replicas each side keeps one: both go on, and agree after healing', async () => {
    for (const seed of SEEDS) {
      const what = `seed ${seed}`;
      const world = new World({ seed, service: kv, replicas: 2, frontends: 2 });
      await world.start();
      const { crowd, one, two } = await crowdOnTwoSides(world, seed);
      const links = between(['rm-1', 'fe-1'], ['rm-2', 'fe-2']);
      await world.until(crowd.work(1000));
      cut(world, links, breakAfterMs(seed));
      const sides = Promise.all([useLonelySide(world, one), useLonelySide(world, two)]);
      await world.until(Promise.all([sides, crowd.work(8000)]));
      for (const caller of [one, two]) {
        // With two replicas R is 1: nothing has two copies that one member does not hold.
        const answer = await world.until(caller.query('count', { key: 'sum' }, FRESH));
        expect(answer, what).to.deep.include({ kind: 'answered', guarantee: 'fresh', value: 5 });
      }
      mend(world, links);
      await expectRest(world, HEAL_MS, what);
      await expectBothSidesKept(world, crowd, what, 10);
      await world.close();
    }
  });

  it('scenario 9: of three replicas one is alone: it serves causally and says so, the two serve all', async () => {
    for (const seed of SEEDS) {
      const what = `seed ${seed}`;
      const world = new World({ seed, service: kv, replicas: 3, frontends: 2 });
      await world.start();
      const { crowd, one, two } = await crowdOnTwoSides(world, seed);
      const links = between(['rm-1', 'fe-1'], ['rm-2', 'rm-3', 'fe-2']);
      await world.until(crowd.work(1000));
      cut(world, links, breakAfterMs(seed));
      const sides = Promise.all([useLonelySide(world, one), useLargerSide(world, two)]);
      await world.until(Promise.all([sides, crowd.work(8000)]));

      const fresh = await world.until(one.query('count', { key: 'sum' }, FRESH));
      expect(fresh, what).to.include({ kind: 'failed', code: 'UNAVAILABLE' });
      expect(fresh).to.have.property('message').that.includes('needs 2 members');
      for (const consistency of ['causal', 'auto'] as const) {
        const answer = await world.until(one.query('count', { key: 'sum' }, { consistency }));
        expect(answer, what).to.deep.include({ kind: 'answered', guarantee: 'causal', value: 5 });
      }
      mend(world, links);
      await expectRest(world, HEAL_MS, what);
      await expectBothSidesKept(world, crowd, what, 10);
      await world.close();
    }
  });
});

describe('a network that holds together by detours', function () {
  this.timeout(60_000);

  it('scenario 11: a ring of five: what is acknowledged goes round while each sees two neighbours', async () => {
    for (const seed of SEEDS) {
      const world = new World({ seed, service: kv, replicas: 5, frontends: 3 });
      await world.start();
      const crowd = crowdOf(5, world, seed);
      await workWhileCut(world, crowd, NO_NEIGHBOURS, breakAfterMs(seed));
      await expectRest(world, hopsMs(2), `seed ${seed}`);
      await crowd.expectPromisesKept(`seed ${seed}`, 100);
      await world.close();
    }
  });

  it('scenario 11: a ring of five whose front ends see one replica each: every record has one copy first', async () => {
    for (const seed of SEEDS) {
      const world = new World({ seed, service: kv, replicas: 5, frontends: 5 });
      await world.start();
      const crowd = new Crowd(world, seed);
      for (const { name } of [...world.frontends, ...world.frontends]) crowd.add([name]);
      const names = world.replicas.map(({ name }) => name);
      const others = world.frontends.flatMap(({ name }, index) =>
        between(
          [name],
          names.filter((_, other) => other !== index),
        ),
      );
      await workWhileCut(world, crowd, [...NO_NEIGHBOURS, ...others], 400);
      await expectRest(world, hopsMs(2), `seed ${seed}`);
      // A fresh answer needs four members: here a front end sees only one.
      world.network.mendAll();
      await world.run(HEAL_MS);
      await crowd.expectPromisesKept(`seed ${seed}`, 10);
      await world.close();
    }
  });

  it('scenario 11: a bridge: two replicas that see only a third one learn all of each other from it', async () => {
    for (const seed of SEEDS) {
      const world = new World({ seed, service: kv, replicas: 3, frontends: 2 });
      await world.start();
      const crowd = crowdOf(5, world, seed);
      await workWhileCut(world, crowd, between(['rm-1'], ['rm-3']), breakAfterMs(seed));
      await expectRest(world, hopsMs(2), `seed ${seed}`);
      await crowd.expectPromisesKept(`seed ${seed}`, 100);
      await world.close();
    }
  });

  it('scenario 11: flapping links: no promise is broken, and all agree once they hold still', async () => {
    for (const seed of SEEDS) {
      const what = `seed ${seed}`;
      const world = new World({ seed, service: kv, replicas: 3, frontends: 2 });
      await world.start();
      const crowd = crowdOf(8, world, seed);
      const random = new SeededRandom(seed).child('flaps');
      const isOver = { working: false };
      let flaps = 0;
      const flap = async (links: readonly Link[]): Promise<void> => {
        while (!isOver.working) {
          cut(world, links, random.pick([20, 300, null]));
          await world.pause(random.below(400));
          mend(world, links);
          await world.pause(random.below(300));
          flaps++;
        }
      };
      const work = crowd.work(8000).finally(() => {
        isOver.working = true;
      });
      const flapping = [
        between(['rm-1'], ['rm-2']),
        between(['rm-2'], ['rm-3']),
        between(['rm-1'], ['rm-3']),
        between(['fe-1'], ['rm-1']),
      ].map(flap);
      await world.until(Promise.all([work, ...flapping]));
      expect(flaps, what).to.be.above(50);
      expect(world.network.statistics.broken, what).to.be.above(10);
      await expectRest(world, HEAL_MS, what);
      await crowd.expectPromisesKept(what, 20);
      await world.close();
    }
  });
});

/** Two clients of the test's own and two that work, on each side of a partition to come. */
async function crowdOnTwoSides(world: World, seed: number) {
  const crowd = new Crowd(world, seed);
  const [one, two] = [await crowd.caller(['fe-1']), await crowd.caller(['fe-2'])];
  for (const frontend of ['fe-1', 'fe-2']) crowd.add([frontend]);
  return { crowd, one, two };
}

function crowdOf(size: number, world: World, seed: number): Crowd {
  const crowd = new Crowd(world, seed);
  for (let number = 1; number <= size; number++) crowd.add();
  return crowd;
}

/** The crowd works while these links are cut, and they stay so. */
async function workWhileCut(
  world: World,
  crowd: Crowd,
  links: readonly Link[],
  breakAfterMs: number | null,
): Promise<void> {
  cut(world, links, breakAfterMs);
  await world.until(crowd.work(3000));
  expect(world.network.statistics.lost, 'frames lost on links that are cut').to.be.above(0);
}

/** Writes with one copy are taken in time; two copies are asked for in vain, and that is said. */
async function useLonelySide(world: World, caller: RecordingClient): Promise<void> {
  await useSide(world, caller, 1);
  const doubtful = await caller.update(
    'set',
    { key: `doubtful-${caller.session}`, value: 1 },
    { minCopies: 2, timeoutMs: 3000 },
  );
  expect(doubtful).to.include({ kind: 'unknown', code: 'UNAVAILABLE' });
  expect(doubtful).to.have.property('message').that.includes('durable at 1 replica, 2 were asked');
}

async function useLargerSide(world: World, caller: RecordingClient): Promise<void> {
  await useSide(world, caller, 2);
  const answer = await caller.query('count', { key: 'sum' }, FRESH);
  expect(answer).to.deep.include({ kind: 'answered', guarantee: 'fresh', value: 5 });
}

/** Five adds, each with a key of its own, that this side acknowledges in time with so many copies. */
async function useSide(world: World, caller: RecordingClient, copies: number): Promise<void> {
  for (let n = 1; n <= 5; n++) {
    const sentAtMs = world.scheduler.monotonicMs();
    const key = `${caller.session}-${n}`;
    const set = await caller.update('set', { key, value: n });
    const addMs = world.scheduler.monotonicMs();
    const add = await caller.update('add', { key: 'sum', amount: 1 });
    const get = await caller.query('get', { key }, { consistency: 'causal' });
    expect(ended(set, 'updated').copies).to.equal(copies);
    expect(ended(add, 'updated').copies).to.equal(copies);
    expect(ended(get, 'answered').value).to.equal(n);
    expect(addMs - sentAtMs, 'time for a write').to.be.at.most(SERVED_MS);
  }
}

/** Everything that was acknowledged on either side is there on both, once. */
async function expectBothSidesKept(
  world: World,
  crowd: Crowd,
  what: string,
  sum: number,
): Promise<void> {
  for (const frontend of ['fe-1', 'fe-2']) {
    const reader = await crowd.caller([frontend]);
    const counted = await world.until(reader.query('count', { key: 'sum' }, FRESH));
    expect(ended(counted, 'answered').value, what).to.equal(sum);
    for (const session of ['client-1', 'client-2']) {
      for (let n = 1; n <= 5; n++) {
        const get = await world.until(reader.query('get', { key: `${session}-${n}` }, FRESH));
        expect(ended(get, 'answered').value, what).to.equal(n);
      }
    }
  }
  await crowd.expectPromisesKept(what, 60);
}
