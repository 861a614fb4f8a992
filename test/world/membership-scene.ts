/** What scenes of changing members share: founded clusters under load, and changes that are waited for. */

import { expect } from 'chai';
import { kv } from '../../src/service/kv/kv.js';
import { shrinks } from '../../src/sim/liveness.js';
import type { ReplicaHost } from '../../src/sim/replica-host.js';
import type { WorldInit } from '../../src/sim/world.js';
import { Crowd, expectRest } from './crowd.js';
import { World } from './world.js';

/** A new member is one after this long at most, virtual ms. */
const CHANGE_MS = 20_000;
const REST_MS = 20_000;

export type SceneInit = Partial<WorldInit> & {
  readonly isCareful?: boolean;
  /** Cluster versions that the replicas can run. */
  readonly versions?: readonly [number, number];
};

export class MembershipScene {
  readonly world: World;
  readonly crowd: Crowd;
  readonly #what: string;

  /**
   * A founded cluster of so many, with four clients that are not at work yet: careful ones where a replica
   * may be lost with what it alone has.
   */
  static async begin(
    seed: number,
    replicas: number,
    { isCareful = true, versions = [1, 2], ...init }: SceneInit = {},
  ): Promise<MembershipScene> {
    const world = new World({
      seed,
      service: kv,
      members: 'founded',
      replicas,
      frontends: 2,
      ...init,
    });
    for (const host of world.replicas) host.versions = versions;
    await world.start();
    return new MembershipScene(world, seed, isCareful);
  }

  private constructor(world: World, seed: number, isCareful: boolean) {
    this.world = world;
    this.#what = `seed ${seed}`;
    this.crowd = new Crowd(world, seed, { isCareful });
    for (let number = 1; number <= 4; number++) this.crowd.add();
  }

  /** Lets time pass until something is so; fails when it takes too long. */
  async becomes(what: string, isSo: () => boolean): Promise<void> {
    const { world } = this;
    const endMs = world.scheduler.monotonicMs() + CHANGE_MS;
    while (!isSo()) {
      if (world.scheduler.monotonicMs() >= endMs) throw new Error(`${this.#what}: ${what}, never`);
      await world.pause(20);
    }
  }

  /** One more replica, once it is a member. */
  async grow(): Promise<ReplicaHost> {
    const host = this.world.addReplica();
    await host.start();
    await this.becomes(`${host.name} is a member`, () => host.isMember);
    return host;
  }

  /** An operator retires a replica; resolves once that is in force. */
  async retire(host: ReplicaHost): Promise<void> {
    const { client } = this.world.newClient();
    await client.ready();
    await client.retire(host.name);
    await client.close();
  }

  /** Its disk is lost while it does not run, and it comes back with an empty one. */
  async comeBackEmpty(host: ReplicaHost): Promise<void> {
    await host.crash();
    host.loseDisk();
    await host.start();
    await this.becomes(`${host.name} is a member again`, () => host.isMember);
    await this.becomes(`${host.name} counts again`, () => host.driver?.isCounted === true);
  }

  /** All is quiet and equal, promises were kept, timestamps and logs have become short; ends the world. */
  async end(leastAcknowledged: number): Promise<void> {
    const { world, crowd } = this;
    const leastCopies = crowd.isCareful ? 2 : 1;
    await expectRest(world, REST_MS, this.#what);
    await crowd.expectPromisesKept(this.#what, leastAcknowledged, { leastCopies });
    const { trouble } = await world.until(shrinks(world));
    expect(trouble, this.#what).to.equal(null);
    await world.close();
  }
}
