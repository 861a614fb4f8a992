/**
 * `npm run sim:mutants`: puts bugs into the production sources, one at a time, and lets the simulator look
 * for each, or a directed test where chance hardly finds it. Prints a table in Markdown, a row as soon as
 * it is known. The exit status is 0 if every one was found, 1 if not, 2 for wrong flags, 130 when
 * interrupted.
 */

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { END_SIGNALS } from '../../src/launch/surroundings.js';
import { testFails } from './directed.js';
import { makeCopy, removeCopies, UNCHANGED } from './mutant-copy.js';
import { type DirectedTest, type Mutant, namesOf } from './mutant.js';
import { MUTANTS } from './mutants.js';
import { simulate } from './simulator.js';

/** The command of a compiled copy. */
const commandOf = (compiled: string): string => join(compiled, 'src/launch/main.js');

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
  const compiled = makeCopy(mutant);
  if (mutant.test !== undefined) return tryTest(mutant.test, compiled, signal);
  const command = commandOf(compiled);
  const found = await simulate({ command, from: 1, seeds, jobs, signal });
  if (found === null) return { isFound: false, by: 'NOT FOUND', seed: null };
  const { seed, problem } = found;
  const one = { from: seed, seeds: 1, jobs: 1, signal };
  // What the sources fail as well without the bug is not the mutant's fault.
  if ((await simulate({ command: commandOf(UNCHANGED), ...one })) !== null) {
    return { isFound: false, by: FAILS_ANYWAY, seed };
  }
  return { isFound: true, by: promiseOf(problem), seed };
}

const FAILS_ANYWAY = 'FAILS WITHOUT THE BUG TOO';

async function tryTest(
  test: DirectedTest,
  compiled: string,
  signal: AbortSignal,
): Promise<Outcome> {
  if (!(await testFails(compiled, test, signal))) {
    return { isFound: false, by: 'NOT FOUND', seed: null };
  }
  if (await testFails(UNCHANGED, test, signal)) {
    return { isFound: false, by: FAILS_ANYWAY, seed: null };
  }
  return { isFound: true, by: namesOf(test), seed: null };
}

/** Problems begin with the promise that was broken; figures in it differ from run to run. */
const promiseOf = (problem: string): string =>
  (problem.split(/[:\n]/, 1)[0] ?? problem)
    .replace(/ after \d+ ms/, '')
    .replace(/^without rm-\d+$/, 'no rest without one replica')
    .slice(0, 60);

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
