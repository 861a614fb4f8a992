/**
 * Changes of the members, under load and among other faults: replicas that join and leave, that are
 * retired while they are away or cut off, and primaries that die in the middle of it.
 */

import type { ReplicaHost } from '../replica-host.js';
import { becomes, drawMs, type FaultKind, type Scene, someReplica } from './fault.js';
import { between, cutFor, drawCutMs } from './network.js';
import { primaryOf } from './views.js';

/** Clusters grow to so many, and shrink to one; by changes that go wrong, not beyond seven. */
const MEMBERS_MOST = 9;
const MEMBERS_MANY = 7;

/** A change that has not come about by then goes on by itself, ms. */
const CHANGE_PATIENCE_MS = 12_000;

/** Frames and writes after which a primary dies in the middle of a change. */
const ACTIONS_MOST = 60;

/** Starts a replica that was not there before; it goes on joining after this. */
async function add(scene: Scene): Promise<ReplicaHost | null> {
  const { world } = scene;
  if (world.replicas.length >= MEMBERS_MOST) return null;
  const host = world.addReplica();
  scene.note(`${host.name} joins`);
  await scene.bringUp(host);
  return host;
}

const join: FaultKind = {
  name: 'replica joins',
  replicasAtLeast: 1,
  isOfMembers: true,
  changesMembers: true,
  async strike(scene) {
    const host = await add(scene);
    if (host === null) return false;
    await becomes(scene, () => host.isMember, CHANGE_PATIENCE_MS);
    return true;
  },
};

const leave: FaultKind = {
  name: 'replica leaves',
  replicasAtLeast: 2,
  isOfMembers: true,
  changesMembers: true,
  async strike(scene) {
    const { world } = scene;
    const host = someReplica(scene);
    if (host === undefined || !host.isMember) return false;
    if (world.replicas.length <= scene.leastReplicas) {
      const newcomer = await add(scene);
      if (newcomer === null) return false;
      await becomes(scene, () => newcomer.isMember, CHANGE_PATIENCE_MS);
      if (!newcomer.isMember || !host.isMember) return false;
    }
    scene.note(`${host.name} is to leave`);
    if (!(await scene.retire(host, false))) return false;
    await becomes(scene, () => !host.isUp, CHANGE_PATIENCE_MS);
    return true;
  },
};

/** It is gone when its operator gives it up, and comes back all the same. */
const retiredWhileAway: FaultKind = {
  name: 'retired while away',
  replicasAtLeast: 3,
  isOfMembers: true,
  changesMembers: true,
  async strike(scene) {
    const { world, random } = scene;
    const host = someReplica(scene);
    if (host === undefined || !host.isMember || !scene.mayRetire) return false;
    scene.note(`${host.name} is killed, and retired`);
    await host.crash();
    await world.pause(drawMs(random, 0, 1000));
    const isRetired = await scene.retire(host, false);
    await world.pause(drawMs(random, 0, random.pick([200, 4000])));
    await scene.bringUp(host);
    return isRetired;
  },
};

/** Front ends still reach it, and it does not know: what it acknowledges counts as one copy at most. */
const retiredWhileCutOff: FaultKind = {
  name: 'retired while cut off',
  replicasAtLeast: 3,
  isOfMembers: true,
  changesMembers: true,
  async strike(scene) {
    const { world, random } = scene;
    const host = someReplica(scene);
    if (host === undefined || !host.isMember || !scene.mayRetire) return false;
    const others = world.replicas.filter((other) => other !== host).map(({ name }) => name);
    scene.note(`${host.name} sees front ends only, and is retired`);
    const cutting = cutFor(scene, between([host.name], others), drawMs(random, 2000, 9000));
    await world.pause(drawMs(random, 0, 2500));
    const isRetired = await scene.retire(host, false);
    await cutting;
    return isRetired;
  },
};

/** Somebody joins or leaves; resolves when that is over. Null when nobody may. */
function beginChange(scene: Scene): Promise<unknown> | null {
  const { world, random } = scene;
  const leaver = someReplica(scene);
  const joins = world.replicas.length <= scene.leastReplicas || random.chance(1, 2);
  if (leaver === undefined || (joins && world.replicas.length >= MEMBERS_MANY)) return null;
  return joins ? add(scene) : scene.retire(leaver, false);
}

/** The primary dies at some point of a change. */
const primaryDiesInChange: FaultKind = {
  name: 'primary dies in a change',
  replicasAtLeast: 2,
  isOfMembers: true,
  changesMembers: true,
  async strike(scene) {
    const { world, random } = scene;
    const primary = primaryOf(scene);
    const change = primary === undefined ? null : beginChange(scene);
    if (primary === undefined || change === null) return false;
    await world.pause(drawMs(random, 0, random.pick([50, 500])));
    primary.crashAfter(1 + random.below(ACTIONS_MOST));
    await becomes(scene, () => !primary.isUp, 1500);
    if (primary.isUp) await primary.crash();
    // Another fault may have been the quicker one: its next start is not meant.
    primary.crashAfter(Number.POSITIVE_INFINITY);
    scene.note(`${primary.name}, the primary, died between two effects of a change`);
    await world.pause(drawMs(random, 0, random.pick([200, 4000])));
    await scene.bringUp(primary);
    await change;
    return true;
  },
};

/** The cluster is cut in two during a change, the one who joins or leaves on either side. */
const partitionInChange: FaultKind = {
  name: 'partition in a change',
  replicasAtLeast: 2,
  isOfMembers: true,
  changesMembers: true,
  async strike(scene) {
    const { world, random } = scene;
    const change = beginChange(scene);
    if (change === null) return false;
    await world.pause(drawMs(random, 0, random.pick([50, 600])));
    const names = [...world.replicas, ...world.frontends].map(({ name }) => name);
    const left = names.filter(() => random.chance(1, 2));
    const right = names.filter((name) => !left.includes(name));
    scene.note(`partition in a change: ${left.join(' ')} | ${right.join(' ')}`);
    await cutFor(scene, between(left, right), drawCutMs(random));
    await change;
    return true;
  },
};

/** Each start opens an origin and closes those of earlier starts. */
const manyRestarts: FaultKind = {
  name: 'many restarts',
  replicasAtLeast: 1,
  isOfMembers: true,
  async strike(scene) {
    const { world, random } = scene;
    const host = someReplica(scene);
    if (host === undefined) return false;
    const starts = 2 + random.below(5);
    scene.note(`${host.name} is restarted ${starts} times`);
    for (let left = starts; left > 0; left--) {
      if (random.chance(1, 2)) await host.crash();
      else await host.shutDown();
      await scene.bringUp(host);
      await world.pause(drawMs(random, 100, 1500));
    }
    return true;
  },
};

/** It is away while the others' logs grow past what they keep for it. */
const longAbsence: FaultKind = {
  name: 'long absence',
  replicasAtLeast: 3,
  isOfMembers: true,
  async strike(scene) {
    const { world, random } = scene;
    const host = someReplica(scene);
    if (host === undefined || world.replicas.length < 3 || !host.isMember) return false;
    scene.note(`${host.name} is away for long`);
    await host.crash();
    await world.pause(drawMs(random, 4000, CHANGE_PATIENCE_MS));
    await scene.bringUp(host);
    return true;
  },
};

export const memberFaults: readonly FaultKind[] = [
  join,
  leave,
  retiredWhileAway,
  retiredWhileCutOff,
  primaryDiesInChange,
  partitionInChange,
  manyRestarts,
  longAbsence,
];
