/**
 * `hearsay sim`: plays seeds and says what came of them. One seed is told in full; many are shared out
 * among threads.
 */

import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { encodeHistory } from '../check/history-file.js';
import { createFormatter, type EventFormat } from '../observe/formatter.js';
import { makeComponents } from './components.js';
import { playAll } from './crew.js';
import type { PlayReport } from './judge.js';
import { describePlan } from './plan.js';
import type { SimCommand } from './options.js';
import { playSeed } from './play.js';
import { resultOf, type SeedResult, Summary } from './summary.js';

export interface SimOutput {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
}

/** A line of progress this often, ms. */
const PROGRESS_EVERY_MS = 10_000;

/** The exit status: 0 when all promises held, 1 when a seed failed. */
export async function runSim(command: SimCommand, output: SimOutput): Promise<number> {
  return command.seeds === 1 ? playOne(command, output) : playMany(command, output);
}

async function playOne(command: SimCommand, { stdout, stderr }: SimOutput): Promise<number> {
  // A story is the same on any machine; times in it are shown as local ones elsewhere.
  process.env['TZ'] = 'UTC';
  const { from, trace, history, json } = command;
  const report = await playSeed(from, await makeComponents(), { trace: trace !== null });
  const result = resultOf(report);
  if (trace !== null) tellStory(report, trace, stdout);
  if (history !== null)
    writeFileSync(history, `${[...encodeHistory(report.history)].join('\n')}\n`);
  const summary = new Summary();
  summary.add(result);
  // A story goes to stdout alone: it may be a file for ShiViz.
  const words = trace === null && !json ? stdout : stderr;
  words.write(`seed ${from}: ${describePlan(report.plan)}\n${summary.text()}\n`);
  words.write(`digest ${result.digest}\n`);
  for (const problem of result.problems) words.write(`FAILED ${problem}\n`);
  if (json) stdout.write(`${asJson(summary)}\n`);
  return result.problems.length === 0 ? 0 : 1;
}

function tellStory({ events }: PlayReport, format: EventFormat, stdout: SimOutput['stdout']): void {
  const formatter = createFormatter(format);
  for (const event of events) {
    const line = formatter.add(event);
    if (line !== null) stdout.write(`${line}\n`);
  }
  const rest = formatter.end();
  if (rest !== null) stdout.write(`${rest}\n`);
}

async function playMany(command: SimCommand, output: SimOutput): Promise<number> {
  const { from, seeds, keepGoing, json } = command;
  const { stdout, stderr, nowMs } = output;
  const summary = new Summary();
  const beganMs = nowMs();
  let toldMs = beganMs;
  const onResult = (result: SeedResult): boolean => {
    summary.add(result);
    const [problem] = result.problems;
    if (problem !== undefined) {
      stderr.write(
        `seed ${result.seed} FAILED ${problem}\n  again: hearsay sim --seed ${result.seed}\n`,
      );
    }
    if (nowMs() - toldMs >= PROGRESS_EVERY_MS) {
      toldMs = nowMs();
      const perSeedMs = Math.round((toldMs - beganMs) / summary.seeds);
      stderr.write(`${summary.seeds} of ${seeds} seeds, ${perSeedMs} ms each\n`);
    }
    return keepGoing || result.problems.length === 0;
  };
  const jobs = command.jobs ?? availableParallelism();
  await playAll({ from, seeds, jobs, onResult });
  summary.failed.sort((one, other) => one.seed - other.seed);
  const seconds = ((nowMs() - beganMs) / 1000).toFixed(1);
  if (json) stdout.write(`${asJson(summary)}\n`);
  else {
    stdout.write(`${summary.seeds} seeds from ${from} in ${seconds} s, ${jobs} at a time\n`);
    stdout.write(`${summary.text()}\n${summary.failed.length} failed\n`);
  }
  return summary.failed.length === 0 ? 0 : 1;
}

const asJson = ({ seeds, failed, figures }: Summary): string =>
  JSON.stringify({ seeds, failed, figures });
