/**
 * Runs the compiled tests: `test.mjs [unit] [integration] [mocha options]`, both suites when none is
 * named. Each suite is a mocha process of its own, and both run even if the first fails. The last
 * line, also left in dist/test-results/summary.txt for .ci/run, is `N passed, N failed` from mocha's own
 * counts; a suite that ends without counts (it crashed, or a file did not load) counts as one failure.
 * The exit status is 0 only if something passed and nothing failed.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const results = join(root, 'dist/test-results');

/** One suite's counts; prints what went wrong when mocha itself failed. */
function runSuite(suite, mochaOptions) {
  const counts = join(results, `${suite}.json`);
  console.log(`\n=== ${suite} tests ===`);
  const mocha = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/mocha/bin/mocha.js'),
      ...['--config', join(root, `.mocharc.${suite}.json`)],
      ...['--reporter-option', `counts=${counts}`],
      ...(process.env.CI ? ['--forbid-only'] : []),
      ...mochaOptions,
    ],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  let [passed, failed] = [0, 0];
  try {
    ({ passed, failed } = JSON.parse(readFileSync(counts, 'utf8')));
  } catch {
    console.log(`the ${suite} tests ended without counts`);
    failed = 1;
  }
  if (mocha.status !== 0 && failed === 0) {
    console.log(`mocha ended with ${mocha.signal ?? `status ${mocha.status}`} (${suite} tests)`);
    failed = 1;
  }
  return { passed, failed };
}

const suites = ['unit', 'integration'];
const words = process.argv.slice(2);
const chosen = suites.filter((suite) => words.includes(suite));
const mochaOptions = words.filter((word) => !suites.includes(word));
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

const total = { passed: 0, failed: 0 };
for (const suite of chosen.length > 0 ? chosen : suites) {
  const { passed, failed } = runSuite(suite, mochaOptions);
  total.passed += passed;
  total.failed += failed;
}
const summary = `${total.passed} passed, ${total.failed} failed`;
writeFileSync(join(results, 'summary.txt'), `${summary}\n`);
console.log(summary);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
