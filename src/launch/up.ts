/**
 * `hearsay up`: a cluster on this machine and a client for it in this terminal. Whatever happens to
 * this process, none of its parts outlives it: it ends them, or they see that it is gone.
 */

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareInitialState } from '../node/initial-state.js';
import type { Service } from '../service/define.js';
import { serviceByName } from '../service/registry.js';
import { chooseReplicas } from './choose-replicas.js';
import { drawUser, interruption, serveClient } from './client.js';
import type { DataPlace, UpCommand } from './command.js';
import { Founding, openClusterFolder, replicaName, takeFolder } from './founding.js';
import { LocalCluster } from './local-cluster.js';
import { Notices } from './notices.js';
import { findFreePorts } from './ports.js';
import { progressShower } from './progress.js';
import { shrink } from './shrink.js';
import { askWhetherReady, startPart } from './start-part.js';
import type { Surroundings } from './surroundings.js';

const DEFAULT_DATA = new URL('../../../data/', import.meta.url);

/** Ended before it was ready. */
const NOT_READY = 3;

export async function runUp(command: UpCommand, surroundings: Surroundings): Promise<number> {
  const service = serviceByName(command.service);
  const interrupted = interruption(surroundings);
  const notices = new Notices(surroundings.stderr);
  const data = folderOf(command.data, service);
  const unlock = data === null ? null : await takeFolder(data);
  try {
    const prepared = await prepareCluster(command, service, data, notices, surroundings);
    const { cluster, surplus } = prepared;
    try {
      void interrupted.then(() => surroundings.onEndSignal(() => cluster.kill()));
      const frontends = await Promise.race([cluster.start(), interrupted]);
      if (frontends === 'interrupted') return NOT_READY;
      const shrunk = shrink({ surplus, frontends, cluster, say: notices.say }, surroundings);
      if ((await Promise.race([shrunk, interrupted])) === 'interrupted') return NOT_READY;
      notices.say('ready');
      if (!command.withClient) {
        await interrupted;
        return 0;
      }
      const user = command.user ?? drawUser(surroundings, notices);
      const init = { user, frontends, json: command.json, interrupted };
      return await serveClient(init, notices, surroundings);
    } finally {
      await cluster.stop();
    }
  } finally {
    await unlock?.();
  }
}

/** Null: nothing is kept. */
function folderOf(place: DataPlace, { name }: Service): string | null {
  switch (place.kind) {
    case 'ephemeral':
      return null;
    case 'folder':
      return resolve(place.path);
    case 'default':
      return fileURLToPath(new URL(name, DEFAULT_DATA));
  }
}

interface Prepared {
  readonly cluster: LocalCluster;
  /** Replicas to be taken out once they are all there, the highest number first. */
  readonly surplus: readonly string[];
}

/** Sees to what all replicas begin with, and which there are; starts nothing yet. */
async function prepareCluster(
  command: UpCommand,
  service: Service,
  data: string | null,
  notices: Notices,
  { scheduler, random, stderr }: Surroundings,
): Promise<Prepared> {
  const importFrom = command.importFrom === null ? null : resolve(command.importFrom);
  if (data !== null || importFrom !== null) {
    const onProgress = importFrom === null ? () => {} : progressShower(importFrom, stderr);
    await prepareInitialState({ service, data, importFrom, onProgress });
  }
  const folder = data === null ? null : await openClusterFolder(data, random);
  const found = folder ?? { replicas: [], founding: Founding.ephemeral(random) };
  const { replicas, surplus, notice } = chooseReplicas(command.replicas, found, data ?? '');
  if (notice !== null) notices.say(notice);
  const cluster = new LocalCluster(
    {
      frontends: command.frontends,
      replicas,
      founding: () => (folder === null ? Founding.ephemeral(random) : folder.founding),
      service: service.name,
      data,
      // New replicas find the state in `data`; earlier ones must see that they began with this one.
      importFrom: data === null || found.replicas.length > 0 ? importFrom : null,
      administrator: command.administrator,
      settings: command.settings,
      gossipLog: command.gossipLog,
      restart: command.restart,
    },
    { startPart, askWhetherReady, findFreePorts, scheduler, random, say: notices.say },
  );
  return { cluster, surplus: surplus.map(replicaName) };
}
