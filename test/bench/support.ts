/** Values that the tests of the benchmark share. */

import type { Measured } from '../../bench/load.js';
import type { RunResult } from '../../bench/result.js';

export const measured = (given: Partial<Measured> = {}): Measured => ({
  seconds: 2,
  operations: 1000,
  causalOnly: 0,
  errors: 0,
  errorMessages: [],
  latencies: [],
  ...given,
});

export const result = (given: Partial<RunResult> = {}): RunResult => ({
  workload: 'updates',
  shape: 'single',
  inFlight: 64,
  operations: 20_000,
  operationsPerSecond: 10_000,
  p50Ms: 5,
  p99Ms: 9.876,
  errors: 0,
  errorMessages: [],
  causalOnly: 0,
  processes: [
    { name: 'client', role: 'client', cpuSecondsPer10000: 0.3, cores: 0.3, syncsPerSecond: null },
    { name: 'rm-1', role: 'replica', cpuSecondsPer10000: 0.5, cores: 0.5, syncsPerSecond: 300 },
    { name: 'rm-2', role: 'replica', cpuSecondsPer10000: 0.5, cores: 0.5, syncsPerSecond: 400 },
  ],
  cpuSecondsPer10000: 1.3,
  otherCores: 0.02,
  recordsPerBatch: 40.04,
  gossipBytesPerUpdate: null,
  ...given,
});
