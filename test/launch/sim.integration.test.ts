/** `hearsay sim` and `hearsay check` as a user runs them: real processes, real files. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { HearsayProcess } from './hearsay-process.js';

const run = (...words: string[]) => new HearsayProcess(...words).ended;

describe('hearsay sim', function () {
  this.timeout(120_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hearsay-sim-'));
  });
  after(async () => {
    await HearsayProcess.endAll();
    await rm(folder, { recursive: true });
  });

  it('plays one seed and says what it was and what came of it', async () => {
    const { status, stdout } = await run('sim', '--seed', '3');
    expect(status).to.equal(0);
    expect(stdout).to.match(/^seed 3: \d replicas( \(founded\))?, .* faults: /);
    expect(stdout).to.match(/\ndigest [0-9a-f]{32}\n$/);
  });

  it('plays many seeds in threads, and each as alone', async () => {
    const { status, stdout } = await run('sim', '--seed', '3', '--seeds', '6', '--jobs', '2');
    expect(status).to.equal(0);
    expect(stdout).to.match(/^6 seeds from 3 in [\d.]+ s, 2 at a time\n/);
    expect(stdout).to.match(/\n0 failed\n$/);
    const sums = async (...words: string[]) => {
      const { stdout: json } = await run('sim', ...words, '--json');
      return (JSON.parse(json) as { figures: { virtualMs: number } }).figures.virtualMs;
    };
    const [three, four] = [await sums('--seed', '3'), await sums('--seed', '4')];
    expect(await sums('--seed', '3', '--seeds', '2', '--jobs', '2')).to.equal(three + four);
  });

  it('tells the same story in another process, for people and for ShiViz', async () => {
    const words = ['sim', '--seed', '4', '--trace'];
    const [first, second] = [await run(...words), await run(...words)];
    expect(second.stdout).to.equal(first.stdout);
    for (const teller of ['fate', 'c1', 'rm-1', 'fe-1']) {
      expect(first.stdout).to.match(new RegExp(`^\\S+ ${teller} +\\S`, 'm'));
    }
    const { stdout: log } = await run('sim', '--seed', '4', '--format', 'shiviz');
    // A clock that names two: somebody heard of somebody.
    expect(log).to.match(/^\S+ \{"[^}]+,"[^}]+\}$/m);
  });

  it('writes what clients saw, and check judges it', async () => {
    const file = join(folder, 'history.jsonl');
    expect(await run('sim', '--seed', '5', '--history', file)).to.have.property('status', 0);
    const good = await run('check', file);
    expect(good.status).to.equal(0);
    expect(good.stdout).to.match(/\nall promises held\n$/);

    // One answer is made to show a value that nobody wrote.
    const lines = (await readFile(file, 'utf8')).split('\n');
    const index = lines.findIndex((line) => /"operation":"get".*"value":"/.test(line));
    expect(index).to.be.greaterThan(0);
    lines[index] = (lines[index] ?? '').replace(/"value":"[^"]*"/, '"value":"made up"');
    await writeFile(file, lines.join('\n'));
    const bad = await run('check', file);
    expect(bad.status).to.equal(1);
    expect(bad.stdout).to.match(/no thin air: .*made up/);
    const json = JSON.parse((await run('check', file, '--json')).stdout) as {
      violations: { promise: string }[];
    };
    expect(json.violations.map(({ promise }) => promise)).to.include('no thin air');
  });

  it('says what is wrong with a file that is no history, and which line', async () => {
    const file = join(folder, 'broken.jsonl');
    await writeFile(file, '{"history":1,"service":"kv","leastCopies":2}\nnonsense\n');
    const broken = await run('check', file);
    expect(broken.status).to.equal(2);
    expect(broken.stderr).to.match(/line 2/);
    const missing = await run('check', join(folder, 'nowhere'));
    expect(missing.status).to.equal(2);
    expect(missing.stderr).to.match(/cannot read the history in .*nowhere/);
  });
});
