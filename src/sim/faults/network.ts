/** Links that let nothing through, in one direction or both, and links that are slow or lose frames. */

import type { Random } from '../../base/random.js';
import type { NetworkConditions } from '../../transport/memory-transport.js';
import { drawMs, type FaultKind, type Scene } from './fault.js';

/** How long a cut lasts, ms. */
export const drawCutMs = (random: Random): number =>
  drawMs(random, 100, random.pick([600, 2500, 6000]));

/** When a connection over a cut link is noticed to be dead: as the heartbeat would, or sooner. */
const drawBreakMs = (random: Random): number => drawMs(random, 200, 3000);

/** All machines that a cut may lie between: clients keep their way to front ends. */
const hostsOf = ({ world }: Scene): string[] =>
  [...world.replicas, ...world.frontends].map(({ name }) => name);

/** Cuts these links (`[from, to]`) for a while, and mends them. */
export async function cutFor(
  { world, random }: Scene,
  links: readonly (readonly [string, string])[],
  forMs: number,
): Promise<void> {
  const breakAfterMs = drawBreakMs(random);
  for (const [from, to] of links) world.network.cut(from, to, { breakAfterMs });
  await world.pause(forMs);
  for (const [from, to] of links) world.network.mend(from, to);
}

const bothWays = (one: string, other: string): [string, string][] => [
  [one, other],
  [other, one],
];

/** The links between two groups, both ways. */
export const between = (ones: readonly string[], others: readonly string[]): [string, string][] =>
  ones.flatMap((one) => others.flatMap((other) => bothWays(one, other)));

/** Each on either side, by chance; a side may stay empty. */
function split(random: Random, names: readonly string[]): [string[], string[]] {
  const sides: [string[], string[]] = [[], []];
  for (const name of names) sides[random.chance(1, 2) ? 0 : 1].push(name);
  return sides;
}

const cutOneWay: FaultKind = {
  name: 'one-way cut',
  replicasAtLeast: 1,
  async strike(scene) {
    const { world, random } = scene;
    const to = random.pick(world.replicas).name;
    const from = random.pick(hostsOf(scene).filter((name) => name !== to));
    const link = random.chance(1, 2) ? ([from, to] as const) : ([to, from] as const);
    scene.note(`nothing gets from ${link[0]} to ${link[1]}`);
    await cutFor(scene, [link], drawCutMs(random));
    return true;
  },
};

const partition: FaultKind = {
  name: 'partition',
  replicasAtLeast: 2,
  async strike(scene) {
    const { random } = scene;
    const [left, right] = split(random, hostsOf(scene));
    if (left.length === 0 || right.length === 0) return false;
    scene.note(`partition: ${left.join(' ')} | ${right.join(' ')}`);
    await cutFor(scene, between(left, right), drawCutMs(random));
    return true;
  },
};

const partialPartition: FaultKind = {
  name: 'partial partition',
  replicasAtLeast: 3,
  async strike(scene) {
    const { world, random } = scene;
    const names = world.replicas.map(({ name }) => name);
    const bridge = random.pick(names);
    const others = names.filter((name) => name !== bridge);
    const [left, right] = split(random, others);
    if (left.length === 0 || right.length === 0) return false;
    scene.note(`${left.join(' ')} and ${right.join(' ')} see ${bridge}, not each other`);
    await cutFor(scene, between(left, right), drawCutMs(random));
    return true;
  },
};

const ring: FaultKind = {
  name: 'ring',
  replicasAtLeast: 4,
  async strike(scene) {
    const { world, random } = scene;
    const names = world.replicas.map(({ name }) => name);
    const links = names.flatMap((one, index) =>
      names.slice(index + 1).flatMap((other, distance) => {
        const isNext = distance === 0 || (index === 0 && index + 1 + distance === names.length - 1);
        return isNext ? [] : bothWays(one, other);
      }),
    );
    scene.note('replicas see only their two neighbours in a ring');
    await cutFor(scene, links, drawCutMs(random));
    return true;
  },
};

const flapping: FaultKind = {
  name: 'flapping link',
  replicasAtLeast: 2,
  async strike(scene) {
    const { world, random } = scene;
    const one = random.pick(world.replicas).name;
    const other = random.pick(hostsOf(scene).filter((name) => name !== one));
    scene.note(`the link between ${one} and ${other} comes and goes`);
    for (let times = 2 + random.below(8); times > 0; times--) {
      await cutFor(scene, bothWays(one, other), drawMs(random, 10, 400));
      await world.pause(drawMs(random, 10, 300));
    }
    return true;
  },
};

const isolation: FaultKind = {
  name: 'isolated replica',
  replicasAtLeast: 2,
  async strike(scene) {
    const { world, random } = scene;
    const host = random.pick(world.replicas).name;
    const others = world.replicas.map(({ name }) => name).filter((name) => name !== host);
    // Front ends still reach it: whoever reads there must not be told less than it has seen.
    scene.note(`${host} sees front ends, but no other replica`);
    await cutFor(scene, between([host], others), drawCutMs(random));
    return true;
  },
};

/** Changes how all links behave for a while. */
const weather = (
  name: string,
  draw: (random: Random, normal: NetworkConditions) => Partial<NetworkConditions>,
): FaultKind => ({
  name,
  replicasAtLeast: 1,
  async strike(scene) {
    const { world, random } = scene;
    const { conditions } = world.network;
    const change = draw(random, world.normalConditions);
    scene.note(`${name}: ${JSON.stringify(change)}`);
    Object.assign(conditions, change);
    await world.pause(drawMs(random, 200, 2500));
    // Another kind of weather may have come up meanwhile: it stays.
    for (const key of Object.keys(change) as (keyof NetworkConditions)[]) {
      conditions[key] = world.normalConditions[key];
    }
    return true;
  },
});

export const networkFaults: readonly FaultKind[] = [
  cutOneWay,
  partition,
  partialPartition,
  ring,
  flapping,
  isolation,
  weather('slow network', (random, { minDelayMs }) => ({
    maxDelayMs: minDelayMs + random.pick([30, 150, 600]),
  })),
  weather('lost frames', (random) => ({ lossPerMille: random.pick([5, 30, 120]) })),
  weather('duplicated frames', (random) => ({ duplicatePerMille: random.pick([20, 100, 300]) })),
  weather('reordered frames', (random) => ({ reorderPerMille: random.pick([20, 100, 300]) })),
];
