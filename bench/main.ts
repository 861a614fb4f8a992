/**
 * `npm run bench`: how fast the service is, measured on processes as they are in use. Only this file
 * reads the command line and sets the exit status: 0 measured, 1 measured with errors, 2 wrong flags,
 * 3 could not measure, 130 interrupted.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { HearsayError } from '../src/base/errors.js';
import { END_SIGNALS } from '../src/launch/surroundings.js';
import { type BenchOptions, helpText, readFlags } from './flags.js';
import { describeMachine } from './machine.js';
import { measureCluster } from './measure.js';
import { runMicro } from './micro.js';
import { PROFILE_FOLDER } from './profile.js';
import { header, report } from './report.js';

const INTERRUPTED = 130;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function runCluster(options: BenchOptions): Promise<number> {
  const interruption = new AbortController();
  for (const name of END_SIGNALS) process.once(name, () => interruption.abort());
  const parent = resolve(options.data ?? tmpdir());
  mkdirSync(parent, { recursive: true });
  const data = mkdtempSync(join(parent, 'hearsay-bench-'));
  try {
    return await measureAndReport(options, data, interruption.signal);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    say('interrupted');
    return INTERRUPTED;
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

async function measureAndReport(
  given: BenchOptions,
  data: string,
  signal: AbortSignal,
): Promise<number> {
  const profile = given.profile === null ? null : resolve(given.profile);
  if (profile !== null) loadProfiler(profile);
  const options = { ...given, profile };
  const machine = await describeMachine(data);
  const print = options.json.kind === 'stdout' ? say : (line: string) => console.log(line);
  for (const line of header({ machine, options })) print(line);
  const runs = await measureCluster({ options, data, say, signal });
  for (const line of ['', ...report({ machine, options, runs })]) print(line);
  const document = JSON.stringify({ version: version(), machine, options, runs }, null, 2);
  if (options.json.kind === 'stdout') console.log(document);
  if (options.json.kind === 'file') writeFileSync(options.json.path, `${document}\n`);
  return runs.some(({ errors }) => errors > 0) ? 1 : 0;
}

/** Every process that is started from now on can profile itself. */
function loadProfiler(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const preload = new URL('profile-preload.js', import.meta.url).href;
  process.env[PROFILE_FOLDER] = folder;
  process.env['NODE_OPTIONS'] = `${process.env['NODE_OPTIONS'] ?? ''} --import=${preload}`.trim();
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

async function main(words: readonly string[]): Promise<number> {
  const command = readFlags(words);
  switch (command.kind) {
    case 'help':
      console.log(helpText());
      return 0;
    case 'micro':
      await runMicro((line) => console.log(line));
      return 0;
    case 'cluster':
      return runCluster(command.options);
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof HearsayError && error.code === 'INVALID' ? 2 : 3;
}
