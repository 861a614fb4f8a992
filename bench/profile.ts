/**
 * CPU profiles of the processes under test (`profile-preload.ts` takes them): asking for them, and
 * summing one up as the functions in which the time went.
 */

import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchProcess } from './figures.js';
import type { Run } from './plan.js';

/** Names the folder to `profile-preload.ts`. */
export const PROFILE_FOLDER = 'HEARSAY_BENCH_PROFILES';

/** Writing a profile of a minute takes a second or two. */
const WRITE_LIMIT_MS = 30_000;

const FUNCTIONS_SHOWN = 15;

export const profilePath = (folder: string, pid: number, number: number): string =>
  join(folder, `${pid}-${number}.part.cpuprofile`);

interface CallFrame {
  readonly functionName: string;
  /** Empty for functions that are not JavaScript. */
  readonly url: string;
  readonly lineNumber: number;
}

/** The parts of V8's format that are read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: CallFrame;
    readonly children?: readonly number[];
  }[];
  /** The node of each sample. */
  readonly samples?: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas?: readonly number[];
}

export interface FunctionTime {
  /** `name file:line`. */
  readonly name: string;
  /** Of the time in which the process was not idle, 0 to 1. */
  readonly fraction: number;
}

/** No work of the process: waiting, and the inspector, which begins by listing all functions. */
const NOT_COUNTED: readonly string[] = ['(idle)', 'dispatch'];

/** The functions that took most time themselves, without what they called; the greatest first. */
export function topFunctions(profile: CpuProfile, count: number): FunctionTime[] {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const callers = new Map<number, CallFrame>();
  for (const { callFrame, children } of profile.nodes) {
    for (const child of children ?? []) callers.set(child, callFrame);
  }
  const times = new Map<string, number>();
  let total = 0;
  for (const [index, node] of (profile.samples ?? []).entries()) {
    const frame = frames.get(node);
    if (frame === undefined || NOT_COUNTED.includes(frame.functionName)) continue;
    const name = describe(frame, callers.get(node));
    const time = profile.timeDeltas?.[index] ?? 0;
    times.set(name, (times.get(name) ?? 0) + time);
    total += time;
  }
  return [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([name, time]) => ({ name, fraction: time / total }));
}

/** A function by its place; a native one, which has none, by its caller's. */
function describe({ functionName, url, lineNumber }: CallFrame, caller?: CallFrame): string {
  if (functionName.startsWith('(')) return functionName;
  if (url.startsWith('wasm:')) return 'SQLite (WebAssembly)';
  const name = functionName === '' ? 'anonymous' : functionName;
  if (url === '') return `${name} (native), from ${caller === undefined ? '?' : describe(caller)}`;
  return `${name} ${url.replace(/^.*\/(?=(?:src|bench|node_modules)\/)/, '')}:${lineNumber + 1}`;
}

/** Has all processes profile themselves between `toggle` and `finish`. */
export class Profiler {
  readonly #folder: string;
  readonly #processes: readonly BenchProcess[];
  #runs = 0;

  constructor(folder: string, processes: readonly BenchProcess[]) {
    this.#folder = folder;
    this.#processes = processes;
  }

  begin(): void {
    for (const { pid } of this.#processes) process.kill(pid, 'SIGUSR2');
  }

  /** Ends the profiles, names their files after run and process, and gives a summary of each. */
  async finish(run: Run): Promise<string[]> {
    for (const { pid } of this.#processes) process.kill(pid, 'SIGUSR2');
    this.#runs++;
    const lines: string[] = [];
    for (const { name, pid } of this.#processes) {
      const path = profilePath(this.#folder, pid, this.#runs);
      for (let waitedMs = 0; !existsSync(path); waitedMs += 50) {
        if (waitedMs > WRITE_LIMIT_MS) throw new Error(`${name} wrote no profile`);
        await sleep(50);
      }
      const file = `${run.workload}-${run.shape}-${run.inFlight}-${name}.cpuprofile`;
      renameSync(path, join(this.#folder, file));
      const profile = JSON.parse(readFileSync(join(this.#folder, file), 'utf8')) as CpuProfile;
      lines.push(`${file}:`);
      for (const { name: where, fraction } of topFunctions(profile, FUNCTIONS_SHOWN)) {
        lines.push(`  ${(fraction * 100).toFixed(1).padStart(5)} %  ${where}`);
      }
    }
    return lines;
  }
}
