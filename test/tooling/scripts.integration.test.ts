/** What `npm run build` and `npm test` are made of: nothing stale runs, nothing that failed passes. */

import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type Finished, ProjectCopy } from './project-copy.js';

const TOOL_FILES = [
  ...['tsconfig.json', 'package.json', '.mocharc.unit.json', '.mocharc.integration.json'],
  ...['scripts/build.mjs', 'scripts/test.mjs', 'scripts/mocha-reporter.mjs'],
];

const PASSES = "it('passes', () => undefined);\n";
const FAILS = "it('fails', () => {\n  throw new Error('on purpose');\n});\n";

describe('build and test scripts', () => {
  let project: ProjectCopy;
  const build = (): Promise<Finished> => project.run(process.execPath, ['scripts/build.mjs']);
  const test = (...suites: string[]): Promise<Finished> =>
    project.run(process.execPath, ['scripts/test.mjs', ...suites], { env: { CI: 'true' } });
  const lastLineOf = ({ stdout }: Finished): string | undefined =>
    stdout.trimEnd().split('\n').at(-1);

  beforeEach(() => {
    project = new ProjectCopy(TOOL_FILES);
    project.linkModules();
  });
  afterEach(() => project.remove());

  it('add up both suites, and leave the sum for CI', async () => {
    project.write('test/one.test.ts', PASSES);
    project.write('test/deep/er/two.integration.test.ts', `${PASSES}${PASSES}`);
    expect((await build()).status).to.equal(0);
    const both = await test();
    expect(both.status, both.stdout).to.equal(0);
    expect(lastLineOf(both)).to.equal('3 passed, 0 failed');
    expect(lastLineOf(await test('unit'))).to.equal('1 passed, 0 failed');
    expect(lastLineOf(await test('integration'))).to.equal('2 passed, 0 failed');
    const summary = readFileSync(project.path('dist/test-results/summary.txt'), 'utf8');
    expect(summary).to.equal('2 passed, 0 failed\n');
  });

  it('run the second suite even if the first fails, and fail', async () => {
    project.write('test/one.test.ts', `${FAILS}${PASSES}`);
    project.write('test/two.integration.test.ts', PASSES);
    await build();
    const both = await test();
    expect(both.status).to.equal(1);
    expect(lastLineOf(both)).to.equal('2 passed, 1 failed');
  });

  it('count a suite that does not load, and one that dies, as a failure', async () => {
    project.write('test/one.test.ts', PASSES);
    project.write('test/two.integration.test.ts', "throw new Error('while loading');\n");
    await build();
    expect(lastLineOf(await test())).to.equal('1 passed, 1 failed');
    project.write('test/one.test.ts', "it('dies', () => process.exit(0));\n");
    project.write('test/two.integration.test.ts', PASSES);
    await build();
    const died = await test();
    expect(died.status).to.equal(1);
    expect(lastLineOf(died)).to.equal('1 passed, 1 failed');
  });

  it('end tests that leave something running, and count that as a failure', async () => {
    project.write('test/one.test.ts', `${PASSES}setInterval(() => undefined, 1000);\n`);
    await build();
    const finished = await test('unit');
    expect(finished.status).to.equal(1);
    expect(finished.stdout).to.include('left something that kept their process from ending');
    expect(lastLineOf(finished)).to.equal('1 passed, 1 failed');
  });

  it('fail when there is no test, and for a left-over .only in CI', async () => {
    expect((await test()).status).to.equal(1);
    project.write('test/one.test.ts', PASSES.replace('it(', 'it.only('));
    await build();
    const finished = await test('unit');
    expect(finished.status).to.equal(1);
    expect(lastLineOf(finished)).to.equal('0 passed, 1 failed');
  });

  it('run no test whose source is gone, and know it again when it is back', async () => {
    const text = `${PASSES}export const kept = 1;\n`;
    project.write('test/one.test.ts', text);
    project.write('test/gone.test.ts', text);
    project.write('src/launch/main.ts', 'export {};\n');
    await build();
    expect(lastLineOf(await test('unit'))).to.equal('2 passed, 0 failed');

    project.delete('test/gone.test.ts');
    expect((await build()).status).to.equal(0);
    for (const ending of ['js', 'js.map', 'd.ts']) {
      expect(existsSync(project.path(`dist/test/gone.test.${ending}`))).to.equal(false);
    }
    expect(lastLineOf(await test('unit'))).to.equal('1 passed, 0 failed');

    project.write('test/gone.test.ts', text);
    await build();
    expect(lastLineOf(await test('unit'))).to.equal('2 passed, 0 failed');
  });

  it('fail when the code does not compile', async () => {
    project.write('test/one.test.ts', 'export const text: string = 1;\n');
    const finished = await build();
    expect(finished.status).to.be.greaterThan(0);
    expect(finished.stdout).to.include('test/one.test.ts');
    expect(existsSync(project.path('dist/.built'))).to.equal(false);
  });
});
