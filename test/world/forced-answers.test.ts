/**
 * Answers of forced updates and of the fresh queries that must reflect them, where copies of a request
 * part ways, clocks differ, or an entry of a log is never committed.
 */

import { expect } from 'chai';
import type { ReplicaHost } from '../../src/sim/replica-host.js';
import { ended } from './crowd.js';
import { answersTo, FAILOVER_MS, ForcedScene, viewsOf } from './forced-scene.js';
import { type RawFrontend, sessionNumber } from './raw-frontend.js';

const SEEDS = [1, 2, 3];

const HOUR_MS = 3600 * 1000;

const FRESH = { consistency: 'fresh', timeoutMs: 20_000 } as const;

describe('the answer of a forced update', function () {
  this.timeout(180_000);

  it('a refusal is the one result: a second copy that comes when nothing is against it is refused', async () => {
    for (const seed of SEEDS) {
      const what = `seed ${seed}`;
      const scene = await ForcedScene.open({ seed, replicas: 3, service: 'hungry' });
      const { world } = scene;
      const [backup] = scene.without(scene.primary) as [ReplicaHost];
      const asked = [
        await world.rawFrontend(scene.primary.name),
        await world.rawFrontend(backup.name),
      ];
      const cart = { items: [{ item: 'soup', quantity: 9 }], delivery: 'collect', tip: 0 };
      const send = (frontend: RawFrontend | undefined): void => {
        void frontend?.update('order', cart, { session: sessionNumber(1), user: 'ada' });
      };
      send(asked[0]);
      await world.run(500);
      const admin = await scene.caller([], { user: 'admin' });
      const more = { item: 'soup', name: 'Soup', price: 450, stock: 100 };
      ended(await world.until(admin.update('setItem', more)), 'updated');
      send(asked[1]);
      await world.run(500);
      const answers = asked.flatMap(answersTo);
      expect(answers, what).to.have.length(2);
      for (const { outcome } of answers) expect(outcome, what).to.have.property('kind', 'refused');
      expect(answers[0]?.timestamp.toJSON(), what).to.deep.equal(answers[1]?.timestamp.toJSON());
      await world.close();
    }
  });

  it('a second copy that comes after a restart of all gets the result that was kept', async () => {
    for (const seed of SEEDS) {
      const what = `seed ${seed}`;
      const scene = await ForcedScene.open({ seed, replicas: 3, snapshotEvery: 1 });
      const { world } = scene;
      const caller = await scene.caller();
      const stocking = caller.update('stock', { key: 'units', amount: 10 });
      ended(await world.until(stocking), 'updated');
      const results: unknown[] = [];
      for (let copy = 1; copy <= 2; copy++) {
        const frontend = await world.rawFrontend(scene.primary.name);
        void frontend.update('take', { key: 'units', amount: 3 }, { session: sessionNumber(1) });
        await world.run(1000);
        for (const { outcome } of answersTo(frontend)) results.push(outcome);
        frontend.vanish();
        for (const host of world.replicas) await world.until(host.shutDown());
        await scene.bringUp(...world.replicas);
        await scene.waitFor('a primary', FAILOVER_MS, () => scene.primaries.length === 1);
      }
      const taken = { kind: 'value', value: { taken: 3, left: 7 } };
      expect(results, what).to.deep.equal([taken, taken]);
      await world.close();
    }
  });

  it('a replica with its clock an hour ahead executes what all others execute', async () => {
    for (const seed of SEEDS) {
      const what = `seed ${seed}`;
      const tuning = { resultTtlMs: 60_000 };
      const scene = await ForcedScene.open({ seed, replicas: 2, tuning });
      const { world } = scene;
      const [backup] = scene.without(scene.primary) as [ReplicaHost];
      backup.stepClock(HOUR_MS);
      const caller = await scene.caller();
      for (const value of [1, 2, 3]) {
        ended(await world.until(caller.update('put', { key: 'cell', value })), 'updated');
      }
      await scene.expectPromisesKept(what, (reader) =>
        reader.query('forced', { key: 'cell' }, FRESH),
      );
      await world.close();
    }
  });

  it('the refusal of one replica is not told while another one may yet execute the update', async () => {
    for (const seed of SEEDS) {
      const what = `seed ${seed}`;
      const scene = await ForcedScene.open({ seed, replicas: 3 });
      const { world, primary } = scene;
      const caller = await scene.caller();
      ended(await world.until(caller.update('put', { key: 'cell', value: 1 })), 'updated');
      // It takes the stamp for one of the far future; the one it cannot tell becomes the next primary.
      primary.stepClock(-HOUR_MS);
      await world.run(2000);
      scene.cut([primary], scene.without(primary));
      const putting = caller.update('put', { key: 'cell', value: 2 }, { timeoutMs: 20_000 });
      ended(await world.until(putting), 'updated');
      await scene.expectPromisesKept(what, (reader) =>
        reader.query('forced', { key: 'cell' }, FRESH),
      );
      await world.close();
    }
  });
});

describe('a fresh query', function () {
  this.timeout(180_000);

  it('does not wait for an entry that a later view has discarded', async () => {
    for (const seed of SEEDS) {
      const what = `seed ${seed}`;
      const scene = await ForcedScene.open({ seed, replicas: 3, frontends: 1 });
      const { world, primary } = scene;
      const caller = await scene.caller();
      ended(await world.until(caller.update('put', { key: 'cell', value: 1 })), 'updated');
      await world.run(1000);
      const [one, other] = scene.without(primary) as [ReplicaHost, ReplicaHost];
      // The primary is seen by the front end only, and one backup by everybody but the front end.
      scene.cut([primary], [one, other]);
      scene.cutOneWay('fe-1', other.name);
      scene.cutOneWay(other.name, 'fe-1');
      const putting = caller.update('put', { key: 'cell', value: 2 }, { timeoutMs: 300 });
      expect(await world.until(putting), what).to.have.property('kind', 'unknown');
      expect(scene.diskLog(primary).op, what).to.be.above(scene.diskLog(one).op);
      const reader = await scene.caller();
      const reading = reader.query('forced', { key: 'cell' }, { ...FRESH, timeoutMs: 15_000 });
      const answer = ended(await world.until(reading), 'answered');
      expect(answer, what).to.include({ value: 1, guarantee: 'fresh' });
      expect(viewsOf(scene), `${what}: the discarded entry was waited for`).to.be.above(1);
      await scene.expectPromisesKept(what, (last) => last.query('forced', { key: 'cell' }, FRESH));
      await world.close();
    }
  });
});
