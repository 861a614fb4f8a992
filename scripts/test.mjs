/**
 * Runs the compiled tests: `test.mjs [unit] [integration] [mocha options]`, both suites when none is
 * named. A suite is one mocha process or several side by side, and all run even if one fails. The last
 * line, also left in dist/test-results/summary.txt for .ci/run, is `N passed, N failed` from mocha's own
 * counts; a process that ends without counts (it crashed, or a file did not load) counts as one failure.
 * The exit status is 0 only if something passed and nothing failed.
 */

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tests = join(root, 'dist/test');
const results = join(root, 'dist/test-results');

const isIntegration = (file) => file.endsWith('.integration.test.js');
const isOfClusters = (file) => /^integration[/\\]/.test(file);
const isOfWorlds = (file) => /^(?:world|replica|service)[/\\]/.test(file);

/**
 * What the mocha processes of each suite run: about as long each. All that use the ports of `hearsay up`
 * are in one, or they would take them from each other.
 */
const SUITES = {
  unit: {
    worlds: (file) => !isIntegration(file) && isOfWorlds(file),
    units: (file) => !isIntegration(file) && !isOfWorlds(file),
  },
  integration: {
    clusters: (file) => isIntegration(file) && isOfClusters(file),
    programs: (file) => isIntegration(file) && !isOfClusters(file),
  },
};

const found = existsSync(tests) ? readdirSync(tests, { recursive: true }) : [];
const files = found.filter((file) => file.endsWith('.test.js')).toSorted();

/** Mocha ends by itself after its tests, unless one of them has left something that goes on. */
const LINGER_MS = 10_000;

/** Mocha's counts of these files, and what it printed, unless that went where this process prints. */
async function run({ suite, name, chosen, options, isShown }) {
  const counts = join(results, `${name}.json`);
  const words = [
    join(root, 'node_modules/mocha/bin/mocha.js'),
    // Before the options, some of which take all words that follow.
    ...chosen.map((file) => join(tests, file)),
    ...['--config', join(root, `.mocharc.${suite}.json`)],
    ...['--reporter-option', `counts=${counts}`],
    ...(process.env.CI ? ['--forbid-only'] : []),
    ...options,
  ];
  const output = isShown ? 'inherit' : 'pipe';
  const mocha = spawn(process.execPath, words, { cwd: root, stdio: ['ignore', output, output] });
  const watch = setInterval(() => {
    if (!existsSync(counts)) return;
    clearInterval(watch);
    setTimeout(() => mocha.kill('SIGKILL'), LINGER_MS).unref();
  }, 1000).unref();
  const [end, printed, complained] = await Promise.all([
    new Promise((resolve) => {
      mocha.once('close', (status, signal) => resolve(signal ?? `status ${status}`));
    }),
    isShown ? '' : text(mocha.stdout),
    isShown ? '' : text(mocha.stderr),
  ]);
  const { passed, failed, words: why = '' } = outcome(name, counts, end);
  return { passed, failed, printed: `${printed}${complained}${why}` };
}

function outcome(name, counts, end) {
  let [passed, failed] = [0, 0];
  try {
    ({ passed, failed } = JSON.parse(readFileSync(counts, 'utf8')));
  } catch {
    return { passed, failed: 1, words: `the ${name} tests ended without counts (${end})\n` };
  }
  if (end === 'SIGKILL') {
    const words = `the ${name} tests left something that kept their process from ending\n`;
    return { passed, failed: Math.max(failed, 1), words };
  }
  if (end === 'status 0' || failed > 0) return { passed, failed };
  return { passed, failed: 1, words: `mocha ended with ${end} (${name} tests)\n` };
}

const given = process.argv.slice(2);
const named = Object.keys(SUITES).filter((suite) => given.includes(suite));
const options = given.filter((word) => !Object.hasOwn(SUITES, word));
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

const total = { passed: 0, failed: 0 };
for (const suite of named.length > 0 ? named : Object.keys(SUITES)) {
  console.log(`\n=== ${suite} tests ===`);
  const parts = Object.entries(SUITES[suite])
    .map(([name, isRun]) => ({ suite, name, chosen: files.filter(isRun), options }))
    .filter(({ chosen }) => chosen.length > 0);
  // The first prints as it goes, the others when it has ended: lines of two make no sense.
  const runs = parts.map((part, index) => run({ ...part, isShown: index === 0 }));
  for (const running of runs) {
    const { passed, failed, printed } = await running;
    process.stdout.write(printed);
    total.passed += passed;
    total.failed += failed;
  }
}
const summary = `${total.passed} passed, ${total.failed} failed`;
writeFileSync(join(results, 'summary.txt'), `${summary}\n`);
console.log(summary);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
