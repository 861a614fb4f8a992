/** Results for people: what they were measured on, the table, and what is to be thought of them. Pure. */

import type { BenchOptions } from './flags.js';
import type { Machine } from './machine.js';
import { PIPELINED_SESSIONS } from './plan.js';
import type { RunResult } from './result.js';
import { type Column, tableOf } from './table.js';
import { KEYS } from './workloads.js';

export interface Report {
  readonly machine: Machine;
  readonly options: BenchOptions;
  readonly runs: readonly RunResult[];
}

/** A client process that is this busy has no time left to wait for anybody. */
const SATURATED_CLIENT = 0.9;
/** The same of the whole machine, in parts of its processors. */
const SATURATED_MACHINE = 0.95;
/** Processors used by others that spoil a figure. */
const DISTURBED = 0.1;

export function header({ machine, options }: Omit<Report, 'runs'>): string[] {
  const { cores, processor, memoryGiB, node, date, loadAverage, journalsInMemory } = machine;
  return [
    `3 replicas, 1 front end, ${count(options.drivers, 'client process', 'client processes')} on one machine: ` +
      `${count(cores, 'core', 'cores')} (${processor}), ${memoryGiB} GiB, Node ${node}, ${date}, load ${loadAverage.toFixed(2)}`,
    `kv, ${KEYS} keys drawn with seed ${options.seed}; ${options.seconds} s a run; gossip log ${options.gossipLog}; ` +
      'an update counts when 2 replicas hold it durably',
    `sessions: single = one a request in flight, pipelined = ${PIPELINED_SESSIONS} with many under way`,
    ...(journalsInMemory
      ? ['journals lie in memory, where fsync costs nothing: choose --data on a disk']
      : []),
  ];
}

export function report(results: Report): string[] {
  const { runs } = results;
  const processes = runs[0]?.processes.map(({ name }) => name) ?? [];
  return [
    ...tableOf([...SPEED, ...processes.map(cpuColumn), ...REST], runs),
    '',
    'CPU seconds per 10,000 operations under the name of each process and under "all"; cores: processors',
    'kept busy by these processes, and by others; fsync/s of one replica; gossip: bytes between replicas',
    'an update, all replicas together, heartbeats included.',
    ...notes(results).map((note) => `! ${note}`),
  ];
}

type RunColumn = Column<RunResult>;

const right = (title: string, show: (run: RunResult) => string): RunColumn => ({
  title,
  align: 'right',
  show,
});

const SPEED: readonly RunColumn[] = [
  { title: 'workload', align: 'left', show: ({ workload }) => workload },
  { title: 'sessions', align: 'left', show: ({ shape }) => shape },
  right('in flight', ({ inFlight }) => String(inFlight)),
  right('ops/s', ({ operationsPerSecond }) => operationsPerSecond.toFixed(0)),
  right('p50 ms', ({ p50Ms }) => p50Ms.toFixed(2)),
  right('p99 ms', ({ p99Ms }) => p99Ms.toFixed(2)),
];

const cpuColumn = (name: string, index: number): RunColumn =>
  right(name, (run) => run.processes[index]?.cpuSecondsPer10000.toFixed(2) ?? '-');

const REST: readonly RunColumn[] = [
  right('all', (run) => run.cpuSecondsPer10000.toFixed(2)),
  right('cores', (run) => coresOf(run).toFixed(2)),
  right('others', (run) => run.otherCores.toFixed(2)),
  right('fsync/s', (run) => syncsOf(run).toFixed(0)),
  right('records/batch', (run) => run.recordsPerBatch?.toFixed(1) ?? '-'),
  right('gossip B', (run) => run.gossipBytesPerUpdate?.toFixed(0) ?? '-'),
  right('errors', (run) => String(run.errors)),
];

/** Whatever keeps figures from being what the service can do. */
function notes({ machine: { cores }, options: { drivers }, runs }: Report): string[] {
  const found = runs.flatMap((run) => wrongIn(run));
  const disturbed = runs.filter(({ otherCores }) => otherCores > DISTURBED);
  if (disturbed.length > 0) {
    const most = Math.max(...disturbed.map(({ otherCores }) => otherCores)).toFixed(2);
    found.push(
      `others used up to ${most} cores, in ${disturbed.length} of ${count(runs.length, 'run', 'runs')}: measure again when it is quiet`,
    );
  }
  const client = runs.filter((run) => busiestClient(run) > SATURATED_CLIENT);
  if (client.length > 0) {
    const advice = cores > 2 ? `; try --drivers ${drivers + 1}` : '';
    found.push(
      `a client process was as busy as it can be, and may be the limit${advice}: ${namesOf(client)}`,
    );
  }
  const machine = runs.filter((run) => coresOf(run) > SATURATED_MACHINE * cores);
  if (machine.length > 0) {
    found.push(
      `these processes kept all ${cores} cores busy, so the machine is the limit: ${namesOf(machine)}`,
    );
  }
  return found;
}

/** What makes the result of one run worthless, or weaker than it looks. */
function wrongIn(run: RunResult): string[] {
  const found: string[] = [];
  if (run.errors > 0) {
    const errors = count(run.errors, 'error', 'errors');
    found.push(`${nameOf(run)}: ${errors}, such as: ${run.errorMessages.join('; ')}`);
  }
  if (run.causalOnly > 0) {
    found.push(`${nameOf(run)}: ${run.causalOnly} auto queries were answered as causal, not fresh`);
  }
  return found;
}

const nameOf = ({ workload, shape, inFlight }: RunResult): string =>
  `${workload} ${shape} ${inFlight}`;

const namesOf = (runs: readonly RunResult[]): string => runs.map(nameOf).join(', ');

const busiestClient = ({ processes }: RunResult): number =>
  Math.max(0, ...processes.map(({ role, cores }) => (role === 'client' ? cores : 0)));

const coresOf = (run: RunResult): number =>
  run.processes.reduce((total, { cores }) => total + cores, 0);

/** The mean of the replicas. */
function syncsOf({ processes }: RunResult): number {
  const syncs = processes.flatMap(({ syncsPerSecond }) => syncsPerSecond ?? []);
  return syncs.reduce((total, each) => total + each, 0) / Math.max(1, syncs.length);
}

const count = (number: number, one: string, many: string): string =>
  `${number} ${number === 1 ? one : many}`;
