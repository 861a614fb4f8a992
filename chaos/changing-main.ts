/** `npm run chaos:members`: real processes whose members change under load, with the checkers behind. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { END_SIGNALS } from '../src/launch/surroundings.js';
import { SystemRandom } from '../src/node/system.js';
import { runChanging } from './changing/run.js';
import { SCENARIOS } from './changing/scenarios.js';
import { inWords } from './figures.js';
import { writeHistory } from './history.js';

const USAGE = `npm run chaos:members -- [--scenario NAME] [--service kv|hungry] [--seed N] [--minutes M=2] [--keep]

${Object.entries(SCENARIOS)
  .map(([name, { about }]) => `  ${name.padEnd(6)} ${about}`)
  .join('\n')}
`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(words: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      scenario: { type: 'string', default: 'grow' },
      service: { type: 'string', default: 'kv' },
      seed: { type: 'string' },
      minutes: { type: 'string', default: '2' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { service } = values;
  const scenario = SCENARIOS[values.scenario];
  const seed =
    values.seed === undefined ? new SystemRandom().below(1_000_000) : Number(values.seed);
  const minutes = Number(values.minutes);
  const isKnown = service === 'kv' || service === 'hungry';
  const isSound = Number.isSafeInteger(seed) && minutes > 0;
  if (values.help || scenario === undefined || !isKnown || !isSound) {
    (values.help ? process.stdout : process.stderr).write(USAGE);
    return values.help ? 0 : 2;
  }
  for (const name of END_SIGNALS) process.once(name, () => process.exit(130));
  const folder = mkdtempSync(join(tmpdir(), 'hearsay-members-'));
  say(`${values.scenario}, ${service}, seed ${seed}: ${scenario.about}`);
  const result = await runChanging({ scenario, service, seed, minutes }, folder, say);
  const { figures, problems, putAway, history, changes } = result;
  const { updated, answered, fresh, failed, unknown, waits } = figures;
  say(
    `requests: ${updated} updates, ${answered} queries (${fresh} fresh), ${failed} failed, ${unknown} unknown`,
  );
  say(`waits: ${inWords(waits)}; ${changes.length} changes, ${putAway} identities ended`);
  for (const problem of problems.slice(0, 20)) say(`FAILED ${problem}`);
  if (problems.length === 0) say('all promises held');
  if (problems.length === 0 && !values.keep) rmSync(folder, { recursive: true, force: true });
  else {
    const file = join(folder, 'history.jsonl');
    writeHistory(file, history);
    say(`what clients saw is in ${file}; data and logs are in ${folder}`);
  }
  return problems.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
