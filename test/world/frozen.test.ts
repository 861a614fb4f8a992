/**
 * SCENARIO 8 with virtual time: a replica stands still under load (SIGSTOP), for less or for longer than
 * its connections last, and goes on with old beliefs. Others are served meanwhile, it catches up, and it
 * passes off nothing old as fresh. The real SIGSTOP is in test/integration.
 */

import { expect } from 'chai';
import { LIMITS } from '../../src/base/limits.js';
import { kv } from '../../src/service/kv/kv.js';
import { DEFAULT_TUNING } from '../../src/replica/state.js';
import { between, Crowd, cut, ended, expectRest, mend } from './crowd.js';
import { World } from './world.js';

const SEEDS = [1, 2, 3];

/** For 30 s all connections end; for 4 s they last, and what came meanwhile waits in them. */
const LONG_MS = 30_000;
const SHORT_MS = 4000;

/** Another replica is asked after 150 ms and more (PROTOCOL H); then the answer travels. */
const SERVED_MS = 1000;

/** The same in a cluster that is quick otherwise: up to two other replicas are asked, for two rounds. */
const HEDGED_MS = 500;

/** A pause before the next dial, then two rounds of gossip. */
const CATCH_UP_MS = LIMITS.reconnectMaxMs + 2 * DEFAULT_TUNING.gossipIntervalMs;

/** How long the crowd works at a time while a replica stands still, and how often, ms. */
const SHIFT_MS = 1000;

describe('a replica that stands still', function () {
  this.timeout(60_000);

  it('scenario 8: again and again: others wait no longer from one time to the next', async () => {
    for (const seed of SEEDS) {
      const world = new World({ seed, service: kv, replicas: 3, frontends: 2 });
      await world.start();
      const crowd = new Crowd(world, seed);
      for (let number = 1; number <= 4; number++) crowd.add();
      for (let time = 1; time <= 6; time++) {
        const fromMs = world.scheduler.monotonicMs();
        world.replica('rm-1').freeze();
        await world.until(crowd.work(1500));
        world.replica('rm-1').thaw();
        const what = `seed ${seed}, time ${time}`;
        const asked = crowd.operations(fromMs);
        expect(asked.length, what).to.be.above(10);
        for (const { calledMs, returnedMs, operation } of asked) {
          expect((returnedMs ?? 0) - calledMs, `${what}: ${operation}`).to.be.at.most(HEDGED_MS);
        }
        await world.until(crowd.work(500));
      }
      await world.close();
    }
  });

  for (const forMs of [SHORT_MS, LONG_MS]) {
    it(`scenario 8: for ${forMs / 1000} s under load: others are served in time, it catches up`, async () => {
      for (const seed of SEEDS) {
        const what = `seed ${seed}, ${forMs} ms`;
        const world = new World({ seed, service: kv, replicas: 3, frontends: 2 });
        await world.start();
        const crowd = new Crowd(world, seed);
        for (let number = 1; number <= 3; number++) crowd.add();
        await world.until(crowd.work(SHIFT_MS));
        const victim = world.replica(`rm-${seed}`);
        // In the middle of requests.
        const working = crowd.work(2 * SHIFT_MS);
        await world.run(SHIFT_MS);
        const fromMs = world.scheduler.monotonicMs();
        victim.freeze();
        await world.until(working);
        await world.run(forMs - 3 * SHIFT_MS);
        const goingOn = crowd.work(3 * SHIFT_MS);
        await world.run(SHIFT_MS);
        victim.thaw();
        expect(world.scheduler.monotonicMs() - fromMs, what).to.be.within(
          forMs - 1000,
          forMs + 500,
        );
        await world.until(goingOn);
        await expectRest(world, CATCH_UP_MS, what);

        const asked = crowd.operations(fromMs);
        expect(asked.length, what).to.be.above(80);
        for (const { calledMs, returnedMs, outcome, operation } of asked) {
          expect(outcome.kind, `${what}: ${operation}`).to.be.oneOf(['updated', 'answered']);
          expect((returnedMs ?? 0) - calledMs, `${what}: ${operation}`).to.be.at.most(SERVED_MS);
        }
        await crowd.expectPromisesKept(what, 60);
        await world.close();
      }
    });

    it(`scenario 8: for ${forMs / 1000} s: what it tells at once when it goes on is not called fresh`, async () => {
      for (const seed of SEEDS) {
        const what = `seed ${seed}, ${forMs} ms`;
        const world = new World({ seed, service: kv, replicas: 3, frontends: 2 });
        await world.start();
        const crowd = new Crowd(world, seed);
        const [writer, reader] = [await crowd.caller(['fe-1']), await crowd.caller(['fe-2'])];
        const first = await world.until(writer.update('set', { key: 'k', value: 'old' }));
        expect(ended(first, 'updated').copies, what).to.equal(2);
        await expectRest(world, CATCH_UP_MS, what);
        const victim = world.replica('rm-3');
        // What waits in its sockets when it goes on must not be the new value: nobody tells it.
        const links = between(['fe-2', 'rm-3'], ['fe-1', 'rm-1', 'rm-2']);
        victim.freeze();
        cut(world, links, forMs / 2);
        const second = await world.until(writer.update('set', { key: 'k', value: 'new' }));
        expect(ended(second, 'updated').copies, what).to.equal(2);
        await world.run(forMs);

        // It is all that the reader's front end sees, and it believes that nothing has happened.
        victim.thaw();
        const options = { timeoutMs: 3000 } as const;
        const [fresh, causal] = await world.until(
          Promise.all([
            reader.query('get', { key: 'k' }, { ...options, consistency: 'fresh' }),
            reader.query('get', { key: 'k' }, { ...options, consistency: 'auto' }),
          ]),
        );
        expect(fresh, what).to.include({ kind: 'failed', code: 'UNAVAILABLE' });
        // This session has seen nothing newer: it may be told what there was, as causal.
        expect(causal, what).to.include({ kind: 'answered', guarantee: 'causal', value: 'old' });

        mend(world, links);
        await expectRest(world, LIMITS.dialMs + CATCH_UP_MS, what);
        const again = await world.until(
          reader.query('get', { key: 'k' }, { consistency: 'fresh' }),
        );
        expect(ended(again, 'answered').value, what).to.equal('new');
        await crowd.expectPromisesKept(what, 2);
        await world.close();
      }
    });
  }

  it('scenario 8: fresh queries at the instant at which it goes on show what was written meanwhile', async () => {
    for (const seed of SEEDS) {
      for (const forMs of [SHORT_MS, LONG_MS]) {
        const what = `seed ${seed}, ${forMs} ms`;
        const world = new World({ seed, service: kv, replicas: 3, frontends: 2 });
        await world.start();
        const crowd = new Crowd(world, seed);
        const writer = await crowd.caller(['fe-1']);
        const readers = [];
        for (let n = 0; n < 10; n++) readers.push(await crowd.caller(['fe-2']));
        ended(await world.until(writer.update('set', { key: 'k', value: 'old' })), 'updated');
        await expectRest(world, CATCH_UP_MS, what);
        const victim = world.replica(`rm-${seed}`);
        // Only the readers' front end still has it among its replicas, and nobody tells it the new value.
        const others = world.replicas.filter((host) => host !== victim).map(({ name }) => name);
        const links = between([victim.name], ['fe-1', ...others]);
        victim.freeze();
        cut(world, links, LIMITS.deadPeerMs);
        const { copies } = ended(
          await world.until(writer.update('set', { key: 'k', value: 'new' })),
          'updated',
        );
        expect(copies, what).to.equal(2);
        await world.run(forMs);
        // Asked just before, at that instant, and in the milliseconds after it.
        const answers = readers.map(async (reader, index) => {
          await world.pause(index);
          return reader.query('get', { key: 'k' }, { consistency: 'fresh' });
        });
        await world.run(3);
        victim.thaw();
        for (const answer of await world.until(Promise.all(answers))) {
          expect(answer, what).to.include({ kind: 'answered', guarantee: 'fresh', value: 'new' });
        }
        mend(world, links);
        await expectRest(world, LIMITS.deadPeerMs + CATCH_UP_MS, what);
        await crowd.expectPromisesKept(what, 2);
        await world.close();
      }
    }
  });
});
