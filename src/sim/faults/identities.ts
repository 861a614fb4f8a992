/** Disks that are put back as they were, or copied: an identity that is there a second time. */

import type { ReplicaHost } from '../replica-host.js';
import { becomes, drawMs, type FaultKind, type Scene, someReplica } from './fault.js';

/** Connections that were lost are there again after this long, ms. */
const CALM_MS = 3000;

/** Until a replica is a member again under another identity, ms. */
const RENEWAL_PATIENCE_MS = 15_000;

/** Whether of these two, which have one identity, at most one goes on: it takes a while to be settled, ms. */
const CLONE_PATIENCE_MS = 15_000;

/** A replica that holds what it was told to keep, and whose disk may be robbed of it. */
function victimOf(scene: Scene): ReplicaHost | null {
  const host = someReplica(scene);
  if (host === undefined || !host.isMember) return null;
  return scene.takeDiskLoss(host) ? host : null;
}

/** By its own log it is the only member there is. */
const isAloneAt = ({ driver }: ReplicaHost): boolean =>
  driver === null || (driver.report(false)['members'] as readonly unknown[]).length < 2;

/**
 * The others are there, and have had time to write down what they know of it: copies of all directories
 * that are put back at once cannot be noticed (PROTOCOL E).
 */
const diskPutBack: FaultKind = {
  name: 'disk put back',
  replicasAtLeast: 3,
  isOfMembers: true,
  changesMembers: true,
  robs: true,
  isAlone: true,
  async strike(scene) {
    const { world, random } = scene;
    const host = victimOf(scene);
    if (host === null) return false;
    // A copy from when its founder was alone is a whole cluster: that nobody can notice (PROTOCOL E).
    const copy = isAloneAt(host) ? null : host.copyDisk();
    if (copy === null) return false;
    await world.pause(drawMs(random, 100, random.pick([500, 4000])));
    if (!host.isMember) return false;
    scene.note(`${host.name} is killed, and its disk put back as it was`);
    const { memberId } = host;
    await host.crash();
    host.putBack(copy);
    await world.pause(drawMs(random, 1000, 2000));
    await scene.bringUp(host);
    await becomes(scene, () => host.isMember && host.memberId !== memberId, RENEWAL_PATIENCE_MS);
    // Where nothing was written since the copy, it is none.
    return host.memberId !== memberId;
  },
};

/** Beside the one that runs, or while it is restarted. All links stand: the rest is for operators (E). */
const clonedDisk: FaultKind = {
  name: 'cloned disk',
  replicasAtLeast: 3,
  isOfMembers: true,
  robs: true,
  isAlone: true,
  async strike(scene) {
    const { world, random } = scene;
    // Everybody hears everybody: a copy that is started where nobody hears the original is for operators.
    if (!world.replicas.every(({ isMember }) => isMember)) return false;
    await world.pause(CALM_MS);
    const host = victimOf(scene);
    const copy = host === null || isAloneAt(host) ? null : host.copyDisk();
    if (host === null || copy === null) return false;
    scene.note(`a copy of the disk of ${host.name} is started on another machine`);
    const clone = world.clone(host, copy);
    const isRestarted = random.chance(1, 2);
    if (isRestarted) await host.crash();
    const starting = scene.bringUp(clone);
    await world.pause(drawMs(random, 0, 2000));
    if (isRestarted && !host.isUp) await scene.bringUp(host);
    await world.pause(drawMs(random, 1000, CLONE_PATIENCE_MS));
    const isReplaced = clone.memberId !== host.memberId && clone.isMember;
    await clone.crash();
    await starting;
    world.forget(clone);
    // The copy has taken the original's place: that one leaves, and is started anew.
    if (isReplaced) await becomes(scene, () => !world.isWanted(host), CLONE_PATIENCE_MS);
    world.readmit(host);
    await scene.bringUp(host);
    return true;
  },
};

export const identityFaults: readonly FaultKind[] = [diskPutBack, clonedDisk];
