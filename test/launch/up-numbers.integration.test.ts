/** `hearsay up` again on the same data: with more replicas, with fewer, and with some of it gone. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { findFreePorts } from '../../src/launch/ports.js';
import { HearsayProcess, hearsay, until } from './hearsay-process.js';

describe('hearsay up on data of before', function () {
  this.timeout(180_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hearsay-up-'));
  });

  afterEach(async () => {
    await HearsayProcess.endAll();
    rmSync(folder, { recursive: true, force: true });
  });

  const up = (replicas: number, ...words: string[]): HearsayProcess =>
    new HearsayProcess(
      'up',
      '1',
      `${replicas}`,
      '7',
      ...words,
      '--service',
      'kv',
      '--data',
      folder,
    );

  /** Runs lines to the end, and gives what it said. */
  async function answers(replicas: number, lines: string): Promise<HearsayProcess & Said> {
    const started = up(replicas);
    started.input(lines);
    const { status, stdout, stderr } = await started.ended;
    expect(status, stderr).to.equal(0);
    await started.untilAllEnded();
    const parts = [...started.pids().keys()].sort();
    return Object.assign(started, { answered: stdout, parts });
  }

  interface Said {
    readonly answered: string;
    readonly parts: readonly string[];
  }

  const replicaFolders = (): string[] =>
    readdirSync(folder)
      .filter((name) => name.startsWith('rm-'))
      .map((name) => name.replace(/(\.retired-).*/, '$1'))
      .sort();

  it('grows, and shrinks to the lowest numbers, with all that was written', async () => {
    expect((await answers(2, 'set key=a value=1\n')).answered).to.equal('null\n');
    const grown = await answers(4, 'get key=a\nset key=b value=2\n');
    expect(grown.answered).to.equal('1\nnull\n');
    expect(grown.parts).to.deep.equal(['fe-1', 'rm-1', 'rm-2', 'rm-3', 'rm-4']);
    const shrunk = await answers(2, 'get key=a\nget key=b\n');
    expect(shrunk.answered).to.equal('1\n2\n');
    expect(shrunk.stderr).to.match(
      /holds 4 replicas[^]*^rm-4 is out of the cluster[^]*^rm-3 is out of the cluster[^]*^ready$/m,
    );
    expect(replicaFolders()).to.deep.equal([...['rm-1', 'rm-2', 'rm-3.retired-', 'rm-4.retired-']]);
    const after = await answers(2, 'get key=b\n');
    expect(after.parts).to.deep.equal(['fe-1', 'rm-1', 'rm-2']);
    expect(after.answered).to.equal('2\n');
  });

  for (const lost of ['rm-1', 'rm-3']) {
    it(`brings ${lost} back, whose folder is gone, with what the others have`, async () => {
      await answers(3, 'set key=a value=1\n');
      const founded = readFileSync(join(folder, 'cluster.json'), 'utf8');
      rmSync(join(folder, lost), { recursive: true });
      const again = await answers(3, 'get key=a\n');
      expect(again.answered).to.equal('1\n');
      expect(replicaFolders()).to.deep.equal(['rm-1', 'rm-2', 'rm-3']);
      expect(readFileSync(join(folder, 'cluster.json'), 'utf8')).to.equal(founded);
    });
  }

  it('leaves a replica alone that an operator has retired', async () => {
    const running = up(3, '--no-client');
    await running.untilSaid(/^ready$/m);
    const [frontend = ''] = running.urls('fe');
    const { status, stderr } = await hearsay('retire', 'rm-3', '--frontend', frontend);
    expect(status, stderr).to.equal(0);
    await running.untilSaid(/^rm-3 is out of the cluster; it is not started again$/m);
    const looked = await hearsay('status', '--json', '--frontend', frontend);
    const { members } = JSON.parse(looked.stdout) as { members: { name: string }[] };
    expect(members.map(({ name }) => name)).to.have.members(['rm-1', 'rm-2']);
    running.kill('SIGINT');
    expect((await running.ended).status).to.equal(0);
    expect(replicaFolders()).to.deep.equal(['rm-1', 'rm-2', 'rm-3.retired-']);
  });

  it('goes on with the fixed members of an earlier version', async () => {
    const [[port = 0] = []] = await findFreePorts('127.0.0.1', [{ from: 7300, count: 1 }]);
    const address = `127.0.0.1:${port}`;
    const place = ['--name', 'rm-1', '--listen', address, '--service', 'kv', '--data', folder];
    const earlier = new HearsayProcess('replica', ...place, '--members', `rm-1=${address}`);
    await until(`${address} to be ready`, async () => {
      const answer = await fetch(`http://${address}/readyz`).catch(() => null);
      return answer?.status === 200 ? true : null;
    });
    earlier.kill('SIGTERM');
    expect((await earlier.ended).status).to.equal(0);
    const said = await answers(3, 'set key=a value=1\nget key=a\n');
    expect(said.parts).to.deep.equal(['fe-1', 'rm-1']);
    expect(said.stderr).to.contain('were fixed by an earlier version and stay rm-1;');
    expect(said.answered).to.equal('null\n1\n');
  });
});
