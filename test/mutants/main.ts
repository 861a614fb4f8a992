/**
 * `npm run sim:mutants`: puts bugs into the production sources, one at a time, and lets the simulator look
 * for each. Prints a table in Markdown, a row as soon as it is known. The exit status is 0 if every one
 * was found, 1 if not, 2 for wrong flags, 130 when interrupted.
 */

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { END_SIGNALS } from '../../src/launch/surroundings.js';
import { makeCopy, removeCopies } from './mutant-copy.js';
import type { Mutant } from './mutant.js';
import { MUTANTS } from './mutants.js';
import { simulate } from './simulator.js';

/** The command as it is in production: what it fails as well is no mutant's fault. */
const UNCHANGED = fileURLToPath(new URL('../../src/launch/main.js', import.meta.url));

interface Options {
  readonly mutants: readonly Mutant[];
  readonly seeds: number;
  readonly jobs: number;
}

function readOptions(words: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...words],
    options: {
      only: { type: 'string' },
      seeds: { type: 'string', default: '2000' },
      jobs: { type: 'string', default: '2' },
    },
  });
  const ids = values.only?.split(',') ?? MUTANTS.map(({ id }) => id);
  const mutants = ids.map((id) => {
    const mutant = MUTANTS.find((each) => each.id === id);
    if (mutant === undefined) throw new RangeError(`there is no mutant ${id}`);
    return mutant;
  });
  return { mutants, seeds: readCount(values.seeds), jobs: readCount(values.jobs) };
}

function readCount(text: string): number {
  if (!/^[1-9][0-9]{0,6}$/.test(text)) throw new RangeError(`${text} is not a number from 1 on`);
  return Number(text);
}

/** What became of a mutant; `by` says which promise was broken, or why it was not found. */
interface Outcome {
  readonly isFound: boolean;
  readonly by: string;
  readonly seed: number | null;
}

async function tryMutant(
  mutant: Mutant,
  { seeds, jobs }: Options,
  signal: AbortSignal,
): Promise<Outcome> {
  const command = makeCopy(mutant);
  const found = await simulate({ command, from: 1, seeds, jobs, signal });
  if (found === null) return { isFound: false, by: 'NOT FOUND', seed: null };
  const { seed, problem } = found;
  const one = { from: seed, seeds: 1, jobs: 1, signal };
  if ((await simulate({ command: UNCHANGED, ...one })) !== null) {
    return { isFound: false, by: 'FAILS WITHOUT THE BUG TOO', seed };
  }
  return { isFound: true, by: promiseOf(problem), seed };
}

/** Problems begin with the promise that was broken; figures in it differ from run to run. */
const promiseOf = (problem: string): string =>
  (problem.split(/[:\n]/, 1)[0] ?? problem).replace(/ after \d+ ms/, '').slice(0, 60);

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const interruption = new AbortController();
  // More than once: the shell and npm may both pass it on, and copies are still to be removed.
  for (const name of END_SIGNALS) process.on(name, () => interruption.abort());
  console.log(row(['mutant', 'rule', 'what is broken', 'found by', 'seed', 's']));
  console.log(row(['---', '---', '---', '---', '---', '---']));
  let missed = 0;
  try {
    for (const mutant of options.mutants) {
      const beganMs = performance.now();
      const { isFound, by, seed } = await tryMutant(mutant, options, interruption.signal);
      if (!isFound) missed++;
      const seconds = ((performance.now() - beganMs) / 1000).toFixed(0);
      console.log(row([mutant.id, mutant.rule, mutant.about, by, String(seed ?? '-'), seconds]));
    }
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    return 130;
  } finally {
    removeCopies();
  }
  console.log(`${options.mutants.length - missed} of ${options.mutants.length} found`);
  return missed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof RangeError ? error.message : error);
  process.exitCode = error instanceof RangeError ? 2 : 1;
}
