/**
 * SCENARIOS 5 and 6: disks that are lost, put back as they were, or copied. A replica that comes back
 * without what it knew is another member; of two processes with one identity one stops.
 */

import { expect } from 'chai';
import { MembershipScene } from './membership-scene.js';

describe('an identity', function () {
  this.timeout(120_000);

  it('scenario 5: every disk of three is lost, one after another: nothing acknowledged is lost', async () => {
    for (const seed of [1, 2, 3]) {
      const scene = await MembershipScene.begin(seed, 3);
      const { world, crowd } = scene;
      const before = world.replicas.map(({ memberId }) => memberId);
      const lose = async (): Promise<void> => {
        for (const host of world.replicas) {
          await world.pause(300);
          await scene.comeBackEmpty(host);
        }
      };
      await world.until(Promise.all([lose(), crowd.work(4000)]));
      const after = world.replicas.map(({ memberId }) => memberId);
      expect(
        after.some((id) => before.includes(id)),
        `seed ${seed}`,
      ).to.equal(false);
      expect(world.membershipCounts.replaced, `seed ${seed}`).to.equal(3);
      await scene.end(40);
    }
  });

  it('scenario 6: a disk put back as it was makes another member, and what only it had is taken again', async () => {
    for (const seed of [1, 2, 3, 4]) {
      const scene = await MembershipScene.begin(seed, 3);
      const { world, crowd } = scene;
      const [host] = world.replicas;
      if (host === undefined) throw new Error('there is none');
      await world.until(crowd.work(500));
      const copy = host.copyDisk();
      if (copy === null) throw new Error('it has no disk');
      // The others write down within a second what they know of it.
      await world.until(crowd.work(1500));
      const { memberId } = host;
      await world.until(host.crash());
      await world.run(1500);
      host.putBack(copy);
      await world.until(host.start());
      await world.until(
        Promise.all([
          crowd.work(2000),
          scene.becomes('it is another member', () => host.isMember && host.memberId !== memberId),
        ]),
      );
      await scene.end(40);
    }
  });

  it('a copy of a directory that is started beside the original does not count beside it', async () => {
    for (const seed of [1, 2, 3, 4]) {
      const scene = await MembershipScene.begin(seed, 3);
      const { world, crowd } = scene;
      const halts: string[] = [];
      world.expectsHalt = (host) => halts.push(host.name) > 0;
      const [, host] = world.replicas;
      const copy = host?.copyDisk() ?? null;
      if (host === undefined || copy === null) throw new Error('it has no disk');
      const clone = world.clone(host, copy);
      await world.until(clone.start());
      await world.until(crowd.work(15_000));
      expect(halts, `seed ${seed}`).to.deep.equal([clone.name]);
      expect(host.isMember, `seed ${seed}`).to.equal(true);
      world.forget(clone);
      await scene.end(40);
    }
  });
});
