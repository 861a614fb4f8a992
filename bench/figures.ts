/**
 * What a measurement reads of the processes: CPU time from Linux's /proc, counters from /metrics. The
 * readers of text are pure; only `takeSnapshot` looks at the machine.
 */

import { readFileSync } from 'node:fs';

/** Clock ticks a second in /proc: 100 on every Linux that Node runs on. */
const TICKS = 100;

export interface BenchProcess {
  readonly name: string;
  readonly role: 'client' | 'frontend' | 'replica';
  readonly pid: number;
  /** `HOST:PORT` of its /metrics; null where it has none. */
  readonly address: string | null;
}

/** All counters at one moment; only differences between two mean anything. */
export interface Snapshot {
  readonly atMs: number;
  /** CPU time of everything on this machine. */
  readonly machineSeconds: number;
  readonly processes: readonly ProcessFigures[];
}

export interface ProcessFigures {
  readonly name: string;
  readonly role: BenchProcess['role'];
  readonly cpuSeconds: number;
  /** By name, as in `hearsay_journal_syncs`; empty where there are none. */
  readonly metrics: Readonly<Record<string, number>>;
}

export async function takeSnapshot(processes: readonly BenchProcess[]): Promise<Snapshot> {
  const atMs = performance.now();
  const machineSeconds = machineSecondsIn(readFileSync('/proc/stat', 'utf8'));
  const cpu = processes.map(({ pid }) => cpuSecondsIn(readFileSync(`/proc/${pid}/stat`, 'utf8')));
  const metrics = await Promise.all(processes.map(({ address }) => readMetrics(address)));
  return {
    atMs,
    machineSeconds,
    processes: processes.map(({ name, role }, index) => ({
      name,
      role,
      cpuSeconds: cpu[index] ?? 0,
      metrics: metrics[index] ?? {},
    })),
  };
}

async function readMetrics(address: string | null): Promise<Record<string, number>> {
  if (address === null) return {};
  const answer = await fetch(`http://${address}/metrics`);
  return metricsIn(await answer.text());
}

/** User and system time of a process, in seconds, from /proc/PID/stat. */
export function cpuSecondsIn(stat: string): number {
  // The name, in brackets, may hold blanks and brackets; user and system time are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** The time in which processors were not idle, in seconds, from /proc/stat. */
export function machineSecondsIn(stat: string): number {
  const [user, nice, system, _idle, _iowait, irq, softirq, steal] = stat
    .slice(0, stat.indexOf('\n'))
    .replace(/^cpu\s+/, '')
    .split(' ')
    .map(Number);
  const busy = [user, nice, system, irq, softirq, steal];
  return busy.reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0) / TICKS;
}

/** The values of Prometheus' text format that have this program's prefix, without their labels. */
export function metricsIn(text: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [, name, value] of text.matchAll(/^(hearsay_\w+)(?:\{[^}]*\})? (\S+)$/gm)) {
    if (name !== undefined) found[name] = Number(value);
  }
  return found;
}
