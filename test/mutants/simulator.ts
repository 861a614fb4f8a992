/** Runs the simulator of some copy of the sources as a process of its own, and reads what it found. */

import { spawn } from 'node:child_process';

export interface Simulation {
  /** The copy's `hearsay` command. */
  readonly command: string;
  readonly from: number;
  readonly seeds: number;
  readonly jobs: number;
  readonly signal: AbortSignal;
}

/** The first seed that failed, and why. */
export interface Finding {
  readonly seed: number;
  readonly problem: string;
}

/** How a problem begins that says only that nothing much happened: that is no bug found. */
const EMPTY_RUN = 'this run proves nothing';

/** The first seed that breaks a promise, or null when none does. Rejects when the simulator breaks down. */
export async function simulate(simulation: Simulation): Promise<Finding | null> {
  const end = simulation.from + simulation.seeds;
  for (let from = simulation.from; from < end; ) {
    const failed = await firstFailure({ ...simulation, from, seeds: end - from });
    if (failed === null) return null;
    const problem = failed.problems.find((text) => !text.startsWith(EMPTY_RUN));
    if (problem !== undefined) return { seed: failed.seed, problem };
    from = failed.seed + 1;
  }
  return null;
}

interface FailedSeed {
  readonly seed: number;
  readonly problems: readonly string[];
}

/** It stops at the first seed that fails; seeds that were under way then are told as well. */
async function firstFailure(simulation: Simulation): Promise<FailedSeed | null> {
  const { command, from, seeds, jobs, signal } = simulation;
  const words = ['--seed', from, '--seeds', seeds, '--jobs', jobs].map(String);
  const { status, stdout, stderr } = await run([command, 'sim', ...words, '--json'], signal);
  if (status !== 0 && status !== 1) {
    throw new Error(`the simulator ended with status ${status}:\n${stderr.slice(-2000)}`);
  }
  const { failed } = JSON.parse(stdout) as { readonly failed: readonly FailedSeed[] };
  return failed[0] ?? null;
}

interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(words: readonly string[], signal: AbortSignal): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, { signal, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}
