/**
 * SCENARIO 20: one replica is away for so long that the others give it up; it comes back by itself, with a
 * snapshot, and what only it had is taken again.
 */

import { expect } from 'chai';
import { MembershipScene } from './membership-scene.js';

/** Records that a log keeps for a member that lacks them. */
const LOG_LIMIT = 60;

describe('a replica that is away', function () {
  this.timeout(120_000);

  it('scenario 20: past the log’s limit it is retired, logs stay short, and it comes back', async () => {
    for (const seed of [1, 2, 3]) {
      const scene = await MembershipScene.begin(seed, 3, {
        tuning: { logLimit: LOG_LIMIT },
        snapshotEvery: 20,
      });
      const { world, crowd } = scene;
      const [host, other] = world.replicas;
      if (host === undefined || other === undefined) throw new Error('there is none');
      const { memberId } = host;
      await world.until(crowd.work(300));
      await world.until(host.crash());
      await world.until(
        Promise.all([
          crowd.work(20_000),
          scene.becomes('it is retired', () => memberId === null || !world.isMember(memberId)),
        ]),
      );
      await world.until(host.start());
      await world.until(
        Promise.all([
          crowd.work(1000),
          scene.becomes('it is another member', () => host.isMember && host.memberId !== memberId),
        ]),
      );
      expect(world.membershipCounts.left, `seed ${seed}`).to.equal(1);
      await scene.end(60);
    }
  });

  it('retired by an operator, it comes back as another member and gives what only it had', async () => {
    for (const seed of [1, 2, 3]) {
      const scene = await MembershipScene.begin(seed, 3);
      const { world, crowd } = scene;
      const [, , host] = world.replicas;
      if (host === undefined) throw new Error('there is none');
      await world.until(crowd.work(500));
      // One copy only: the others do not hear of it before it is killed.
      const others = world.replicas.filter((other) => other !== host);
      for (const { name } of others) {
        world.network.cut(host.name, name, { breakAfterMs: null });
      }
      const caller = await crowd.caller();
      const key = `alone-${seed}`;
      await world.until(caller.update('set', { key, value: key }, { timeoutMs: 5000 }));
      await world.until(host.crash());
      world.network.mendAll();
      await world.until(scene.retire(host));
      await world.until(host.start());
      await world.until(scene.becomes('it is a member', () => host.isMember));
      await world.until(crowd.work(500));
      const query = caller.query('get', { key }, { consistency: 'fresh', timeoutMs: 5000 });
      expect(await world.until(query), `seed ${seed}`).to.include({ kind: 'answered', value: key });
      await scene.end(20);
    }
  });
});
