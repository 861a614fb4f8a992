/**
 * `npm run chaos`: a cluster of real processes under faults. Prints how far it is, and at the end the
 * verdict and figures. Keeps everything when something was wrong.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HearsayError } from '../src/base/errors.js';
import { END_SIGNALS } from '../src/launch/surroundings.js';
import { SystemRandom } from '../src/node/system.js';
import { FAULT_KINDS } from './faults.js';
import { figureLines } from './figures.js';
import { writeHistory } from './history.js';
import { type ChaosOptions, helpText, readFlags } from './options.js';
import { ProgressLine } from './progress.js';
import { runChaos } from './run.js';

const INTERRUPTED = 130;

/** Seeds that are drawn are short enough to be typed. */
const DRAWN_SEEDS = 1_000_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

async function run(options: ChaosOptions): Promise<number> {
  const interruption = new AbortController();
  for (const name of END_SIGNALS) process.once(name, () => interruption.abort());
  const { signal } = interruption;
  const folder = mkdtempSync(join(tmpdir(), 'hearsay-chaos-'));
  const { replicas, frontends, clients, service, minutes, seed, faults } = options;
  say(
    `seed ${seed}: ${replicas} replicas, ${frontends} front ends, ${clients} clients of ${service}`,
  );
  say(`for ${minutes} minutes; faults: ${faults.join(', ')}`);
  let keeps = options.keep;
  try {
    const progress = new ProgressLine(process.stdout, () => performance.now());
    const { problems, notes, figures, history } = await runChaos({
      ...{ options, folder, progress, signal },
    });
    for (const line of [...figureLines(figures), ...notes.map((note) => `note: ${note}`)])
      say(line);
    for (const problem of problems) say(`FAILED ${problem}`);
    if (problems.length === 0) say('all promises held');
    else keeps = true;
    if (keeps) {
      const file = join(folder, 'history.jsonl');
      writeHistory(file, history);
      say(`what clients saw is in ${file} (hearsay check reads it), faults in story.log there`);
    }
    return problems.length === 0 ? 0 : 1;
  } catch (error) {
    if (!signal.aborted) {
      keeps = true;
      throw error;
    }
    complain('interrupted');
    return INTERRUPTED;
  } finally {
    if (keeps) say(`data and logs are in ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

async function main(words: readonly string[]): Promise<number> {
  const options = readFlags(words, {
    faults: FAULT_KINDS,
    drawSeed: () => new SystemRandom().below(DRAWN_SEEDS),
  });
  if (options === null) {
    say(helpText(FAULT_KINDS));
    return 0;
  }
  return run(options);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  complain(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof HearsayError && error.code === 'INVALID' ? 2 : 3;
}
