/** The cluster under test: the program's own launcher starts its parts, each a process of its own. */

import { join } from 'node:path';
import { DEFAULT_ADMINISTRATOR } from '../src/launch/forms.js';
import { openClusterFolder } from '../src/launch/founding.js';
import { LocalCluster } from '../src/launch/local-cluster.js';
import { findFreePorts } from '../src/launch/ports.js';
import { askWhetherReady, startPart } from '../src/launch/start-part.js';
import { prepareInitialState } from '../src/node/initial-state.js';
import { RealScheduler, SystemRandom } from '../src/node/system.js';
import { kv } from '../src/service/kv/kv.js';
import type { BenchProcess } from './figures.js';

export interface BenchCluster {
  /** Their URLs. */
  readonly frontends: readonly string[];
  readonly processes: readonly BenchProcess[];
  /** Resolves when no process is left. */
  stop(): Promise<void>;
}

export interface BenchClusterInit {
  /** An empty folder for the journals. */
  readonly data: string;
  readonly gossipLog: 'on' | 'off';
  readonly say: (line: string) => void;
}

/** Resolves when all parts are ready; rejects, with none left, when they cannot be. */
export async function startBenchCluster(init: BenchClusterInit): Promise<BenchCluster> {
  const { gossipLog, say } = init;
  const data = join(init.data, 'cluster');
  await prepareInitialState({ service: kv, data, importFrom: null, onProgress: () => {} });
  const random = new SystemRandom();
  const { founding } = await openClusterFolder(data, random);
  // By name: a part that had to be started again has the process of its last start.
  const processes = new Map<string, BenchProcess>();
  const cluster = new LocalCluster(
    {
      frontends: 1,
      replicas: [1, 2, 3],
      founding: () => founding,
      service: kv.name,
      data,
      importFrom: null,
      administrator: DEFAULT_ADMINISTRATOR,
      settings: {},
      gossipLog,
      restart: false,
    },
    {
      startPart: (part, observer) => {
        const started = startPart(part, observer);
        const { name, address } = part;
        const role = part.words[0] === 'frontend' ? 'frontend' : 'replica';
        processes.set(name, { name, role, pid: started.pid, address });
        return started;
      },
      askWhetherReady,
      findFreePorts,
      scheduler: new RealScheduler(),
      random,
      say,
    },
  );
  try {
    const frontends = await cluster.start();
    return {
      frontends,
      processes: [...processes.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
      stop: () => cluster.stop(),
    };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}
