/** What happens to the members of a founded cluster while clients are at work. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../src/base/random.js';
import { nameOfPrimary } from '../observer.js';
import type { ChangingCluster } from './cluster.js';

export interface Scene {
  readonly cluster: ChangingCluster;
  readonly random: Random;
  readonly minutes: number;
  readonly note: (what: string) => void;
  /** Waits until just those replicas are members that should be, and all count; rejects when they do not. */
  readonly settled: (when: string) => Promise<void>;
  /** Says how long a change took. */
  readonly took: (what: string, ms: number) => void;
}

export interface Scenario {
  readonly about: string;
  /** Members at the beginning. */
  readonly replicas: number;
  /** No request may fail, or have an end that is not known. */
  readonly isSmooth: boolean;
  /** Updates with one copy may be lost. */
  readonly losesDisks: boolean;
  play(scene: Scene): Promise<void>;
}

/** Between two changes, ms. */
const PAUSE_MS = 1500;

async function timed(scene: Scene, what: string, act: () => Promise<unknown>): Promise<void> {
  const beganMs = performance.now();
  await act();
  scene.took(what, performance.now() - beganMs);
}

const grow: Scenario = {
  about: 'grows from 1 to 7 replicas, shrinks to 2, the primary among those that leave',
  replicas: 1,
  isSmooth: true,
  losesDisks: false,
  async play(scene) {
    const { cluster, random, settled } = scene;
    for (let number = 2; number <= 7; number++) {
      await sleep(PAUSE_MS);
      await timed(scene, `rm-${number} joins`, async () => {
        cluster.add(number).start();
        await settled(`rm-${number} has joined`);
      });
    }
    while (cluster.replicas.size > 2) {
      await sleep(PAUSE_MS);
      const primary = await nameOfPrimary(cluster.urls);
      const names = [...cluster.replicas.keys()];
      const name = random.chance(1, 2) && primary !== null ? primary : random.pick(names);
      const what = `${name}${name === primary ? ', the primary,' : ''} leaves`;
      await timed(scene, what, () => cluster.retire(name));
      await settled(`${name} has left`);
    }
  },
};

const disks: Scenario = {
  about: 'three replicas lose their disks, one after the other, with time to catch up in between',
  replicas: 3,
  isSmooth: false,
  losesDisks: true,
  async play(scene) {
    const { cluster, settled } = scene;
    for (const [name, part] of cluster.replicas) {
      await sleep(PAUSE_MS);
      await part.kill();
      cluster.loseDisk(name);
      await timed(scene, `${name} comes back without its disk`, async () => {
        part.start();
        await settled(`${name} is back`);
      });
    }
  },
};

type Blow = (scene: Scene) => Promise<void>;

const someReplica = ({ cluster, random }: Scene): string =>
  random.pick([...cluster.replicas.keys()]);

/** A replica is killed, something is done to its disk, and it is started again. */
const whileDown =
  (what: string, act: (cluster: ChangingCluster, name: string) => unknown): Blow =>
  async (scene) => {
    const { cluster, random, note } = scene;
    const name = someReplica(scene);
    const part = cluster.replicas.get(name);
    note(`${name} is killed; ${what}`);
    await part?.kill();
    act(cluster, name);
    await sleep(random.below(1500));
    part?.start();
  };

const BLOWS: readonly Blow[] = [
  whileDown('its disk stays', () => {}),
  whileDown('its disk is copied', (cluster, name) => cluster.copyDisk(name)),
  whileDown('its disk is put back as it was once', (cluster, name) => cluster.putBack(name)),
  whileDown('its disk is lost', (cluster, name) => cluster.loseDisk(name)),
  async (scene) => {
    const name = someReplica(scene);
    const part = scene.cluster.replicas.get(name);
    scene.note(`${name} stands still`);
    part?.freeze();
    await sleep(scene.random.below(5000));
    part?.thaw();
  },
  async ({ cluster, note }) => {
    const number = [2, 3, 4, 5, 6, 7].find((each) => !cluster.replicas.has(`rm-${each}`));
    if (number === undefined) return;
    note(`rm-${number} joins`);
    cluster.add(number).start();
  },
  async (scene) => {
    if (scene.cluster.replicas.size <= 3) return;
    const name = someReplica(scene);
    scene.note(`${name} is retired`);
    await scene.cluster.retire(name);
  },
];

const storm: Scenario = {
  about: 'replicas die, stand still, join, leave, lose their disks and are put back on old copies',
  replicas: 3,
  isSmooth: false,
  losesDisks: true,
  async play(scene) {
    const endMs = performance.now() + scene.minutes * 60_000;
    while (performance.now() < endMs) {
      await sleep(scene.random.below(2 * PAUSE_MS));
      await scene.random.pick(BLOWS)(scene);
      // Two disks that are lost at once lose what only they had.
      await timed(scene, 'the members are settled', () => scene.settled('after a blow'));
    }
  },
};

export const SCENARIOS: Readonly<Record<string, Scenario>> = { grow, disks, storm };
