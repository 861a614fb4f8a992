/** The benchmark itself: a cluster, its clients, and one measurement after the other. */

import { setTimeout as sleep } from 'node:timers/promises';
import { startBenchCluster } from './cluster.js';
import { Drivers } from './drivers.js';
import { takeSnapshot } from './figures.js';
import type { BenchOptions } from './flags.js';
import { planRuns, type Run } from './plan.js';
import { Profiler } from './profile.js';
import { resultOf, type RunResult } from './result.js';
import { KEYS } from './workloads.js';

/** Before the first run: until then the compiler is busier than what it compiles. */
const FIRST_WARM_UP: readonly Run[] = (['mix', 'updates'] as const).map((workload) => ({
  workload,
  shape: 'single',
  inFlight: 64,
}));
const FIRST_WARM_UP_MS = 2000;

/** Before each run: connections are made, queues are filled, and the last run's rest is cleared up. */
const WARM_UP_MS = 1000;

export interface BenchInit {
  readonly options: BenchOptions;
  /** An empty folder for the journals. */
  readonly data: string;
  /** Tells people how far it is. */
  readonly say: (line: string) => void;
  /** Ends everything early: `measureCluster` rejects then. */
  readonly signal: AbortSignal;
}

/** Runs all that the options ask for; leaves no process behind, however it ends. */
export async function measureCluster({
  options,
  data,
  say,
  signal,
}: BenchInit): Promise<RunResult[]> {
  const { gossipLog, seconds, seed } = options;
  const cluster = await startBenchCluster({ data, gossipLog, say });
  const drivers = new Drivers(options.drivers, { frontends: cluster.frontends, seed });
  try {
    const processes = [...drivers.processes, ...cluster.processes];
    const profiler = options.profile === null ? null : new Profiler(options.profile, processes);
    await drivers.fill(KEYS);
    for (const run of FIRST_WARM_UP) {
      await drivers.begin(run);
      await sleep(FIRST_WARM_UP_MS, undefined, { signal });
      await drivers.stop();
    }
    const results: RunResult[] = [];
    for (const run of planRuns(options)) {
      await drivers.begin(run);
      await sleep(WARM_UP_MS, undefined, { signal });
      profiler?.begin();
      await drivers.measure();
      const before = await takeSnapshot(processes);
      await sleep(seconds * 1000, undefined, { signal });
      const after = await takeSnapshot(processes);
      const result = resultOf(run, await drivers.stop(), before, after);
      results.push(result);
      say(progressOf(result));
      for (const line of (await profiler?.finish(run)) ?? []) say(line);
    }
    return results;
  } finally {
    await drivers.close();
    await cluster.stop();
  }
}

const progressOf = ({ workload, shape, inFlight, operationsPerSecond }: RunResult): string =>
  `${workload}, ${shape}, ${inFlight} in flight: ${operationsPerSecond.toFixed(0)} a second`;
