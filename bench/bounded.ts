/**
 * `node dist/bench/bounded.js [UPDATES] [FOLDER]`: whether a cluster stays as large as it is. Three replicas
 * take updates (1,000,000 unless told otherwise) while one of them is frozen from a quarter to three
 * quarters of them, which is long enough to be retired; it comes back, and takes a snapshot of another.
 * Prints what each process takes of memory and disk as that goes on; exit status 1 when it grew.
 */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from '../src/client/connect.js';
import type { Client } from '../src/client/api.js';
import { type BenchCluster, startBenchCluster } from './cluster.js';
import { type BenchProcess, metricsIn } from './figures.js';

const UPDATES = 1_000_000;
const SESSIONS = 64;
const KEYS = 10_000;

/** One update in so many deletes a key: a tombstone. */
const DELETE_EVERY = 8;

const SAMPLE_MS = 10_000;
const PAGE_BYTES = 4096;
const MIB = 1024 * 1024;

/** How long the one that was frozen may take to be a replica like the others, ms. */
const REJOIN_MS = 120_000;

interface Sample {
  readonly name: string;
  readonly memoryMib: number;
  readonly diskMib: number;
  /** Null: it does not answer. */
  readonly logRecords: number | null;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => {
      // A file may go while they are counted.
      const { size } = statSync(join(parentPath, name), { throwIfNoEntry: false }) ?? { size: 0 };
      return sum + size;
    }, 0);
}

async function logRecordsOf({ address }: BenchProcess): Promise<number | null> {
  try {
    const signal = AbortSignal.timeout(1000);
    const answer = await fetch(`http://${address}/metrics`, { signal });
    return metricsIn(await answer.text())['hearsay_log_records'] ?? null;
  } catch {
    return null;
  }
}

async function take(cluster: BenchCluster, data: string): Promise<Sample[]> {
  const replicas = cluster.processes.filter(({ role }) => role === 'replica');
  return Promise.all(
    replicas.map(async (replica) => {
      const [, pages = '0'] = readFileSync(`/proc/${replica.pid}/statm`, 'utf8').split(' ');
      return {
        name: replica.name,
        memoryMib: Math.round((Number(pages) * PAGE_BYTES) / MIB),
        diskMib: Math.round(bytesIn(join(data, 'cluster', replica.name)) / MIB),
        logRecords: await logRecordsOf(replica),
      };
    }),
  );
}

function print(done: number, seconds: number, samples: readonly Sample[]): void {
  const cells = samples.map(
    ({ name, memoryMib, diskMib, logRecords }) =>
      `${name} ${memoryMib} MiB, disk ${diskMib} MiB, ${logRecords ?? '-'} records`,
  );
  console.log(
    `${String(done).padStart(9)} updates ${seconds.toFixed(0).padStart(5)} s  ${cells.join('  |  ')}`,
  );
}

/** Sends updates until there were so many; answers how many failed for good. */
class Load {
  done = 0;
  failed = 0;
  #next = 0;
  readonly #updates: number;

  constructor(updates: number) {
    this.#updates = updates;
  }

  async run(client: Client): Promise<void> {
    for (;;) {
      const number = this.#next++;
      if (number >= this.#updates) return;
      const key = `key-${number % KEYS}`;
      const isDelete = number % DELETE_EVERY === 0;
      try {
        if (isDelete) await client.update('delete', { key });
        else await client.update('set', { key, value: `value ${number}, some twenty bytes` });
      } catch (error) {
        this.failed++;
        if (this.failed <= 3) say(String(error));
        await pause(50);
      }
      this.done++;
    }
  }
}

async function measure(updates: number, data: string): Promise<boolean> {
  const cluster = await startBenchCluster({ data, gossipLog: 'off', say });
  const victim = cluster.processes.find(({ name }) => name === 'rm-3');
  if (victim === undefined) throw new Error('there is no rm-3');
  const clients = await Promise.all(
    Array.from({ length: SESSIONS }, () => connect(cluster.frontends)),
  );
  const load = new Load(updates);
  const history: { readonly done: number; readonly samples: readonly Sample[] }[] = [];
  const startedMs = performance.now();
  const sample = async (): Promise<void> => {
    const samples = await take(cluster, data);
    history.push({ done: load.done, samples });
    print(load.done, (performance.now() - startedMs) / 1000, samples);
  };
  let isFrozen = false;
  try {
    const work = Promise.all(clients.map((client) => load.run(client)));
    let nextMs = startedMs;
    while (load.done < updates) {
      await pause(200);
      if (!isFrozen && load.done >= updates / 4 && load.done < (updates * 3) / 4) {
        isFrozen = true;
        process.kill(victim.pid, 'SIGSTOP');
        console.log(`${String(load.done).padStart(9)} updates: rm-3 is frozen`);
      } else if (isFrozen && load.done >= (updates * 3) / 4) {
        isFrozen = false;
        process.kill(victim.pid, 'SIGCONT');
        console.log(`${String(load.done).padStart(9)} updates: rm-3 goes on`);
      }
      if (performance.now() < nextMs) continue;
      nextMs = performance.now() + SAMPLE_MS;
      await sample();
    }
    await work;
    const isBack = await comesBack(clients[0]);
    await sample();
    console.log(`${load.failed} updates failed; rm-3 ${isBack ? 'is back' : 'did not come back'}`);
    return isBack && isBounded(history, updates);
  } finally {
    if (isFrozen) process.kill(victim.pid, 'SIGCONT');
    await Promise.all(clients.map((client) => client.close()));
    await cluster.stop();
  }
}

/** All three have the same state. */
async function comesBack(client: Client | undefined): Promise<boolean> {
  const endMs = performance.now() + REJOIN_MS;
  if (client === undefined) return false;
  while (performance.now() < endMs) {
    const { members } = await client.status({ hash: true });
    const hashes = new Set(members.map(({ stateHash }) => stateHash));
    if (members.length === 3 && hashes.size === 1 && !hashes.has(null)) return true;
    await pause(1000);
  }
  return false;
}

/** In the last quarter nobody takes twice of what was the most by the first half. */
function isBounded(
  history: readonly { readonly done: number; readonly samples: readonly Sample[] }[],
  updates: number,
): boolean {
  const most = (from: number, to: number, of: (sample: Sample) => number): number =>
    Math.max(
      ...history
        .filter(({ done }) => done >= from && done <= to)
        .flatMap(({ samples }) => samples.map(of)),
    );
  const figures: readonly [string, (sample: Sample) => number][] = [
    ['memory', ({ memoryMib }) => memoryMib],
    ['disk', ({ diskMib }) => diskMib],
  ];
  return figures.every(([what, of]) => {
    const [before, after] = [most(0, updates / 2, of), most((updates * 3) / 4, updates, of)];
    console.log(
      `${what}: ${before} MiB at most in the first half, ${after} MiB in the last quarter`,
    );
    return after <= 2 * before;
  });
}

const [updates = UPDATES, parent = tmpdir()] = process.argv
  .slice(2)
  .map((word) => (/^\d+$/.test(word) ? Number(word) : word)) as [number?, string?];
mkdirSync(resolve(parent), { recursive: true });
const data = mkdtempSync(join(resolve(parent), 'hearsay-bounded-'));
try {
  if (!(await measure(updates, data))) process.exitCode = 1;
} finally {
  rmSync(data, { recursive: true, force: true });
}
