/**
 * SCENARIOS 10 and 11 for forced operations: links that work in one direction, a chain, a star. Whoever
 * can reach a majority goes on, and nobody who cannot disturbs it: views do not change again and again.
 */

import { expect } from 'chai';
import { type Caller, ended } from './crowd.js';
import { FAILOVER_MS, ForcedScene, viewsOf } from './forced-scene.js';

const SEEDS = [1, 2];

/** How long the links stay as they are, once all have got used to it. */
const WATCHED_MS = 20_000;

const PAUSE_MS = 200;

const put = (caller: Caller, value: number) =>
  caller.update('put', { key: 'cell', value }, { timeoutMs: FAILOVER_MS });

const readCell = (reader: Caller) =>
  reader.query('forced', { key: 'cell' }, { consistency: 'fresh', timeoutMs: 10_000 });

/** Puts one value after the other for so long; all must be done. */
async function putFor(scene: ForcedScene, caller: Caller, forMs: number): Promise<void> {
  const { world } = scene;
  const endMs = world.scheduler.monotonicMs() + forMs;
  while (world.scheduler.monotonicMs() < endMs) {
    ended(await world.until(put(caller, world.scheduler.monotonicMs())), 'updated');
    await world.run(PAUSE_MS);
  }
}

interface OneWay {
  readonly who: string;
  readonly isPrimary: boolean;
  /** Else it is heard by nobody. */
  readonly hearsNobody: boolean;
  /** Views that begin because of it, at most. */
  readonly views: number;
}

const ONE_WAYS: readonly OneWay[] = [
  { who: 'a primary that hears nobody', isPrimary: true, hearsNobody: true, views: 1 },
  { who: 'a primary that nobody hears', isPrimary: true, hearsNobody: false, views: 1 },
  { who: 'a backup that hears nobody', isPrimary: false, hearsNobody: true, views: 0 },
  { who: 'a backup that nobody hears', isPrimary: false, hearsNobody: false, views: 0 },
];

describe('a primary behind links that work one way', function () {
  this.timeout(180_000);

  for (const { who, isPrimary, hearsNobody, views } of ONE_WAYS) {
    it(`scenario 10: ${who}: ${views} new views at most, and updates go on`, async () => {
      for (const seed of SEEDS) {
        for (const replicas of seed === 1 ? [3, 5] : [3]) {
          const scene = await ForcedScene.open({ seed, replicas });
          const caller = await scene.caller();
          await putFor(scene, caller, 1000);
          const { primary } = scene;
          const [backup] = scene.without(primary);
          const host = isPrimary ? primary : backup;
          if (host === undefined) throw new Error('there are backups');
          const before = viewsOf(scene);
          for (const { name } of scene.without(host)) {
            if (hearsNobody) scene.cutOneWay(name, host.name);
            else scene.cutOneWay(host.name, name);
          }
          await putFor(scene, caller, FAILOVER_MS + WATCHED_MS);
          expect(viewsOf(scene) - before, `${replicas} replicas, seed ${seed}`).to.be.at.most(
            views,
          );
          await scene.expectPromisesKept(`seed ${seed}`, readCell);
          await scene.world.close();
        }
      }
    });
  }
});

describe('a primary that not everybody sees', function () {
  this.timeout(180_000);

  it('scenario 11: a chain with the primary at its end: no other one is elected', async () => {
    for (const seed of SEEDS) {
      const scene = await ForcedScene.open({ seed, replicas: 3 });
      const caller = await scene.caller();
      await putFor(scene, caller, 1000);
      const { primary } = scene;
      const [, end] = scene.without(primary);
      if (end === undefined) throw new Error('there are backups');
      const before = viewsOf(scene);
      scene.cut([primary], [end]);
      await putFor(scene, caller, WATCHED_MS);
      expect(viewsOf(scene), `seed ${seed}`).to.equal(before);
      await scene.expectPromisesKept(`seed ${seed}`, readCell);
      await scene.world.close();
    }
  });

  it('scenario 11: a star whose centre was away: it is elected, with the log of the others', async () => {
    for (const seed of SEEDS) {
      const scene = await ForcedScene.open({ seed, replicas: 5 });
      const { world } = scene;
      const caller = await scene.caller();
      await putFor(scene, caller, 1000);
      const [centre] = scene.without(scene.primary);
      if (centre === undefined) throw new Error('there are backups');
      const leaves = scene.without(centre);
      scene.cut([centre], leaves);
      // A view that the centre knows nothing of.
      const { primary } = scene;
      await primary.crash();
      await putFor(scene, caller, FAILOVER_MS);
      await scene.bringUp(primary);
      for (const leaf of leaves) scene.cut([leaf], scene.without(centre, leaf));
      await scene.waitFor('the end of the view', FAILOVER_MS, () => scene.primaries.length === 0);
      scene.mend([centre], leaves);
      await scene.waitFor('the centre as primary', 3 * FAILOVER_MS, () =>
        scene.primaries.includes(centre),
      );
      await putFor(scene, caller, FAILOVER_MS);
      await scene.expectPromisesKept(`seed ${seed}`, readCell);
      await world.close();
    }
  });
});
