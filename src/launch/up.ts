/**
 * `hearsay up`: a cluster on this machine and a client for it in this terminal. Whatever happens to
 * this process, none of its parts outlives it: it ends them, or they see that it is gone.
 */

import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FatalError } from '../base/errors.js';
import { prepareInitialState } from '../node/initial-state.js';
import type { Service } from '../service/define.js';
import { serviceByName } from '../service/registry.js';
import { makeDirectory } from '../storage/atomic-file.js';
import { lockFolder } from '../storage/level-database.js';
import { drawUser, interruption, serveClient } from './client.js';
import type { DataPlace, UpCommand } from './command.js';
import { REPLICAS_MAX } from './forms.js';
import { LocalCluster } from './local-cluster.js';
import { Notices } from './notices.js';
import { findFreePorts } from './ports.js';
import { progressShower } from './progress.js';
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
    const cluster = await prepareCluster(command, service, data, notices, surroundings);
    try {
      void interrupted.then(() => surroundings.onEndSignal(() => cluster.kill()));
      const frontends = await Promise.race([cluster.start(), interrupted]);
      if (frontends === 'interrupted') return NOT_READY;
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

/** Makes the folder where it is missing and keeps other launchers out of it, or says why not. */
async function takeFolder(data: string): Promise<() => Promise<void>> {
  try {
    await makeDirectory(data);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FatalError(`cannot use the data directory ${data}: ${why}`, { cause });
  }
  return lockFolder(data);
}

/** Sees to what all replicas begin with; starts nothing yet. */
async function prepareCluster(
  command: UpCommand,
  service: Service,
  data: string | null,
  notices: Notices,
  { scheduler, random, stderr }: Surroundings,
): Promise<LocalCluster> {
  const importFrom = command.importFrom === null ? null : resolve(command.importFrom);
  const earlier = data === null ? 0 : replicasIn(data);
  if (earlier > command.replicas) {
    notices.say(
      `${data} holds ${earlier} replicas: all of them are started, for what only some of them hold`,
    );
  }
  if (data !== null || importFrom !== null) {
    const onProgress = importFrom === null ? () => {} : progressShower(importFrom, stderr);
    await prepareInitialState({ service, data, importFrom, onProgress });
  }
  return new LocalCluster(
    {
      frontends: command.frontends,
      replicas: Math.max(command.replicas, earlier),
      service: service.name,
      data,
      // New replicas find the state in `data`; earlier ones must see that they began with this one.
      importFrom: data === null || earlier > 0 ? importFrom : null,
      administrator: command.administrator,
      settings: command.settings,
      gossipLog: command.gossipLog,
      restart: command.restart,
    },
    { startPart, askWhetherReady, findFreePorts, scheduler, random, say: notices.say },
  );
}

/** The highest number of a replica that has a folder here. */
function replicasIn(data: string): number {
  const numbers = readdirSync(data).map((name) =>
    Number(/^rm-([1-9][0-9]{0,3})$/.exec(name)?.[1] ?? 0),
  );
  const highest = Math.max(0, ...numbers);
  if (highest <= REPLICAS_MAX) return highest;
  throw new FatalError(
    `${data} holds rm-${highest}, and at most ${REPLICAS_MAX} replicas can be started: choose another --data`,
  );
}
