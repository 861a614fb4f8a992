/** Disks that take no more, and disks that are lost with all that was on them. */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { drawMs, type FaultKind } from './fault.js';

/** How much of what is written next still finds room, bytes: mostly the write that fails is torn. */
const ROOM_MOST = 4096;

/** Size of the file that a replica's journal grows by. */
function journalBytes(dataDirectory: string): number {
  const folder = join(dataDirectory, 'journal', 'groups');
  // One that has only just begun has none yet, and files go while one looks.
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const sizes = files
    .filter((name) => name.endsWith('.log'))
    .map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
  return Math.max(0, ...sizes);
}

/**
 * No file of the process may grow beyond a bound from now on: a write gets as far as that, and the next
 * one fails, as on a full disk.
 */
const fullDisk: FaultKind = {
  name: 'full-disk',
  replicasAtLeast: 1,
  strike(scene) {
    const { cluster, random } = scene;
    const replica = random.pick(cluster.replicas);
    return scene.withParts([replica], 1, async () => {
      const bytes = journalBytes(cluster.dataDirectoryOf(replica)) + random.below(ROOM_MOST);
      scene.note(`the disk of ${replica.name} is full at ${bytes} bytes a file`);
      const hasNoticed = await replica.starve((pid) => {
        execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]);
      });
      await scene.pause(drawMs(random, 0, 3000));
      scene.start(replica);
      return hasNoticed;
    });
  },
};

const lostDisk: FaultKind = {
  name: 'lost-disk',
  // With two, one copy of what the other has not got yet is all there is.
  replicasAtLeast: 2,
  strike(scene) {
    const { cluster, random } = scene;
    const replica = random.pick(cluster.replicas);
    return scene.withParts([replica], 1, async () => {
      if (!scene.takeDiskLoss(replica)) return false;
      scene.note(`${replica.name} loses its data directory`);
      await replica.kill();
      cluster.loseDataDirectory(replica);
      await scene.pause(drawMs(random, 0, 3000));
      scene.start(replica);
      return true;
    });
  },
};

/** Only Linux has a command that sets limits of a process that runs. */
const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0;

export const diskFaults: readonly FaultKind[] = [...(hasPrlimit ? [fullDisk] : []), lostDisk];
