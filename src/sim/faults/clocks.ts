/** Wall clocks that jump and drift, at clients, front ends and replicas. */

import type { Host } from '../host.js';
import { drawMs, type FaultKind, type Scene } from './fault.js';

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;

/** Somebody with a clock. */
const someClock = ({ world, random, players }: Scene): Host =>
  random.pick([...world.replicas, ...world.frontends, ...players.map(({ host }) => host)]);

const jump: FaultKind = {
  name: 'clock jump',
  replicasAtLeast: 1,
  async strike(scene) {
    const { world, random } = scene;
    const clock = someClock(scene);
    const farMs = random.pick([SECOND_MS, 30 * SECOND_MS, HOUR_MS]);
    const byMs = random.chance(1, 2) ? farMs : -farMs;
    scene.note(`a clock jumps by ${byMs / SECOND_MS} s`);
    clock.stepClock(byMs);
    await world.pause(drawMs(random, 100, 3000));
    clock.stepClock(-byMs);
    return true;
  },
};

const drift: FaultKind = {
  name: 'clock drift',
  replicasAtLeast: 1,
  async strike(scene) {
    const { world, random } = scene;
    const clock = someClock(scene);
    const ppm = random.pick([-500_000, -10_000, 10_000, 500_000]);
    scene.note(`a clock drifts by ${ppm / 10_000} %`);
    clock.setDrift(ppm);
    await world.pause(drawMs(random, 500, 3000));
    clock.setDrift(0);
    return true;
  },
};

export const clockFaults: readonly FaultKind[] = [jump, drift];
