/**
 * `npm run explore`: walks through small worlds and says what it saw. Exit status 0: no promise broken;
 * 1: one was, and the path there is printed; 2: wrong flags, or a world that was left before its end.
 */

import { parseArgs } from 'node:util';
import { HearsayError } from '../base/errors.js';
import { PRODUCTION_CORES } from './cores.js';
import { type Exploration, explore } from './explore.js';
import { pathOf, tell, wordOf } from './story.js';
import { World } from './world.js';
import type { WorldDescription } from './world-description.js';
import { WORLDS } from './worlds.js';

const HELP = `Usage: npm run explore -- [--world NAME] [--large] [--list] [--max-states N] [--no-reduction]
       npm run explore -- --world NAME --path WORD

Walks through every state that small worlds of the production cores can come to.

  --world NAME      only this world; without it, all but the large ones
  --large           the large worlds as well: minutes and gigabytes
  --list            the worlds there are
  --max-states N    give a world up beyond N states (exit status 2)
  --no-reduction    try every order of events, also where one stands for all
  --path WORD       tell the story of a path that was printed`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function invalid(message: string): HearsayError {
  return new HearsayError('INVALID', message);
}

interface Flags {
  readonly worlds: readonly WorldDescription[];
  readonly maxStates: number;
  readonly withoutReduction: boolean;
  readonly path: string | null;
}

function readFlags(words: readonly string[]): Flags | 'help' | 'list' {
  const { values } = parseArgs({
    args: [...words],
    options: {
      help: { type: 'boolean' },
      list: { type: 'boolean' },
      large: { type: 'boolean' },
      'no-reduction': { type: 'boolean' },
      world: { type: 'string' },
      'max-states': { type: 'string' },
      path: { type: 'string' },
    },
  });
  if (values.help === true) return 'help';
  if (values.list === true) return 'list';
  const most = values['max-states'] ?? '';
  if (most !== '' && !/^[1-9][0-9]{0,8}$/.test(most)) {
    throw invalid(`--max-states takes a whole number above 0, not "${most}"`);
  }
  const chosen = WORLDS.filter(({ name, isLarge }) =>
    values.world === undefined ? values.large === true || isLarge !== true : name === values.world,
  );
  if (chosen.length === 0) throw invalid(`there is no world "${values.world}"; see --list`);
  const path = values.path ?? null;
  if (path !== null && values.world === undefined) throw invalid('--path needs --world');
  return {
    worlds: chosen,
    maxStates: most === '' ? Number.POSITIVE_INFINITY : Number(most),
    withoutReduction: values['no-reduction'] === true,
    path,
  };
}

function run({ worlds, maxStates, withoutReduction, path }: Flags): number {
  let status = 0;
  for (const description of worlds) {
    if (path !== null) {
      const world = new World(description, PRODUCTION_CORES);
      for (const line of tell(world, pathOf(world, path)).lines) say(line);
      continue;
    }
    say(`${description.name}: ${description.about}`);
    const startedAtMs = performance.now();
    const found = explore(description, { maxStates, withoutReduction });
    const seconds = (performance.now() - startedAtMs) / 1000;
    for (const line of describeExploration(description, found, seconds)) say(line);
    if (found.violation !== null) status = 1;
    else if (!found.isComplete && status === 0) status = 2;
  }
  return status;
}

function describeExploration(
  description: WorldDescription,
  { states, transitions, depth, ends, localStates, isComplete, violation }: Exploration,
  seconds: number,
): string[] {
  const figures =
    `${count(states)} states, ${count(transitions)} transitions, depth ${depth}, ${count(ends)} ends, ` +
    `${count(localStates)} states of single processes, ${seconds.toFixed(1)} s`;
  if (violation === null) {
    return [
      isComplete ? `  no promise broken in ${figures}` : `  left before its end, after ${figures}`,
    ];
  }
  const world = new World(description, PRODUCTION_CORES);
  const word = wordOf(world, violation.path);
  return [
    `  a promise is broken, after ${figures}`,
    ...tell(world, violation.path).lines,
    ...violation.faults.map((fault) => `  ${fault}`),
    `  again: npm run explore -- --world ${description.name} --path ${word}`,
  ];
}

const count = (value: number): string => value.toLocaleString('en');

function listWorlds(): void {
  for (const { name, about, isLarge } of WORLDS) {
    say(`${name.padEnd(20)}${about}${isLarge === true ? ' (large)' : ''}`);
  }
}

// Whoever reads has read enough: `| head`.
process.stdout.on('error', () => process.exit());

try {
  const flags = readFlags(process.argv.slice(2));
  if (flags === 'help') say(HELP);
  else if (flags === 'list') listWorlds();
  else process.exitCode = run(flags);
} catch (error) {
  const isWrongUse =
    error instanceof HearsayError || (error instanceof TypeError && 'code' in error);
  if (!isWrongUse) throw error;
  process.stderr.write(`${error.message}\n${HELP}\n`);
  process.exitCode = 2;
}
