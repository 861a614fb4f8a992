/**
 * SCENARIOS 12 and 13: the two copies of an update that a front end sends part ways, or its answer gets
 * lost. However it goes, the update executes at most once, and everywhere or nowhere.
 */

import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import { SeededRandom } from '../../src/base/random.js';
import { kv } from '../../src/service/kv/kv.js';
import type { Message } from '../../src/wire/messages.js';
import { TappedTransport } from '../../src/sim/tapped-transport.js';
import { World } from './world.js';

const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);

describe('the two copies of an update', function () {
  this.timeout(60_000);

  it('scenario 12: a front end dies between its two sends: executed on all replicas or none', async () => {
    const outcomes = new Set<number>();
    for (const seed of SEEDS) {
      const world = await worldWithMortalFrontend(seed);
      const client = await world.client(['fe-1']);
      const error = await world.until(
        client.update('add', { key: 'counter', amount: 1 }, { timeoutMs: 3000 }).then(
          () => null,
          (reason: unknown) => reason,
        ),
      );
      expect(error, `seed ${seed}`).to.be.instanceOf(HearsayError).with.property('definite', false);
      const counter = await countAtTheEnd(world);
      expect(counter, `seed ${seed}`).to.be.within(0, 1);
      outcomes.add(counter);
    }
    expect(
      [...outcomes].sort((a, b) => a - b),
      'what was on its way arrived in some runs',
    ).to.deep.equal([0, 1]);
  });

  it('scenario 12: the client retries through another front end: executed once', async () => {
    for (const seed of SEEDS) {
      const world = await worldWithMortalFrontend(seed);
      const client = await world.client(['fe-1', 'fe-2']);
      await world.until(client.update('add', { key: 'counter', amount: 1 }));
      expect(client.frontend).to.equal('fe-2:7100');
      expect(await countAtTheEnd(world), `seed ${seed}`).to.equal(1);
    }
  });

  it('scenario 13: the reply is lost and the client retries elsewhere: counted once', async () => {
    const adds = 10;
    for (const seed of SEEDS) {
      const world = new World({ seed, service: kv, replicas: 2 + (seed % 3), frontends: 3 });
      await world.start();
      const random = new SeededRandom(seed).child('losses');
      const traveller = await world.travellingClient();
      for (let i = 0; i < adds; i++) {
        if (i === 0 || random.chance(1, 2)) traveller.loseNextAnswer();
        const { copies } = await world.until(
          traveller.client.update('add', { key: 'counter', amount: 1 }),
        );
        expect(copies, `seed ${seed}`).to.equal(2);
      }
      expect(traveller.lostAnswers, `seed ${seed}`).to.be.at.least(1);
      expect(await countAtTheEnd(world), `seed ${seed}`).to.equal(adds);
      for (const { name } of world.replicas) {
        const executed = world.events.filter(
          ({ host, event }) => host === name && event === 'executed add',
        );
        expect(executed, `seed ${seed} at ${name}`).to.have.length(adds);
      }
    }
  });

  it('scenario 13: a replica that took the first copy dies with the reply: counted once', async () => {
    for (const seed of SEEDS) {
      const world = new World({ seed, service: kv, replicas: 3, frontends: 2 });
      await world.start();
      const traveller = await world.travellingClient();
      traveller.loseNextAnswer();
      const updating = traveller.client.update('add', { key: 'counter', amount: 1 });
      await world.until(
        (async () => {
          while (traveller.lostAnswers === 0) await world.pause(1);
        })(),
      );
      const taker = world.events.find(({ event }) => event === 'accepted add')?.host ?? '';
      await world.crash(taker);
      await world.until(updating);
      await world.until(world.startReplica(taker));
      expect(await countAtTheEnd(world), `seed ${seed}`).to.equal(1);
    }
  });
});

/** Its front end fe-1 dies as soon as the first frame with an update has left it. */
async function worldWithMortalFrontend(seed: number): Promise<World> {
  let hasSent = false;
  const onSend = (messages: readonly Message[]): boolean => {
    if (hasSent) return false;
    if (!messages.some(({ kind }) => kind === 'update')) return true;
    hasSent = true;
    world.scheduler.after(0, () => world.crashFrontend('fe-1'));
    return true;
  };
  const world: World = new World({
    seed,
    service: kv,
    replicas: 3,
    frontends: 2,
    wrapTransport: (host, transport) =>
      host === 'fe-1' ? new TappedTransport(transport, { onSend }) : transport,
  });
  await world.start();
  return world;
}

/** The shared counter, once all replicas agree on everything: the end of the world. */
async function countAtTheEnd(world: World): Promise<number> {
  await world.run(5000);
  expect(new Set(Object.values(world.stateHashes()))).to.have.property('size', 1);
  const reader = await world.client(['fe-2']);
  const { value } = await world.until(
    reader.query('count', { key: 'counter' }, { consistency: 'fresh' }),
  );
  await world.close();
  return Number(value);
}
