/** Processes that are killed, frozen, asked to end, or told a wrong time. */

import { drawMs, type FaultKind, type Scene } from './fault.js';
import type { PartProcess } from '../part-process.js';

const anyPart = ({ cluster, random }: Scene): PartProcess => random.pick(cluster.parts);

const kill: FaultKind = {
  name: 'kill',
  replicasAtLeast: 1,
  strike(scene) {
    const part = anyPart(scene);
    return scene.withParts([part], 1, async () => {
      scene.note(`${part.name} is killed`);
      await part.kill();
      await scene.pause(drawMs(scene.random, 0, 4000));
      scene.start(part);
      return true;
    });
  },
};

const killAll: FaultKind = {
  name: 'kill-all',
  replicasAtLeast: 1,
  strike(scene) {
    const { replicas } = scene.cluster;
    return scene.withParts(replicas, replicas.length, async () => {
      scene.note('all replicas are killed at once');
      await Promise.all(replicas.map((replica) => replica.kill()));
      for (const replica of replicas) {
        await scene.pause(drawMs(scene.random, 0, 800));
        scene.start(replica);
      }
      return true;
    });
  },
};

const freeze: FaultKind = {
  name: 'freeze',
  replicasAtLeast: 1,
  strike(scene) {
    const { random } = scene;
    const part = anyPart(scene);
    return scene.withParts([part], 0, async () => {
      const forMs = drawMs(random, 200, random.pick([1000, 4000, 15_000, 30_000]));
      scene.note(`${part.name} is frozen for ${forMs} ms`);
      part.freeze();
      await scene.pause(forMs);
      part.thaw();
      return true;
    });
  },
};

const end: FaultKind = {
  name: 'end',
  replicasAtLeast: 1,
  strike(scene) {
    const part = anyPart(scene);
    return scene.withParts([part], 1, async () => {
      scene.note(`${part.name} is asked to end`);
      await part.end();
      await scene.pause(drawMs(scene.random, 0, 2000));
      scene.start(part);
      return true;
    });
  },
};

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;

/** How wrong clocks are, ms. */
const OFFSETS = [5 * SECOND_MS, 90 * SECOND_MS, HOUR_MS, 24 * HOUR_MS];

const clock: FaultKind = {
  name: 'clock',
  replicasAtLeast: 1,
  strike(scene) {
    const { random } = scene;
    const part = anyPart(scene);
    return scene.withParts([part], 2, async () => {
      const offsetMs = random.pick([1, -1]) * random.pick(OFFSETS);
      scene.note(`${part.name} gets a clock that is off by ${offsetMs} ms`);
      await part.end();
      scene.start(part, `--clock-offset=${offsetMs}`);
      await scene.pause(drawMs(random, 3000, 12_000));
      scene.note(`${part.name} gets a clock that is right`);
      await part.kill();
      scene.start(part);
      return true;
    });
  },
};

export const processFaults: readonly FaultKind[] = [kill, killAll, freeze, end, clock];
