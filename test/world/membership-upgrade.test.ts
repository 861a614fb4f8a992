/** A cluster whose replicas are upgraded one after the other, under load (PROTOCOL I). */

import { expect } from 'chai';
import { MembershipScene } from './membership-scene.js';

describe('a rolling upgrade', function () {
  this.timeout(60_000);

  it('raises the cluster version once all members can run it, and not before', async () => {
    const scene = await MembershipScene.begin(1, 3, { isCareful: false, versions: [1, 1] });
    const { world, crowd } = scene;
    const versions = (): unknown[] =>
      world.replicas.map(({ driver }) => driver?.report(false)['clusterVersion']);
    expect(versions()).to.deep.equal([1, 1, 1]);
    for (const host of world.replicas) {
      expect(versions().includes(2), `before ${host.name}`).to.equal(false);
      host.versions = [1, 2];
      await world.until(host.shutDown());
      await world.until(host.start());
      await world.until(
        scene.becomes(`${host.name} counts`, () => host.driver?.isCounted === true),
      );
      await world.until(crowd.work(500));
    }
    const isRaised = (): boolean => versions().every((version) => version === 2);
    await world.until(scene.becomes('the version is 2', isRaised));
    await scene.end(20);
  });

  it('takes in no replica that cannot run the version in force', async () => {
    const scene = await MembershipScene.begin(2, 2, { isCareful: false });
    const { world } = scene;
    const old = world.addReplica();
    world.expectsHalt = (host) => host === old;
    old.versions = [1, 1];
    await world.until(old.start());
    await world.run(5000);
    expect(old.isUp, 'it ends, and says why').to.equal(false);
    old.versions = [1, 2];
    await world.until(old.start());
    await world.until(scene.becomes('it is a member', () => old.isMember));
    await scene.end(0);
  });
});
