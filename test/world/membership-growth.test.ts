/** A cluster that grows and shrinks under load: nobody sees a failed request, and nothing is lost. */

import { expect } from 'chai';
import { MembershipScene } from './membership-scene.js';

describe('a cluster that grows and shrinks', function () {
  this.timeout(120_000);

  for (const seed of [1, 2, 3]) {
    it(`goes from 1 to 7 and to 2 under load, and no request fails (${seed})`, async () => {
      const scene = await MembershipScene.begin(seed, 1, { isCareful: false });
      const { world, crowd } = scene;
      let twoSinceMs = Number.POSITIVE_INFINITY;
      const change = async (): Promise<void> => {
        while (world.replicas.length < 7) {
          await scene.grow();
          twoSinceMs = Math.min(twoSinceMs, world.scheduler.monotonicMs());
        }
        while (world.replicas.length > 2) {
          const [first] = world.replicas;
          if (first === undefined) throw new Error('there is none');
          await scene.retire(first);
          await scene.becomes(`${first.name} has left`, () => !first.isUp);
        }
      };
      const progress = { isOver: false };
      const changing = change().finally(() => {
        progress.isOver = true;
      });
      while (!progress.isOver) await world.until(crowd.work(500));
      await changing;
      expect(world.membershipCounts).to.include({ joined: 6, left: 5, replaced: 0 });
      // A single member gives nobody two copies: whoever wants them is told so.
      const failed = crowd.operations(twoSinceMs).filter(({ outcome }) => 'code' in outcome);
      expect(failed.map(({ outcome }) => JSON.stringify(outcome))).to.deep.equal([]);
      await scene.end(60);
    });
  }

  it('is the same cluster when all of it is restarted in the middle of a change', async () => {
    for (const seed of [1, 2, 3, 4]) {
      const scene = await MembershipScene.begin(seed, 3);
      const { world, crowd } = scene;
      const newcomer = world.addReplica();
      await world.until(newcomer.start());
      await world.until(crowd.work(50 * seed));
      for (const host of world.replicas) await world.until(host.crash());
      for (const host of world.replicas) await world.until(host.start());
      await world.until(
        scene.becomes('all are members', () => world.replicas.every((host) => host.isMember)),
      );
      await world.until(crowd.work(1000));
      await scene.end(10);
    }
  });
});
