/** Links that let nothing through, in one direction or both, that are slow, or that break. */

import type { Random } from '../../src/base/random.js';
import type { Conditions } from '../conditions.js';
import { drawMs, type FaultKind, type Scene } from './fault.js';

/** `[from, to]`: one direction between two. */
export type Way = readonly [from: string, to: string];

/** How long a cut lasts: connections survive short ones; their ends give up on longer ones. */
const drawCutMs = (random: Random): number =>
  drawMs(random, 200, random.pick([1000, 5000, 15_000]));

/** All that a cut may lie between: clients have a fault of their own. */
const namesOf = ({ cluster }: Scene): string[] => cluster.parts.map(({ name }) => name);

const replicaNames = ({ cluster }: Scene): string[] => cluster.replicas.map(({ name }) => name);

const bothWays = (one: string, other: string): Way[] => [
  [one, other],
  [other, one],
];

/** The links between two groups, both ways. */
const between = (ones: readonly string[], others: readonly string[]): Way[] =>
  ones.flatMap((one) => others.flatMap((other) => bothWays(one, other)));

/** Two groups, by chance; one may be empty. */
function split(random: Random, names: readonly string[]): [left: string[], right: string[]] {
  const groups: [string[], string[]] = [[], []];
  for (const name of names) groups[random.below(2)]?.push(name);
  return groups;
}

/** Imposes conditions for a while. */
async function imposeFor(
  { cluster, pause }: Scene,
  ways: readonly Way[],
  conditions: Partial<Conditions>,
  forMs: number,
): Promise<void> {
  // Each gets an object of its own: what is in force is told apart by identity.
  const lifts = ways.map(([from, to]) => cluster.links.impose(from, to, { ...conditions }));
  await pause(forMs);
  for (const lift of lifts) lift();
}

export function cutFor(scene: Scene, ways: readonly Way[], forMs: number): Promise<void> {
  const passage = scene.random.pick(['held', 'swallowed'] as const);
  return imposeFor(scene, ways, { passage }, forMs);
}

const partition: FaultKind = {
  name: 'partition',
  replicasAtLeast: 2,
  async strike(scene) {
    const [left, right] = split(scene.random, namesOf(scene));
    if (left.length === 0 || right.length === 0) return false;
    const forMs = drawCutMs(scene.random);
    scene.note(`partition for ${forMs} ms: ${left.join(' ')} | ${right.join(' ')}`);
    await cutFor(scene, between(left, right), forMs);
    return true;
  },
};

const bridge: FaultKind = {
  name: 'bridge',
  replicasAtLeast: 3,
  async strike(scene) {
    const { random } = scene;
    const middle = random.pick(replicaNames(scene));
    const others = replicaNames(scene).filter((name) => name !== middle);
    const [left, right] = split(random, others);
    if (left.length === 0 || right.length === 0) return false;
    const forMs = drawCutMs(random);
    const [ones, rest] = [left.join(' '), right.join(' ')];
    scene.note(`${ones} and ${rest} see ${middle}, not each other, for ${forMs} ms`);
    await cutFor(scene, between(left, right), forMs);
    return true;
  },
};

const oneWay: FaultKind = {
  name: 'one-way',
  replicasAtLeast: 1,
  async strike(scene) {
    const { random } = scene;
    const one = random.pick(replicaNames(scene));
    const other = random.pick(namesOf(scene).filter((name) => name !== one));
    const [from, to] = random.pick(bothWays(one, other));
    const forMs = drawCutMs(random);
    scene.note(`nothing gets from ${from} to ${to} for ${forMs} ms`);
    await cutFor(scene, [[from, to]], forMs);
    return true;
  },
};

const flapping: FaultKind = {
  name: 'flapping',
  replicasAtLeast: 1,
  async strike(scene) {
    const { random } = scene;
    const one = random.pick(replicaNames(scene));
    const other = random.pick(namesOf(scene).filter((name) => name !== one));
    scene.note(`the link between ${one} and ${other} comes and goes`);
    for (let times = 3 + random.below(8); times > 0; times--) {
      await cutFor(scene, bothWays(one, other), drawMs(random, 20, 500));
      await scene.pause(drawMs(random, 20, 500));
    }
    return true;
  },
};

const isolation: FaultKind = {
  name: 'isolation',
  replicasAtLeast: 2,
  async strike(scene) {
    const { random } = scene;
    const alone = random.pick(replicaNames(scene));
    const others = replicaNames(scene).filter((name) => name !== alone);
    const forMs = drawCutMs(random);
    // Front ends still reach it: whoever reads there must not be told less than it has seen.
    scene.note(`${alone} sees front ends, but no other replica, for ${forMs} ms`);
    await cutFor(scene, between([alone], others), forMs);
    return true;
  },
};

/** A link between two parts that stays, but is bad for a while. */
const bad = (name: string, draw: (random: Random) => Partial<Conditions>): FaultKind => ({
  name,
  replicasAtLeast: 1,
  async strike(scene) {
    const { random } = scene;
    const one = random.pick(replicaNames(scene));
    const other = random.pick(namesOf(scene).filter((each) => each !== one));
    const conditions = draw(random);
    scene.note(`${JSON.stringify(conditions)} between ${one} and ${other}`);
    await imposeFor(scene, bothWays(one, other), conditions, drawMs(random, 1000, 8000));
    return true;
  },
});

/** Something travels on most links within this long, ms. */
const TEAR_PATIENCE_MS = 2000;
const LOOK_EVERY_MS = 50;

const torn: FaultKind = {
  name: 'torn',
  replicasAtLeast: 1,
  async strike(scene) {
    const { cluster, random } = scene;
    const one = random.pick(replicaNames(scene));
    const other = random.pick(namesOf(scene).filter((name) => name !== one));
    const [from, to] = random.pick(bothWays(one, other));
    const takeBack = cluster.links.tearNext(from, to, random.below(1000) / 1000);
    scene.note(`what next goes from ${from} to ${to} is torn`);
    for (let leftMs = TEAR_PATIENCE_MS; leftMs > 0; leftMs -= LOOK_EVERY_MS) {
      await scene.pause(LOOK_EVERY_MS);
    }
    return takeBack();
  },
};

const clientCut: FaultKind = {
  name: 'client-cut',
  replicasAtLeast: 1,
  async strike(scene) {
    const { cluster, random, players } = scene;
    const { name } = random.pick(players);
    const frontend = random.pick(cluster.frontends).name;
    const ways = random.pick([
      bothWays(name, frontend),
      [[name, frontend] as const],
      [[frontend, name] as const],
    ]);
    const words = ways.map(([from, to]) => `${from} to ${to}`).join(', ');
    scene.note(`nothing gets from ${words}`);
    await cutFor(scene, ways, drawCutMs(random));
    return true;
  },
};

export const networkFaults: readonly FaultKind[] = [
  partition,
  bridge,
  oneWay,
  flapping,
  isolation,
  bad('delay', (random) => ({ delayMs: random.pick([5, 50, 400]) })),
  bad('throttle', (random) => ({ bytesPerSecond: random.pick([2000, 20_000]) })),
  torn,
  clientCut,
];
