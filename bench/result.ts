/** From two snapshots and what the clients saw to the figures of one run. Pure. */

import type { BenchProcess, ProcessFigures, Snapshot } from './figures.js';
import { Latencies } from './latencies.js';
import type { Measured } from './load.js';
import type { Run } from './plan.js';

export interface RunResult extends Run {
  readonly operations: number;
  readonly operationsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly errors: number;
  readonly errorMessages: readonly string[];
  /** `auto` queries that were answered as `causal` only. */
  readonly causalOnly: number;
  readonly processes: readonly ProcessResult[];
  readonly cpuSecondsPer10000: number;
  /** Processors kept busy by all else on this machine: above 0.1 the figures are not to be trusted. */
  readonly otherCores: number;
  /** Over all replicas; null when nothing was written. */
  readonly recordsPerBatch: number | null;
  /** What replicas sent each other for one update, all together; null when there was none. */
  readonly gossipBytesPerUpdate: number | null;
}

export interface ProcessResult {
  readonly name: string;
  readonly role: BenchProcess['role'];
  readonly cpuSecondsPer10000: number;
  /** CPU seconds a second: 1 is a whole processor. */
  readonly cores: number;
  /** Null for processes without a journal. */
  readonly syncsPerSecond: number | null;
}

export function resultOf(
  run: Run,
  measured: readonly Measured[],
  before: Snapshot,
  after: Snapshot,
): RunResult {
  const latencies = new Latencies();
  for (const each of measured) latencies.merge(each.latencies);
  const operationsPerSecond = sum(measured.map((each) => each.operations / each.seconds));
  const seconds = (after.atMs - before.atMs) / 1000;
  const changes = after.processes.map((late, index) => changeOf(before.processes[index], late));
  const per10000 = (cores: number): number =>
    operationsPerSecond === 0 ? 0 : (cores / operationsPerSecond) * 10_000;
  const cores = sum(changes.map(({ cpuSeconds }) => cpuSeconds)) / seconds;
  const all = (after.machineSeconds - before.machineSeconds) / seconds;
  return {
    ...run,
    operations: sum(measured.map((each) => each.operations)),
    operationsPerSecond,
    p50Ms: latencies.percentile(0.5),
    p99Ms: latencies.percentile(0.99),
    errors: sum(measured.map((each) => each.errors)),
    errorMessages: [...new Set(measured.flatMap((each) => each.errorMessages))],
    causalOnly: sum(measured.map((each) => each.causalOnly)),
    processes: changes.map(({ name, role, cpuSeconds, metrics }) => ({
      name,
      role,
      cpuSecondsPer10000: per10000(cpuSeconds / seconds),
      cores: cpuSeconds / seconds,
      syncsPerSecond: role === 'replica' ? valueOf(metrics, 'journal_syncs') / seconds : null,
    })),
    cpuSecondsPer10000: per10000(cores),
    otherCores: Math.max(0, all - cores),
    ...journalFigures(changes.filter(({ role }) => role === 'replica')),
  };
}

function journalFigures(
  replicas: readonly ProcessFigures[],
): Pick<RunResult, 'recordsPerBatch' | 'gossipBytesPerUpdate'> {
  const total = (name: string): number =>
    sum(replicas.map(({ metrics }) => valueOf(metrics, name)));
  const batches = total('journal_groups');
  // Every update is executed once at every replica. Counted there, because what a replica has sent and
  // what it has executed come from one answer, of one moment.
  const updates = total('updates_executed') / replicas.length;
  return {
    recordsPerBatch: batches === 0 ? null : total('journal_records') / batches,
    gossipBytesPerUpdate: updates === 0 ? null : total('bytes_to_replicas') / updates,
  };
}

/** The same process's figures, as their growth. */
function changeOf(early: ProcessFigures | undefined, late: ProcessFigures): ProcessFigures {
  const metrics = Object.entries(late.metrics).map(([name, value]) => [
    name,
    value - (early?.metrics[name] ?? 0),
  ]);
  return {
    ...late,
    cpuSeconds: late.cpuSeconds - (early?.cpuSeconds ?? 0),
    metrics: Object.fromEntries(metrics) as Record<string, number>,
  };
}

const valueOf = (metrics: ProcessFigures['metrics'], name: string): number =>
  metrics[`hearsay_${name}`] ?? 0;

const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, each) => total + each, 0);
