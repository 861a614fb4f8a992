/** Names what a result was measured on: without it a number means nothing. */

import { statfs } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGiB: number;
  readonly node: string;
  /** ISO 8601, UTC. */
  readonly date: string;
  /** Of the last minute, before the first run. */
  readonly loadAverage: number;
  /** The journals lie in memory: fsync costs nothing there, so updates look faster than they are. */
  readonly journalsInMemory: boolean;
}

/** Linux's numbers for file systems that live in memory: tmpfs and ramfs. */
const MEMORY_FILE_SYSTEMS: readonly number[] = [0x01021994, 0x858458f6];

export async function describeMachine(data: string): Promise<Machine> {
  const { type } = await statfs(data);
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    date: new Date().toISOString(),
    loadAverage: loadavg()[0] ?? 0,
    journalsInMemory: MEMORY_FILE_SYSTEMS.includes(type),
  };
}
