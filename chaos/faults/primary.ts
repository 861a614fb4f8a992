/** Faults that aim at the primary, and at the election of the next one. */

import { drawMs, type FaultKind, type Scene } from './fault.js';
import { cutFor, type Way } from './network.js';

/** A primary that was silent for about so long is replaced, ms; one that is back earlier goes on. */
const REPLACED_AFTER_MS = 4000;

const drawSilenceMs = ({ random }: Scene): number =>
  random.chance(1, 4)
    ? drawMs(random, 500, REPLACED_AFTER_MS)
    : drawMs(random, REPLACED_AFTER_MS, 15_000);

const killPrimary: FaultKind = {
  name: 'kill-primary',
  replicasAtLeast: 1,
  async strike(scene) {
    const primary = await scene.findPrimary();
    if (primary === null) return false;
    return scene.withParts([primary], 1, async () => {
      scene.note(`${primary.name}, the primary, is killed`);
      await primary.kill();
      await scene.pause(drawMs(scene.random, 0, scene.random.pick([500, 4000, 10_000])));
      scene.start(primary);
      return true;
    });
  },
};

const freezePrimary: FaultKind = {
  name: 'freeze-primary',
  replicasAtLeast: 1,
  async strike(scene) {
    const primary = await scene.findPrimary();
    if (primary === null) return false;
    return scene.withParts([primary], 0, async () => {
      const forMs = drawSilenceMs(scene);
      scene.note(`${primary.name}, the primary, is frozen for ${forMs} ms`);
      primary.freeze();
      await scene.pause(forMs);
      primary.thaw();
      return true;
    });
  },
};

const cutPrimary: FaultKind = {
  name: 'cut-primary',
  replicasAtLeast: 2,
  async strike(scene) {
    const { cluster, random } = scene;
    const name = (await scene.findPrimary())?.name;
    if (name === undefined) return false;
    // While front ends still reach it, clients would take its word.
    const [circle, parts] = random.chance(2, 3)
      ? (['replicas', cluster.replicas] as const)
      : (['all others', cluster.parts] as const);
    const others = parts.filter((part) => part.name !== name);
    const inward = others.map((other): Way => [other.name, name]);
    const outward = others.map((other): Way => [name, other.name]);
    const both = ['is cut off from', [...inward, ...outward]] as const;
    const [words, ways] = random.pick([
      ...[both, both],
      ['hears nothing from', inward] as const,
      ['is not heard by', outward] as const,
    ]);
    const forMs = drawSilenceMs(scene);
    scene.note(`${name}, the primary, ${words} ${circle} for ${forMs} ms`);
    await cutFor(scene, ways, forMs);
    return true;
  },
};

/** The others notice at once that a killed primary is gone: within so long they elect another one, ms. */
const ELECTION_MS = 800;

const killInElection: FaultKind = {
  name: 'kill-in-election',
  replicasAtLeast: 2,
  async strike(scene) {
    const { cluster, random } = scene;
    const primary = await scene.findPrimary();
    if (primary === null) return false;
    const voter = random.pick(cluster.replicas.filter((replica) => replica !== primary));
    return scene.withParts([primary, voter], 2, async () => {
      scene.note(`${primary.name}, the primary, is killed, and ${voter.name} soon after it`);
      await primary.kill();
      await scene.pause(drawMs(random, 0, ELECTION_MS));
      await voter.kill();
      for (const replica of random.pick([
        [primary, voter],
        [voter, primary],
      ])) {
        await scene.pause(drawMs(random, 0, 3000));
        scene.start(replica);
      }
      return true;
    });
  },
};

export const primaryFaults: readonly FaultKind[] = [
  killPrimary,
  freezePrimary,
  cutPrimary,
  killInElection,
];
