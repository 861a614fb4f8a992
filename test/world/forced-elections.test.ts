/**
 * Crashes between two given writes or messages of an election, of a view that begins, and of an entry
 * that becomes durable: moments that chance finds once in a thousand runs. What was promised or told is
 * on the disk by then.
 */

import { expect } from 'chai';
import type { ReplicaHost } from '../../src/sim/replica-host.js';
import type { Message } from '../../src/wire/messages.js';
import { type Caller, ended } from './crowd.js';
import { FAILOVER_MS, ForcedScene, ofKind } from './forced-scene.js';

/** What a disk makes of a write under way at a crash is drawn: some of these lose it, some keep it. */
const SEEDS = [1, 2, 3, 4, 5, 6];

/** It has written nothing by the time at which others have answered. */
const SLOW_DISK = { leastMs: 60, spreadMs: 1 };

/** A vote has come and gone within so long. */
const VOTE_MS = 30;

const STOCK = 100;

const TIMEOUT_MS = 20_000;

const take = (caller: Caller, timeoutMs = TIMEOUT_MS) =>
  caller.update('take', { key: 'units', amount: 1 }, { timeoutMs });

const readStock = (reader: Caller) =>
  reader.query('left', { key: 'units' }, { consistency: 'fresh', timeoutMs: 10_000 });

const WRITING = [
  { slow: 'primary', when: 'while the primary writes' },
  { slow: 'backup', when: 'while the backup writes' },
] as const;

interface Stage {
  readonly scene: ForcedScene;
  readonly client: Caller;
  readonly primary: ReplicaHost;
  readonly backups: readonly ReplicaHost[];
}

/** A member has voted for the candidate that gets these. */
const isPromise = (messages: readonly Message[]): boolean =>
  ofKind(messages, 'vote-answered').some(({ to, granted }) => to === 'vote' && granted);

/** Replicas with a primary, and units of which each update takes one. */
async function open(seed: number, replicas: number): Promise<Stage> {
  const scene = await ForcedScene.open({ seed, replicas });
  const client = await scene.caller();
  const stocking = client.update('stock', { key: 'units', amount: STOCK });
  ended(await scene.world.until(stocking), 'updated');
  await scene.world.run(1000);
  const { primary } = scene;
  return { scene, client, primary, backups: scene.without(primary) };
}

/** At the end each take that was told as done was done once, and the others once or never. */
async function close({ scene }: Stage, what: string): Promise<void> {
  await scene.expectPromisesKept(what, readStock);
  await scene.world.close();
}

describe('a crash at the wrong moment', function () {
  this.timeout(180_000);

  it('after a vote was told: the promise is on the disk', async () => {
    for (const seed of SEEDS) {
      const stage = await open(seed, 3);
      const { scene, client, primary, backups } = stage;
      for (const host of backups) host.diskSpeed = SLOW_DISK;
      let candidate: ReplicaHost | null = null;
      let voter: ReplicaHost | null = null;
      scene.onReceive = (name, messages) => {
        if (!isPromise(messages) || voter !== null) return true;
        candidate = scene.world.replica(name);
        [voter = null] = backups.filter((host) => host !== candidate);
        // The view that begins now has no news of what the others do from now on.
        scene.cut([candidate], scene.without(candidate));
        if (voter !== null) scene.crashSoon(voter);
        return true;
      };
      // It is replaced while it stands still, and goes on as if nothing had happened.
      primary.freeze();
      await scene.waitFor('a candidate with votes', FAILOVER_MS, () =>
        scene.primaries.some((host) => host === candidate),
      );
      for (const host of backups) host.setNormalSpeed();
      await scene.bringUp(...backups);
      primary.thaw();
      ended(await scene.world.until(take(client)), 'updated');
      await close(stage, `seed ${seed}`);
    }
  });

  it('between a view and its log: they reach the disk together', async () => {
    for (const seed of SEEDS) {
      const stage = await open(seed, 3);
      const { scene, client, primary, backups } = stage;
      // Entries that nobody else has: more of them than the next view will have.
      const callers: Caller[] = [];
      for (let n = 0; n < 6; n++) callers.push(await scene.caller());
      scene.cut([primary], backups);
      await scene.world.until(Promise.all(callers.map((caller) => take(caller, 1000))));
      // The successor has begun its view when its only voter dies: it needs the first primary.
      let voter: ReplicaHost | null = null;
      scene.onReceive = (name, messages) => {
        if (!isPromise(messages) || voter !== null) return true;
        [voter = null] = backups.filter((host) => host.name !== name);
        if (voter !== null) scene.crashSoon(voter);
        return true;
      };
      await scene.waitFor('a successor', FAILOVER_MS, () =>
        backups.some((host) => scene.primaries.includes(host)),
      );
      primary.diskSpeed = SLOW_DISK;
      scene.mend([primary], backups);
      ended(await scene.world.until(take(client)), 'updated');
      for (const host of [primary, scene.primary]) await host.crash();
      primary.setNormalSpeed();
      await scene.bringUp(primary, voter ?? primary);
      const other = await scene.caller();
      ended(await scene.world.until(take(other)), 'updated');
      await close(stage, `seed ${seed}`);
    }
  });

  for (const { slow, when } of WRITING) {
    it(`after an update was answered, ${when}: a majority has it`, async () => {
      for (const seed of SEEDS) {
        const stage = await open(seed, 3);
        const { scene, client, primary, backups } = stage;
        const [backup, absent] = backups as [ReplicaHost, ReplicaHost];
        await absent.crash();
        const forgetful = slow === 'primary' ? primary : backup;
        forgetful.diskSpeed = SLOW_DISK;
        ended(await scene.world.until(take(client)), 'updated');
        for (const host of [primary, backup]) await host.crash();
        forgetful.setNormalSpeed();
        await scene.bringUp(forgetful, absent);
        const other = await scene.caller();
        ended(await scene.world.until(take(other)), 'updated');
        await close(stage, `seed ${seed}`);
      }
    });
  }

  it('of the primary, before it knows that a backup has the entry: executed once', async () => {
    for (const seed of SEEDS) {
      const stage = await open(seed, 3);
      const { scene, client, primary, backups } = stage;
      const [holder, other] = backups as [ReplicaHost, ReplicaHost];
      // The view that follows begins slowly: clients come before its first entry is committed.
      other.diskSpeed = SLOW_DISK;
      scene.cut([primary], [other]);
      const { op } = scene.diskLog(primary);
      let isHeld = false;
      scene.onSend = (name, messages) => {
        const answers = ofKind(messages, 'prepare-ok');
        if (name !== holder.name || !answers.some((answer) => (answer.op ?? 0) > op)) return true;
        if (!isHeld) scene.crashSoon(primary);
        isHeld = true;
        return false;
      };
      const taking = take(client);
      await scene.waitFor('an entry that one backup has', 1000, () => isHeld && !primary.isUp);
      scene.onSend = () => true;
      expect(ended(await scene.world.until(taking), 'updated').result).to.deep.equal({
        taken: 1,
        left: STOCK - 1,
      });
      await close(stage, `seed ${seed}`);
    }
  });

  it('of a candidate that one member has voted for: that member finds its way back', async () => {
    for (const seed of SEEDS) {
      const stage = await open(seed, 5);
      const { scene, client, primary, backups } = stage;
      let candidate: ReplicaHost | null = null;
      scene.onSend = (name, messages) => {
        if (ofKind(messages, 'vote').length === 0 || candidate !== null) return true;
        const asking = scene.world.replica(name);
        const [, ...deaf] = scene.without(asking, primary);
        scene.cut([asking], [primary, ...deaf]);
        scene.world.scheduler.after(VOTE_MS, () => void asking.crash());
        candidate = asking;
        return true;
      };
      primary.freeze();
      await scene.waitFor('a candidate', FAILOVER_MS, () => candidate?.isUp === false);
      scene.world.network.mendAll();
      primary.thaw();
      ended(await scene.world.until(take(client)), 'updated');
      await scene.bringUp(...backups);
      await scene.world.run(FAILOVER_MS);
      const logs = scene.world.replicas.map((host) => scene.diskLog(host));
      expect(new Set(logs.map(({ view }) => view.n)), `seed ${seed}`).to.have.property('size', 1);
      for (const { isNormal } of logs) expect(isNormal, `seed ${seed}`).to.equal(true);
      await close(stage, `seed ${seed}`);
    }
  });

  it('of the successor, when the first primary is back: its log is longer, and worth less', async () => {
    for (const seed of SEEDS) {
      const stage = await open(seed, 3);
      const { scene, client, primary, backups } = stage;
      const callers: Caller[] = [];
      for (let n = 0; n < 6; n++) callers.push(await scene.caller());
      scene.cut([primary], backups);
      await scene.world.until(Promise.all(callers.map((caller) => take(caller, 1000))));
      await scene.waitFor('a successor', FAILOVER_MS, () =>
        backups.some((host) => scene.primaries.includes(host)),
      );
      for (let n = 0; n < 2; n++) ended(await scene.world.until(take(client)), 'updated');
      for (const host of scene.primaries) if (host !== primary) await host.crash();
      // It does not hear at once what is committed, which would cut its log.
      scene.onReceive = (name, messages) =>
        name !== primary.name || ofKind(messages, 'fetched').length === 0;
      scene.mend([primary], backups);
      const other = await scene.caller();
      ended(await scene.world.until(take(other)), 'updated');
      scene.onReceive = () => true;
      await close(stage, `seed ${seed}`);
    }
  });

  it('of all who have an entry, one of which loses its disk: nobody is elected without it', async () => {
    for (const seed of SEEDS) {
      const what = `seed ${seed}`;
      const stage = await open(seed, 3);
      const { scene, client, primary, backups } = stage;
      const [robbed, absent] = backups as [ReplicaHost, ReplicaHost];
      await absent.crash();
      ended(await scene.world.until(take(client)), 'updated');
      for (const host of [primary, robbed]) await host.crash();
      robbed.loseDisk();
      await scene.bringUp(robbed, absent);
      await scene.world.run(2 * FAILOVER_MS);
      expect(
        scene.primaries.map(({ name }) => name),
        what,
      ).to.deep.equal([]);
      await scene.bringUp(primary);
      ended(await scene.world.until(take(client)), 'updated');
      await close(stage, what);
    }
  });
});
