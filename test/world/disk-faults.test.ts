/**
 * SCENARIO 7 with disks in memory: the disk is full (ENOSPC) at the k-th write of a replica, for many k.
 * That replica stops, says why, and has told nobody of what is not on its disk; others take over what it
 * was sent; it comes back once there is space. Real disks that are full are in test/integration.
 */

import { expect } from 'chai';
import type { Name } from '../../src/base/ids.js';
import { FatalError } from '../../src/base/errors.js';
import { LIMITS } from '../../src/base/limits.js';
import { kv } from '../../src/service/kv/kv.js';
import { DEFAULT_TUNING } from '../../src/replica/state.js';
import type { ReplicaHost } from '../../src/sim/replica-host.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import type { Message } from '../../src/wire/messages.js';
import { decodeGroup } from '../../src/wire/journal-group.js';
import { Crowd, expectRest } from './crowd.js';
import type { MemoryDisk } from '../../src/storage/memory-disk.js';
import { TappedTransport } from '../../src/sim/tapped-transport.js';
import { World } from './world.js';

const ENOSPC = 'ENOSPC: no space left on device';

/** The writes that fail: the first ones, and some in the middle of the load. */
const WRITES = [1, 2, 3, 4, 5, 6, 7, 8, 20, 21];

/** After a restart: connections, then two rounds of gossip. */
const REST_MS = 1000 + 2 * DEFAULT_TUNING.gossipIntervalMs;

/** A replica that stops takes its connections with it: others are asked in the same turn. */
const SERVED_MS = 500;

describe('a disk that is full', function () {
  this.timeout(60_000);

  it('scenario 7: at any write: what is not written is told to nobody, others hold it, it comes back', async () => {
    let lostRecords = 0;
    for (const write of WRITES) {
      const what = `write ${write}`;
      const { world, told } = await worldThatListens(write, 3);
      const victim = world.replica(`rm-${1 + (write % 3)}`);
      world.expectsHalt = (host) => host === victim;
      const crowd = new Crowd(world, write);
      for (let number = 1; number <= 3; number++) crowd.add();
      // Slow, so that much is made and told while a write that will fail is under way.
      victim.diskSpeed = { leastMs: 20, spreadMs: 60 };
      fillDiskAt(victim, write);
      await world.until(crowd.work(2000));

      expectStopped(world, victim, what);
      const held = onDisk(victim);
      lostRecords += acceptedAt(world, victim).filter((made) => !made.leq(held)).length;
      expect(told(victim.name).leq(held), `${what}: told nothing that is not on the disk`).to.be
        .true;
      for (const { outcome, calledMs, returnedMs, operation } of crowd.operations(0)) {
        const text = `${what}: ${operation} ${JSON.stringify(outcome)}`;
        expect(outcome.kind, text).to.be.oneOf(['updated', 'answered']);
        if (outcome.kind === 'updated') expect(outcome.copies, text).to.equal(2);
        expect((returnedMs ?? 0) - calledMs, text).to.be.at.most(SERVED_MS);
      }

      // Still full: it cannot even write down that it has started.
      const again = await world.until(
        victim.start().then(
          () => null,
          (error: unknown) => error,
        ),
      );
      expect(again, what).to.be.instanceOf(FatalError);
      expect(String(again), what).to.include(ENOSPC);
      expect(victim.isUp, what).to.equal(false);
      expect(told(victim.name).leq(onDisk(victim)), what).to.be.true;

      victim.writeFault = null;
      await world.until(victim.start());
      await world.until(crowd.work(300));
      await expectRest(world, REST_MS, what);
      await crowd.expectPromisesKept(what, 20);
      await world.close();
    }
    expect(lostRecords, 'records that were made and could not be written').to.be.above(
      WRITES.length / 2,
    );
  });

  for (const replicas of [1, 2, 3]) {
    it(`scenario 7: all ${replicas} disks at once: nothing more is acknowledged, nothing acknowledged is lost`, async () => {
      for (const write of WRITES) {
        const what = `write ${write} of ${replicas}`;
        const { world, told } = await worldThatListens(write, replicas);
        world.expectsHalt = () => true;
        const crowd = new Crowd(world, write);
        for (let number = 1; number <= 3; number++) crowd.add();
        for (const host of world.replicas) fillDiskAt(host, write);
        // The last one to run may have more writes left: the crowd goes on until it has stopped as well.
        for (let shifts = 0; shifts < 10 && world.replicas.some(({ isUp }) => isUp); shifts++) {
          await world.until(crowd.work(400));
        }
        for (const host of world.replicas) {
          expectStopped(world, host, what);
          expect(told(host.name).leq(onDisk(host)), `${what}: ${host.name}`).to.be.true;
        }
        const caller = await crowd.caller();
        const update = caller.update('set', { key: 'k', value: 1 }, { timeoutMs: 1000 });
        const outcome = await world.until(update);
        expect(outcome, what).to.include({ kind: 'failed', code: 'UNAVAILABLE' });

        for (const host of world.replicas) {
          host.writeFault = null;
          await world.until(host.start());
        }
        // Front ends dial again now and then.
        await world.run(LIMITS.reconnectMaxMs);
        await world.until(crowd.work(300));
        await expectRest(world, REST_MS, what);
        await crowd.expectPromisesKept(what, 5);
        await world.close();
      }
    });
  }
});

/** A world that keeps what each replica told others that it holds. */
async function worldThatListens(seed: number, replicas: number) {
  const words = new Map<Name, VectorTimestamp>();
  const told = (name: Name): VectorTimestamp => words.get(name) ?? VectorTimestamp.zero;
  const world = new World({
    seed,
    service: kv,
    replicas,
    frontends: 2,
    wrapTransport: (host, transport) =>
      new TappedTransport(transport, {
        onSend: (messages) => {
          for (const timestamp of messages.flatMap(toldBy)) {
            words.set(host, told(host).merge(timestamp));
          }
          return true;
        },
      }),
  });
  await world.start();
  return { world, told };
}

/** The timestamps by which a replica's message says what is durable there. */
function toldBy(message: Message): VectorTimestamp[] {
  if (message.kind === 'acknowledged') return [message.timestamp];
  return 'replicaTimestamp' in message ? [message.replicaTimestamp] : [];
}

/** Its `write`-th write fails, at its end, and all later ones at once, until `writeFault` is taken back. */
function fillDiskAt(host: ReplicaHost, write: number): void {
  const disk = diskOf(host);
  const { beforeWrite } = disk;
  let writes = 0;
  disk.beforeWrite = async () => {
    writes++;
    const isLast = writes === write;
    await beforeWrite();
    if (!isLast) return;
    host.writeFault = ENOSPC;
    throw new Error(ENOSPC);
  };
}

/** It runs no more, and its last words name the disk and what is wrong with it. */
function expectStopped(world: World, host: ReplicaHost, what: string): void {
  expect(host.isUp, `${what}: ${host.name} runs on`).to.equal(false);
  const words = world.said.filter((line) => line.startsWith(`error ${host.name}: `)).at(-1);
  expect(words, what).to.include('cannot write to its data directory and stops');
  expect(words, what).to.include(ENOSPC);
}

function diskOf({ name, disk }: ReplicaHost): MemoryDisk {
  if (disk === null) throw new Error(`${name} has no disk yet`);
  return disk;
}

/** What the records on its disk cover. */
function onDisk(host: ReplicaHost): VectorTimestamp {
  return diskOf(host)
    .groups.flatMap((bytes) => decodeGroup(bytes).records)
    .reduce(
      (held, { prev, origin, seq }) => held.merge(prev.with(origin, seq)),
      VectorTimestamp.zero,
    );
}

/** Timestamps of the records that a replica made, written or not. */
function acceptedAt(world: World, { name }: ReplicaHost): VectorTimestamp[] {
  return world.events.flatMap(({ host, event, after }) =>
    host === name && event.startsWith('accepted ')
      ? [VectorTimestamp.of(Object.entries(after ?? {}) as [])]
      : [],
  );
}
