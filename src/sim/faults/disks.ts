/** Disks that are full, slow, unreadable, damaged, or gone. */

import type { ReplicaHost } from '../replica-host.js';
import { drawMs, type FaultKind, type Scene, someReplica } from './fault.js';

/** A replica whose next write fails ends; one that has nothing to write in this time is left alone, ms. */
const WRITE_PATIENCE_MS = 2000;

const diskFull: FaultKind = {
  name: 'disk full',
  replicasAtLeast: 1,
  async strike(scene) {
    const { world, random } = scene;
    const host = someReplica(scene);
    if (host === undefined) return false;
    scene.note(`the disk of ${host.name} is full`);
    host.writeFault = 'ENOSPC: no space left on device';
    const endMs = world.scheduler.monotonicMs() + WRITE_PATIENCE_MS;
    while (host.isUp && world.scheduler.monotonicMs() < endMs) await world.pause(20);
    const hasStruck = !host.isUp;
    await world.pause(drawMs(random, 0, 800));
    host.writeFault = null;
    await scene.bringUp(host);
    return hasStruck;
  },
};

const slowDisk: FaultKind = {
  name: 'slow disk',
  replicasAtLeast: 1,
  async strike(scene) {
    const { world, random } = scene;
    const host = random.pick(world.replicas);
    const leastMs = random.pick([20, 100, 500]);
    scene.note(`the disk of ${host.name} takes ${leastMs} ms and more`);
    host.diskSpeed = { leastMs, spreadMs: leastMs };
    await world.pause(drawMs(random, 200, 3000));
    host.setNormalSpeed();
    return true;
  },
};

const readErrors: FaultKind = {
  name: 'disk read errors',
  replicasAtLeast: 1,
  async strike(scene) {
    const { world, random } = scene;
    const host = someReplica(scene);
    if (host === undefined) return false;
    scene.note(`the disk of ${host.name} cannot be read when it starts`);
    await host.crash();
    host.readFault = 'EIO: i/o error, read';
    await scene.bringUp(host);
    await world.pause(drawMs(random, 0, 800));
    host.readFault = null;
    await scene.bringUp(host);
    return true;
  },
};

/** A replica that is stopped, which this fault is allowed to rob of what its disk holds. */
async function stopForLoss(scene: Scene): Promise<ReplicaHost | null> {
  const host = someReplica(scene);
  if (host === undefined || !scene.takeDiskLoss(host)) return null;
  await host.crash();
  return host;
}

const diskLoss: FaultKind = {
  name: 'lost disk',
  replicasAtLeast: 2,
  robs: true,
  async strike(scene) {
    const host = await stopForLoss(scene);
    if (host === null) return false;
    scene.note(`${host.name} loses its disk and comes back under its name`);
    host.loseDisk();
    await scene.world.pause(drawMs(scene.random, 0, 1000));
    await scene.bringUp(host);
    return true;
  },
};

/**
 * What one lost, another may not have got yet: the replica that comes back without its disk sees only
 * one that was cut off from the others before, or whose disk is slow. Two that know nothing of an update must
 * not be taken for proof that there is none (PROTOCOL A10).
 */
const diskLossBesideLaggard: FaultKind = {
  name: 'lost disk beside a laggard',
  replicasAtLeast: 3,
  robs: true,
  async strike(scene) {
    const { world, random } = scene;
    const host = someReplica(scene);
    if (host === undefined) return false;
    const laggard = random.pick(world.replicas.filter((other) => other !== host));
    const others = world.replicas.filter((other) => other !== host && other !== laggard);
    const cut = (one: ReplicaHost, other: ReplicaHost): void => {
      const breakAfterMs = drawMs(random, 50, 500);
      world.network.cut(one.name, other.name, { breakAfterMs });
      world.network.cut(other.name, one.name, { breakAfterMs });
    };
    const mend = (one: ReplicaHost, other: ReplicaHost): void => {
      world.network.mend(one.name, other.name);
      world.network.mend(other.name, one.name);
    };
    scene.note(
      `${laggard.name} falls behind; ${host.name} loses its disk and sees only ${laggard.name}`,
    );
    for (const other of [host, ...others]) cut(laggard, other);
    await world.pause(drawMs(random, 50, 1000));
    const isStruck = host.driver !== null && scene.takeDiskLoss(host);
    if (isStruck) {
      await host.crash();
      host.loseDisk();
      for (const other of others) cut(host, other);
    }
    mend(host, laggard);
    if (isStruck) await scene.bringUp(host);
    await world.pause(drawMs(random, 200, 2500));
    for (const other of others) {
      mend(host, other);
      mend(laggard, other);
    }
    return isStruck;
  },
};

const damagedJournal: FaultKind = {
  name: 'damaged journal',
  replicasAtLeast: 2,
  robs: true,
  async strike(scene) {
    const host = await stopForLoss(scene);
    if (host === null) return false;
    const { groups = [], trimmed = 0, lastGroup = 0 } = host.disk ?? {};
    if (groups.length > 0) {
      const group = trimmed + 1 + scene.random.below(groups.length);
      scene.note(`group ${group} of ${lastGroup} in the journal of ${host.name} is damaged`);
      host.damageGroup(group);
    }
    await scene.bringUp(host);
    return groups.length > 0;
  },
};

export const diskFaults: readonly FaultKind[] = [
  diskFull,
  slowDisk,
  readErrors,
  diskLoss,
  diskLossBesideLaggard,
  damagedJournal,
];
