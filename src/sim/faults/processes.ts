/** Processes that die, end, freeze, or are told to stay away from clients. */

import { drawMs, type FaultKind, someReplica } from './fault.js';

/** Frames and writes after which a replica dies: the first few of what a request brings about. */
const ACTIONS_MOST = 30;

/** A replica that does not get to so many actions, ms, is left alone. */
const ACTION_PATIENCE_MS = 1000;

const crash: FaultKind = {
  name: 'crash',
  replicasAtLeast: 1,
  async strike(scene) {
    const { world, random } = scene;
    const host = someReplica(scene);
    if (host === undefined) return false;
    scene.note(`${host.name} is killed`);
    await host.crash();
    await world.pause(drawMs(random, 0, 1200));
    await scene.bringUp(host);
    return true;
  },
};

const crashBetweenEffects: FaultKind = {
  name: 'crash between effects',
  replicasAtLeast: 1,
  async strike(scene) {
    const { world, random } = scene;
    const host = someReplica(scene);
    if (host === undefined) return false;
    host.crashAfter(1 + random.below(ACTIONS_MOST));
    const endMs = world.scheduler.monotonicMs() + ACTION_PATIENCE_MS;
    while (host.isUp && world.scheduler.monotonicMs() < endMs) await world.pause(10);
    if (host.isUp) await host.crash();
    scene.note(`${host.name} died between two effects`);
    await world.pause(drawMs(random, 0, 500));
    await scene.bringUp(host);
    return true;
  },
};

const crashWhileStarting: FaultKind = {
  name: 'crash while starting',
  replicasAtLeast: 1,
  async strike(scene) {
    const { world, random } = scene;
    const host = someReplica(scene);
    if (host === undefined) return false;
    for (let starts = 1 + random.below(4); starts > 0; starts--) {
      scene.note(`${host.name} is killed soon after its start`);
      await host.crash();
      await world.pause(drawMs(random, 0, 100));
      void scene.bringUp(host);
      await world.pause(drawMs(random, 0, 300));
    }
    return true;
  },
};

const crashOfAll: FaultKind = {
  name: 'crash of all',
  replicasAtLeast: 1,
  async strike(scene) {
    const { world, random } = scene;
    const running = world.replicas.filter(({ isUp }) => isUp);
    if (running.length === 0) return false;
    scene.note('all replicas are killed at once');
    for (const host of running) await host.crash();
    for (const host of running) {
      await world.pause(drawMs(random, 0, 300));
      await scene.bringUp(host);
    }
    return true;
  },
};

const rollingRestart: FaultKind = {
  name: 'rolling restart',
  replicasAtLeast: 2,
  async strike(scene) {
    const { world, random } = scene;
    scene.note('all replicas are restarted, one after the other');
    for (const host of world.replicas) {
      if (host.driver === null || host.isFrozen) continue;
      await host.shutDown();
      await world.pause(drawMs(random, 0, 200));
      await scene.bringUp(host);
    }
    return true;
  },
};

const crashOfFrontend: FaultKind = {
  name: 'crash of a front end',
  replicasAtLeast: 1,
  async strike(scene) {
    const { world, random } = scene;
    const host = random.pick(world.frontends);
    // Where the only front end never lives, nobody gets through.
    await world.pause(drawMs(random, 200, 1500));
    if (!host.isUp) return false;
    scene.note(`${host.name} is killed`);
    host.crash();
    await world.pause(drawMs(random, 0, 800));
    if (!host.isUp) await host.start();
    return true;
  },
};

const pause: FaultKind = {
  name: 'pause',
  replicasAtLeast: 1,
  async strike(scene) {
    const { world, random } = scene;
    const host = random.pick([...world.replicas, ...world.frontends]);
    if (!host.isUp || host.isFrozen) return false;
    const forMs = drawMs(random, 200, random.pick([1000, 4000, 12_000]));
    scene.note(`${host.name} is frozen for ${forMs} ms`);
    host.freeze();
    await world.pause(forMs);
    host.thaw();
    return true;
  },
};

/** A client that is frozen itself is late. */
export const clientPause: FaultKind = {
  name: 'pause of a client',
  replicasAtLeast: 1,
  async strike({ world, random, players }) {
    const { host } = random.pick(players);
    host.freeze();
    await world.pause(drawMs(random, 100, 3000));
    host.thaw();
    return true;
  },
};

const move: FaultKind = {
  name: 'client moves',
  replicasAtLeast: 1,
  async strike({ world, random, players }) {
    for (let times = 1 + random.below(8); times > 0; times--) {
      random.pick(players).host.breakConnection();
      await world.pause(drawMs(random, 1, 150));
    }
    return true;
  },
};

const vanish: FaultKind = {
  name: 'client vanishes',
  replicasAtLeast: 1,
  async strike({ world, random, players }) {
    // A session that never gets far shows nothing.
    await world.pause(drawMs(random, 500, 2000));
    random.pick(players).vanish();
    return true;
  },
};

const status: FaultKind = {
  name: 'status by hand',
  replicasAtLeast: 2,
  async strike(scene) {
    const { world, random } = scene;
    const { name } = random.pick(world.replicas);
    const value = random.pick(['OVERLOADED', 'OFFLINE'] as const);
    scene.note(`${name} is set to ${value}`);
    const hasStruck = await scene.setStatus(name, value);
    await world.pause(drawMs(random, 100, 1500));
    await scene.setStatus(name, 'auto');
    return hasStruck;
  },
};

export const processFaults: readonly FaultKind[] = [
  crash,
  crashBetweenEffects,
  crashWhileStarting,
  crashOfAll,
  rollingRestart,
  crashOfFrontend,
  pause,
  clientPause,
  move,
  vanish,
  status,
];
