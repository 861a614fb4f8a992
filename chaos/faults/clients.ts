/** Clients that change front ends, and clients that are gone in the middle of a request. */

import { drawMs, type FaultKind } from './fault.js';

const move: FaultKind = {
  name: 'move',
  replicasAtLeast: 1,
  async strike({ cluster, random, players, pause }) {
    let broken = 0;
    for (let times = 1 + random.below(10); times > 0; times--) {
      const { name } = random.pick(players);
      for (const frontend of cluster.frontends) broken += cluster.links.reset(name, frontend.name);
      await pause(drawMs(random, 1, 300));
    }
    return broken > 0;
  },
};

const vanish: FaultKind = {
  name: 'vanish',
  replicasAtLeast: 1,
  async strike({ cluster, random, players, note }) {
    const player = random.pick(players);
    note(`${player.name} vanishes`);
    for (const frontend of cluster.frontends) cluster.links.reset(player.name, frontend.name);
    player.vanish();
    return true;
  },
};

export const clientFaults: readonly FaultKind[] = [move, vanish];
