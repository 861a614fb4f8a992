/**
 * SCENARIO 15: the wall clock of one process is an hour off, is stepped back, or drifts. Clocks only break
 * ties (A8): nothing is done twice or discarded, nobody else is held up, and no session sees its own
 * writes go back. A stamp too far ahead is refused with words that name the clock, for certain; once the
 * clock is right the same session goes on.
 */

import { expect } from 'chai';
import { LIMITS } from '../../src/base/limits.js';
import { kv } from '../../src/service/kv/kv.js';
import type { Host } from '../../src/sim/host.js';
import type { ReplicaHost } from '../../src/sim/replica-host.js';
import type { RecordingClient } from '../../src/sim/recorder.js';
import { Crowd, ended, expectRest } from './crowd.js';
import { TappedTransport } from '../../src/sim/tapped-transport.js';
import { World } from './world.js';

const SEEDS = [1, 2, 3];
const HOUR_MS = 3_600_000;
const REST_MS = 3000;

const FRESH = { consistency: 'fresh' } as const;

/** A replica stands still meanwhile, so that it matters how the others measure time. */
const STANDSTILL_MS = 1500;

/** Virtual ms that a request takes at most, though somebody stands still: another one is asked in time. */
const SERVED_MS = 900;

/** What can be wrong with a clock: made so, and made right again. */
const WRONGS: readonly { readonly name: string; readonly spoil: (host: Host) => void }[] = [
  { name: 'an hour ahead', spoil: (host) => host.stepClock(HOUR_MS) },
  { name: 'an hour behind', spoil: (host) => host.stepClock(-HOUR_MS) },
  { name: 'drifting ahead', spoil: (host) => host.setDrift(500_000) },
  { name: 'drifting behind', spoil: (host) => host.setDrift(-500_000) },
];

function setRight(host: Host): void {
  host.setDrift(0);
  host.stepClock(-host.clockErrorMs);
}

describe('a clock that is wrong', function () {
  this.timeout(60_000);

  it('scenario 15: of a client, ahead: refused for certain, naming the clock; then the session goes on', async () => {
    for (const seed of SEEDS) {
      const what = `seed ${seed}`;
      const world = await clockWorld(seed);
      const crowd = new Crowd(world, seed);
      const caller = await crowd.caller(['fe-1']);
      await expectAdds(world, caller, 2);
      caller.host.stepClock(HOUR_MS);
      for (let attempt = 0; attempt < 3; attempt++) {
        const refused = await world.until(caller.update('add', { key: 'sum', amount: 1 }));
        expect(refused, what).to.include({ kind: 'failed', code: 'INVALID' });
        expect(refused)
          .to.have.property('message')
          .that.matches(/3600 s ahead of rm-\d's clock/);
        expect(refused).to.have.property('message').that.includes("set the client's clock right");
      }
      // It reads on meanwhile.
      expect(await sumAt(world, caller), what).to.equal(2);
      setRight(caller.host);
      await expectAdds(world, caller, 3);
      await expectRest(world, REST_MS, what);
      expect(await sumAt(world, await crowd.caller(['fe-2'])), what).to.equal(5);
      await crowd.expectPromisesKept(what, 5);
      await world.close();
    }
  });

  it('scenario 15: of the primary, behind by a day: forced updates go on, for another clock vouches for them', async () => {
    for (const seed of SEEDS) {
      const what = `seed ${seed}`;
      const world = await clockWorld(seed);
      const crowd = new Crowd(world, seed);
      const caller = await crowd.caller(['fe-1']);
      const put = (value: string) => world.until(caller.update('put', { key: 'cell', value }));
      expect(await put('before'), what).to.include({ kind: 'updated' });
      for (const host of world.replicas) {
        if (isPrimary(host)) host.stepClock(-24 * HOUR_MS);
      }
      // What was applied before is no help once the client's clock has gone on by more than the limit.
      await world.run(2 * LIMITS.stampAheadMs);
      for (const value of ['one', 'two', 'three']) {
        expect(await put(value), `${what} ${value}`).to.include({ kind: 'updated' });
        await world.run(2 * LIMITS.stampAheadMs);
      }
      caller.host.stepClock(2 * HOUR_MS);
      expect(await put('ahead of all'), what).to.include({ kind: 'failed', code: 'INVALID' });
      await crowd.expectPromisesKept(what, 4);
      await world.close();
    }
  });

  it('scenario 15: of a client, drifting ahead: taken up to the limit, refused beyond it', async () => {
    const world = await clockWorld(1);
    const crowd = new Crowd(world, 1);
    const caller = await crowd.caller(['fe-1']);
    caller.host.setDrift(500_000);
    // After 110 s it is 55 s ahead, after 130 s 65 s.
    await world.run(110_000);
    expect(caller.host.clockErrorMs).to.be.within(LIMITS.stampAheadMs - 6000, LIMITS.stampAheadMs);
    await expectAdds(world, caller, 3);
    await world.run(20_000);
    const refused = await world.until(caller.update('add', { key: 'sum', amount: 1 }));
    expect(refused).to.include({ kind: 'failed', code: 'INVALID' });
    setRight(caller.host);
    await expectAdds(world, caller, 3);
    expect(await sumAt(world, caller)).to.equal(6);
    await crowd.expectPromisesKept('drifting', 6);
    await world.close();
  });

  it('scenario 15: of a client, stepped back: its later writes win over what it has seen, everywhere', async () => {
    for (const seed of SEEDS) {
      const what = `seed ${seed}`;
      const world = await clockWorld(seed);
      const crowd = new Crowd(world, seed);
      const [caller, other] = [await crowd.caller(['fe-1']), await crowd.caller(['fe-2'])];
      let written = 0;
      const write = async (by: RecordingClient): Promise<void> => {
        ended(await world.until(by.update('set', { key: 'k', value: ++written })), 'updated');
        for (const reader of [caller, other]) {
          const read = await world.until(reader.query('get', { key: 'k' }, FRESH));
          expect(ended(read, 'answered').value, what).to.equal(written);
        }
      };
      await write(caller);
      // Each step of the clock lies further behind the stamps that both have been shown.
      for (const stepMs of [-1, -HOUR_MS, 1000, -HOUR_MS, 30_000]) {
        caller.host.stepClock(stepMs);
        await write(caller);
        await write(other);
        await write(caller);
      }
      await expectRest(world, REST_MS, what);
      await crowd.expectPromisesKept(what, written);
      await world.close();
    }
  });

  it('scenario 15: stepped between an update and its retry, anywhere: done once, nothing discarded', async () => {
    for (const stepMs of [HOUR_MS, -HOUR_MS]) {
      for (const seed of SEEDS) {
        const what = `seed ${seed}, ${stepMs} ms`;
        let losesNext = false;
        let lost = 0;
        const world: World = new World({
          seed,
          service: kv,
          replicas: 3,
          frontends: 2,
          wrapTransport: (host, transport) => {
            if (host !== 'client-1') return transport;
            const tapped = new TappedTransport(transport, {
              onReceive: (messages) => {
                if (!losesNext || !messages.some(({ kind }) => kind === 'updated')) return true;
                losesNext = false;
                lost++;
                for (const each of everybody(world)) each.stepClock(stepMs);
                tapped.closeAll();
                return false;
              },
            });
            return tapped;
          },
        });
        await world.start();
        const crowd = new Crowd(world, seed);
        const caller = await crowd.caller();
        const everybody = ({ replicas, frontends }: World): Host[] => [
          ...replicas,
          ...frontends,
          caller.host,
        ];
        await expectAdds(world, caller, 1);
        losesNext = true;
        await expectAdds(world, caller, 1);
        expect(lost, what).to.equal(1);
        await expectRest(world, REST_MS, what);
        expect(await sumAt(world, caller), what).to.equal(2);
        await crowd.expectPromisesKept(what, 2);
        await world.close();
      }
    }
  });

  it('scenario 15: of a client, under load: every promise is kept, and all others go on', async () => {
    await playWith((_, worker) => worker);
  });

  it('scenario 15: of a front end, under load: nobody notices', async () => {
    await playWith((world) => world.frontend('fe-1'));
  });

  it('scenario 15: of a replica, under load: every promise is kept, and all are served in time', async () => {
    await playWith((world) => world.replica('rm-1'));
  });

  it('scenario 15: of a replica and a client, both ahead: its write gets in, and all others go on', async () => {
    for (const seed of SEEDS) {
      const what = `seed ${seed}`;
      const world = await clockWorld(seed);
      const crowd = new Crowd(world, seed);
      const [ahead, right] = [await crowd.caller(['fe-1']), await crowd.caller(['fe-2'])];
      for (const host of [ahead.host, world.replica('rm-1')]) host.stepClock(HOUR_MS);
      // One replica takes it, the others have it by gossip, though they refused it.
      const taken = await world.until(ahead.update('set', { key: 'k', value: 'ahead' }));
      expect(ended(taken, 'updated').copies, what).to.be.at.least(1);
      await expectRest(world, REST_MS, what);
      for (const value of ['right', 'later']) {
        const read = await world.until(right.query('get', { key: 'k' }, FRESH));
        expect(ended(read, 'answered').value, what).to.equal(value === 'right' ? 'ahead' : 'right');
        ended(await world.until(right.update('set', { key: 'k', value })), 'updated');
      }
      for (const reader of [ahead, right]) {
        const read = await world.until(reader.query('get', { key: 'k' }, FRESH));
        expect(ended(read, 'answered').value, what).to.equal('later');
      }
      await expectRest(world, REST_MS, what);
      await crowd.expectPromisesKept(what, 3);
      await world.close();
    }
  });
});

const isPrimary = ({ driver }: ReplicaHost): boolean => driver?.report(false)['role'] === 'primary';

async function clockWorld(seed: number): Promise<World> {
  const world = new World({ seed, service: kv, replicas: 3, frontends: 2 });
  await world.start();
  return world;
}

async function expectAdds(world: World, caller: RecordingClient, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    const added = await world.until(caller.update('add', { key: 'sum', amount: 1 }));
    expect(ended(added, 'updated').copies).to.equal(2);
  }
}

async function sumAt(world: World, caller: RecordingClient): Promise<unknown> {
  return ended(await world.until(caller.query('count', { key: 'sum' }, FRESH)), 'answered').value;
}

/**
 * Each kind of wrong at the host that `choose` picks (`worker` is a client), while others work. Whoever's
 * own clock is right is served in time.
 */
async function playWith(choose: (world: World, worker: Host) => Host): Promise<void> {
  for (const [index, { name, spoil }] of WRONGS.entries()) {
    const seed = index + 1;
    const world = new World({ seed, service: kv, replicas: 4, frontends: 2 });
    await world.start();
    const crowd = new Crowd(world, seed);
    const host = choose(world, crowd.add());
    for (let others = 0; others < 2; others++) crowd.add();
    const what = `seed ${seed}, ${host.name} ${name}`;
    // The same clients go on after it: nobody has kept a stamp that is refused for ever.
    const working = crowd.work(STANDSTILL_MS + 900);
    await world.run(300);
    spoil(host);
    // Not the primary: nothing is ordered while it stands still, which is no matter of clocks.
    const still = world.replicas.findLast((replica) => !isPrimary(replica));
    still?.freeze();
    await world.run(STANDSTILL_MS);
    expect(Math.abs(host.clockErrorMs), what).to.be.above(500);
    still?.thaw();
    setRight(host);
    const rightMs = world.scheduler.monotonicMs();
    await world.until(working);
    for (const operation of crowd.operations(0)) {
      const { session, calledMs, returnedMs, outcome } = operation;
      // Refused; not for certain where the one that stands still was asked as well.
      if (session === host.name && calledMs < rightMs && 'code' in outcome) {
        expect(outcome.message, what).to.match(/set the client's clock right/);
        continue;
      }
      const text = `${what}: ${JSON.stringify(operation)}`;
      expect(outcome.kind, text).to.be.oneOf(['updated', 'answered']);
      expect((returnedMs ?? 0) - calledMs, text).to.be.at.most(SERVED_MS);
    }
    await expectRest(world, REST_MS, what);
    await crowd.expectPromisesKept(what, 20);
    await world.close();
  }
}
