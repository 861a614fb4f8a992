/** Faults that aim at the forced log: at the primary, at elections, and at who can see a majority. */

import type { DiskSpeed, ReplicaHost } from '../replica-host.js';
import { drawMs, type FaultKind, type Scene } from './fault.js';
import { between, cutFor, drawCutMs } from './network.js';

/** Frames and writes after which the primary dies: what ordering one update brings about. */
const ACTIONS_MOST = 12;

/** A primary that does not get to so many actions, ms, dies all the same. */
const ACTION_PATIENCE_MS = 1000;

/** Some disks are slow before the power is cut, some are not: so what one has told the other may lack. */
const POWER_CUT_DISKS: readonly DiskSpeed[] = [
  { leastMs: 1, spreadMs: 4 },
  { leastMs: 20, spreadMs: 60 },
  { leastMs: 60, spreadMs: 200 },
];

export const primaryOf = ({ world }: Scene): ReplicaHost | undefined =>
  world.replicas.find(
    ({ driver, isFrozen }) => !isFrozen && driver?.report(false)['role'] === 'primary',
  );

const crashOfPrimary: FaultKind = {
  name: 'crash of the primary',
  replicasAtLeast: 1,
  async strike(scene) {
    const { world, random } = scene;
    const host = primaryOf(scene);
    if (host === undefined) return false;
    host.crashAfter(1 + random.below(ACTIONS_MOST));
    const endMs = world.scheduler.monotonicMs() + ACTION_PATIENCE_MS;
    while (host.isUp && world.scheduler.monotonicMs() < endMs) await world.pause(5);
    if (host.isUp) await host.crash();
    scene.note(`${host.name}, the primary, died between two effects`);
    await world.pause(drawMs(random, 0, random.pick([200, 2000, 6000])));
    await scene.bringUp(host);
    return true;
  },
};

const pauseOfPrimary: FaultKind = {
  name: 'pause of the primary',
  replicasAtLeast: 1,
  async strike(scene) {
    const { world, random } = scene;
    const host = primaryOf(scene);
    if (host === undefined) return false;
    const forMs = drawMs(random, 500, random.pick([3000, 9000]));
    scene.note(`${host.name}, the primary, is frozen for ${forMs} ms`);
    host.freeze();
    await world.pause(forMs);
    host.thaw();
    return true;
  },
};

const primaryCutOff: FaultKind = {
  name: 'primary cut off',
  replicasAtLeast: 2,
  async strike(scene) {
    const { world, random } = scene;
    const name = primaryOf(scene)?.name;
    if (name === undefined) return false;
    const others = world.replicas.map((host) => host.name).filter((other) => other !== name);
    const way = random.pick(['hears nobody', 'is heard by nobody', 'is alone'] as const);
    const inward = others.map((other): [string, string] => [other, name]);
    const outward = others.map((other): [string, string] => [name, other]);
    const links =
      way === 'hears nobody' ? inward : way === 'is alone' ? [...inward, ...outward] : outward;
    scene.note(`${name}, the primary, ${way}`);
    await cutFor(scene, links, drawCutMs(random));
    return true;
  },
};

/** Everybody sees the centre only; it may have been away for a while, so that its log is behind. */
const star: FaultKind = {
  name: 'star',
  replicasAtLeast: 3,
  async strike(scene) {
    const { world, random } = scene;
    const centre = random.pick(world.replicas).name;
    const others = world.replicas.map(({ name }) => name).filter((name) => name !== centre);
    if (random.chance(1, 2)) {
      scene.note(`${centre} is cut off, then it is the centre of a star`);
      await cutFor(scene, between([centre], others), drawMs(random, 200, 3000));
    } else scene.note(`all replicas see ${centre}, and nobody else`);
    const links = others.flatMap((one, index) => between([one], others.slice(index + 1)));
    await cutFor(scene, links, drawMs(random, 500, random.pick([2500, 9000])));
    return true;
  },
};

/** One after the other dies soon after it has promised or begun a view. */
const crashesInElection: FaultKind = {
  name: 'crashes in an election',
  replicasAtLeast: 2,
  async strike(scene) {
    const { world, random } = scene;
    const primary = primaryOf(scene);
    if (primary === undefined) return false;
    scene.note(`${primary.name}, the primary, is killed, and others while they vote`);
    await primary.crash();
    const victims = world.replicas.filter(({ driver, isFrozen }) => driver !== null && !isFrozen);
    for (const host of victims.slice(0, 1 + random.below(victims.length + 1))) {
      host.crashAfter(1 + random.below(2 * ACTIONS_MOST));
    }
    await world.pause(drawMs(random, 100, random.pick([400, 1500, 5000])));
    for (const host of victims) host.crashAfter(Number.POSITIVE_INFINITY);
    for (const host of [primary, ...victims]) if (!host.isUp) await scene.bringUp(host);
    return true;
  },
};

/**
 * All die at once while slow disks write: what was told before it was durable is forgotten. The primary
 * comes back last, so that the others must know all that it had promised its clients.
 */
const powerCut: FaultKind = {
  name: 'power cut',
  replicasAtLeast: 2,
  async strike(scene) {
    const { world, random } = scene;
    const primary = primaryOf(scene);
    if (primary === undefined) return false;
    const running = world.replicas.filter(({ isUp }) => isUp);
    for (const host of running) host.diskSpeed = random.pick(POWER_CUT_DISKS);
    await world.pause(drawMs(random, 100, 800));
    scene.note('all replicas lose their power, disks were writing');
    for (const host of running) {
      host.setNormalSpeed();
      if (host.isUp) await host.crash();
    }
    const others = running.filter((host) => host !== primary);
    for (const host of others) if (!host.isUp) await scene.bringUp(host);
    await world.pause(drawMs(random, 0, random.pick([500, 3000])));
    if (!primary.isUp) await scene.bringUp(primary);
    return true;
  },
};

export const viewFaults: readonly FaultKind[] = [
  crashOfPrimary,
  pauseOfPrimary,
  primaryCutOff,
  star,
  crashesInElection,
  powerCut,
];
