/** `hearsay up` with real processes, files and ports, and what it leaves behind however it ends. */

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { PostcodeSite } from '../integration/support/postcode-site.js';
import { OXFORD } from '../service/hungry/small-data.js';
import { HearsayProcess, hearsay, isAlive, until } from './hearsay-process.js';

const SHIPPED = fileURLToPath(new URL('../../../db/movies/', import.meta.url));

/** Ratings of a movie in the shipped data, without those of a user. */
function shippedRatings(movieId: number, withoutUser: number): number[] {
  const [, ...rows] = readFileSync(join(SHIPPED, 'ratings.csv'), 'utf8').trim().split('\n');
  return rows
    .map((row) => row.split(',').map(Number))
    .filter(([user, movie]) => movie === movieId && user !== withoutUser)
    .map(([, , rating = 0]) => rating);
}

describe('hearsay up', function () {
  this.timeout(180_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hearsay-up-'));
  });

  afterEach(async () => {
    await HearsayProcess.endAll();
    rmSync(folder, { recursive: true, force: true });
  });

  it('answers what is piped in, ends with it, leaves no process, and keeps what was written', async () => {
    const first = new HearsayProcess('up', '2', '4', '42', '--data', folder);
    first.input('rate movieId=1 rating=4.5\nrating movieId=1\naverage movieId=1\nquit\n');
    const { status, stdout, stderr } = await first.ended;
    expect(status, stderr).to.equal(0);
    const ratings = [...shippedRatings(1, 42), 4.5];
    const mean = ratings.reduce((sum, rating) => sum + rating, 0) / ratings.length;
    const [done, rating, average = '', end] = stdout.split('\n');
    expect([done, rating, end]).to.deep.equal(['null', '4.5', '']);
    const answered = JSON.parse(average) as { mean: number; count: number };
    expect(answered.count).to.equal(ratings.length);
    expect(answered.mean).to.be.closeTo(mean, 1e-9);
    const names = ['fe-1', 'fe-2', 'rm-1', 'rm-2', 'rm-3', 'rm-4'];
    expect([...first.pids().keys()].sort()).to.deep.equal(names);
    expect(stderr.trimEnd().split('\n').at(-1)).to.equal('ready');
    await first.untilAllEnded();

    const second = new HearsayProcess('up', '1', '4', '42', '--data', folder);
    second.input('rating movieId=1');
    expect(await second.ended).to.include({ status: 0, stdout: '4.5\n' });
    await second.untilAllEnded();
  });

  it('passes on to its front ends who the administrator is, and the settings of the service', async () => {
    const site = await PostcodeSite.open();
    const words = ['--service', 'hungry', '--ephemeral', '--admin', 'the boss'];
    const up = new HearsayProcess('up', '1', '1', 'ann', ...words, '--postcodes-io', site.url);
    const details = 'first=Ann last=Lee phone=01865-1 postcode=ox11dp address="1, High Street"';
    up.input(`register ${details}\ndetails\nsetMotd text=hello\n`);
    const { status, stdout, stderr } = await up.ended;
    await site.close();
    expect(status, stderr).to.equal(0);
    const [registered, found = '', refused] = stdout.split('\n');
    expect(registered).to.equal('null');
    expect(JSON.parse(found)).to.deep.include({ postcode: 'OX1 1DP', ...OXFORD });
    expect(refused).to.match(/^error UNAUTHORIZED: .*"the boss".*"ann"$/);
    expect(site.asked).to.deep.equal(['/postcodes/OX1%201DP']);
    await up.untilAllEnded();
  });

  it('prints one line for each line, and ends with 0 when every answer was definite', async () => {
    const up = new HearsayProcess('up', '1', '1', '42', '--service', 'kv', '--ephemeral', '--json');
    up.input('set key=a value=1\n\nget key=a\nget\nnonsense\nhelp\n');
    const { status, stdout, stderr } = await up.ended;
    expect(status, stderr).to.equal(0);
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { error?: { code: string } });
    expect(answers).to.have.length(5);
    expect(answers[0]).to.have.keys('result', 'copies', 'timestamp');
    expect(answers[1]).to.include({ value: 1 }).and.to.have.keys('value', 'guarantee', 'timestamp');
    for (const answer of answers.slice(2, 4)) expect(answer.error?.code).to.equal('INVALID');
    await up.untilAllEnded();
  });

  for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) {
    it(`ends everything on ${signal} to the whole process group, and ends well`, async () => {
      const words = ['up', '1', '2', '--service', 'kv', '--data', folder, '--no-client'];
      const up = new HearsayProcess(...words);
      await up.untilSaid(/^ready$/m);
      up.killGroup(signal);
      const { status, stderr } = await up.ended;
      expect(status, stderr).to.equal(0);
      await up.untilAllEnded();
    });
  }

  it('ends everything when its reader goes away in the middle of its input', async () => {
    const up = new HearsayProcess('up', '1', '1', '42', '--service', 'kv', '--ephemeral');
    await up.untilSaid(/^ready$/m);
    up.closeOutput();
    up.input('get key=a\n'.repeat(100));
    expect((await up.ended).status).to.equal(3);
    await up.untilAllEnded();
  });

  it('leaves no process when it is killed while it runs, and starts again at once', async () => {
    const words = ['up', '1', '2', '7', '--service', 'kv', '--data', folder];
    const killed = new HearsayProcess(...words);
    await killed.untilSaid(/^ready$/m);
    killed.kill('SIGKILL');
    const again = new HearsayProcess(...words);
    again.input('set key=a value=1\nget key=a\n');
    const { status, stdout, stderr } = await again.ended;
    expect(status, stderr).to.equal(0);
    expect(stdout).to.equal('null\n1\n');
    await killed.untilAllEnded();
    await again.untilAllEnded();
  });

  it('leaves no process when it is ended while it starts', async () => {
    const up = new HearsayProcess('up', '2', '3', '--service', 'kv', '--data', folder);
    await up.untilSaid(/ pid \d+ ws:/);
    up.kill('SIGTERM');
    expect((await up.ended).status).to.equal(3);
    await up.untilAllEnded();
    await until('no process to be left, said or not', async () => {
      const { stdout } = await promisify(execFile)('ps', ['-eo', 'args']);
      return stdout.includes(folder) ? null : true;
    });
  });

  it('says how a part ended and starts it again at its place, with what it had', async () => {
    const up = new HearsayProcess(
      'up',
      '1',
      '2',
      '--service',
      'kv',
      '--data',
      folder,
      '--no-client',
    );
    await up.untilSaid(/^ready$/m);
    const [frontend = ''] = up.urls('fe');
    const update = await hearsay('update', 'set', 'key=a', 'value=1', '--frontend', frontend);
    expect(update).to.include({ status: 0, stdout: 'null\n' });
    const places = [...up.urls('rm')];
    const pid = up.pids().get('rm-2') ?? 0;
    process.kill(pid, 'SIGKILL');
    await up.untilSaid(/^rm-2, pid \d+, was ended by SIGKILL; starting it again in 1 s$/m);
    await up.untilSaid(/starting it again[^]*^rm-2 pid \d+ ws:/m);
    expect(up.pids().get('rm-2')).not.to.equal(pid);
    expect([...new Set(up.urls('rm'))]).to.have.members([...new Set(places)]);
    const query = await hearsay('query', 'get', 'key=a', '--frontend', frontend, '--json');
    expect(query.status, query.stderr).to.equal(0);
    expect(JSON.parse(query.stdout)).to.include({ value: 1 });
  });

  it('leaves a dead part dead with --no-restart, and goes on', async () => {
    const words = ['--service', 'kv', '--ephemeral', '--no-client', '--no-restart'];
    const up = new HearsayProcess('up', '1', '3', ...words);
    await up.untilSaid(/^ready$/m);
    process.kill(up.pids().get('rm-2') ?? 0, 'SIGKILL');
    await up.untilSaid(/^rm-2, pid \d+, was ended by SIGKILL; it is not started again$/m);
    const [frontend = ''] = up.urls('fe');
    const update = await hearsay('update', 'add', 'key=a', 'amount=2', '--frontend', frontend);
    expect(update.status, update.stderr).to.equal(0);
    up.kill('SIGINT');
    expect((await up.ended).status).to.equal(0);
  });

  it('keeps others out of its data directory, and names it', async () => {
    const words = ['up', '1', '1', '--service', 'kv', '--data', folder, '--no-client'];
    const first = new HearsayProcess(...words);
    await first.untilSaid(/^ready$/m);
    const second = await hearsay(...words);
    expect(second.status).to.equal(4);
    expect(second.stderr).to.contain(`${folder} is in use by another process`);
    expect(isAlive(first.pids().get('rm-1') ?? 0)).to.equal(true);
  });

  it('runs side by side with others that start at the same time', async () => {
    const ups = [1, 2, 3].map((number) => {
      const words = ['--service', 'kv', '--data', join(folder, String(number)), '--no-client'];
      return new HearsayProcess('up', '1', '2', ...words);
    });
    await Promise.all(ups.map((up) => up.untilSaid(/^ready$/m)));
    for (const [index, up] of ups.entries()) {
      const [frontend = ''] = up.urls('fe').slice(-1);
      const set = ['update', 'set', 'key=who', `value=${index}`, '--frontend', frontend];
      expect(await hearsay(...set)).to.include({ status: 0 });
    }
    for (const [index, up] of ups.entries()) {
      const [frontend = ''] = up.urls('fe').slice(-1);
      const answer = await hearsay('query', 'get', 'key=who', '--frontend', frontend);
      expect(answer.stdout).to.equal(`${index}\n`);
    }
  });

  describe('refuses', () => {
    for (const [words, message] of [
      ['up 0 4', 'FE, the number of front ends, must be a whole number from 1 to 16, not "0"'],
      ['up a b', 'must be a whole number from 1 to 16, not "a"'],
      ['up 2 0', 'RM, the number of replicas, must be a whole number from 1 to 16, not "0"'],
      ['up 1 1 --service films', 'there is no service "films"'],
      ['up 1 1 --no-cleint', 'did you mean --no-client?'],
      ['up 1 1 --ephemeral --import nowhere/at/all', 'nowhere/at/all'],
      ['up 1 1 --ephemeral --service kv --import .', 'there is nothing to import'],
    ] as const) {
      it(`${words}: exit status 2`, async () => {
        const { status, stdout, stderr } = await hearsay(...words.split(' '));
        expect(status, stderr).to.equal(2);
        expect(stderr).to.contain('error INVALID: ').and.to.contain(message);
        expect(stderr).not.to.contain(' pid ');
        expect(stdout).to.equal('');
      });
    }

    it('a data directory that cannot be made: exit status 4, nothing started', async () => {
      const file = join(folder, 'file');
      writeFileSync(file, '');
      for (const data of [file, join(file, 'below'), join(file, 'below', 'it')]) {
        const { status, stderr } = await hearsay('up', '1', '1', '--data', data);
        expect(status, stderr).to.equal(4);
        expect(stderr)
          .to.match(/^error: cannot use the data directory /)
          .and.to.contain(file);
        expect(stderr).not.to.contain(' pid ');
      }
    });

    it('the data of another service: exit status 4', async () => {
      const kv = await hearsay('up', '1', '1', '7', '--service', 'kv', '--data', folder);
      expect(kv.status, kv.stderr).to.equal(0);
      const movies = await hearsay('up', '1', '1', '7', '--service', 'movies', '--data', folder);
      expect(movies.status, movies.stderr).to.equal(4);
      expect(movies.stderr).to.contain('was made for service kv, not movies');
    });

    it('a malformed folder: exit status 2, naming file and line', async () => {
      const source = join(folder, 'source');
      copyShipped(source, (name, text) =>
        name === 'ratings.csv' ? text.replace(/\n[^\n]+\n/, '\n1,1,7,0\n') : text,
      );
      for (const command of [
        ['up', '1', '1', '--data', join(folder, 'data'), '--import', source],
        ['import', source, '--data', join(folder, 'data')],
      ]) {
        const { status, stderr } = await hearsay(...command);
        expect(status, stderr).to.equal(2);
        expect(stderr).to.match(/error INVALID: ratings\.csv in .*, line 2: /);
      }
    });

    it('another import than the one that its data began with: exit status 2, naming both', async () => {
      const [one, other, data] = ['one', 'other', 'data'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      copyShipped(one, (_name, text) => text);
      copyShipped(other, (name, text) =>
        name === 'tags.csv' ? text.split('\n').slice(0, -2).join('\n') : text,
      );
      const imported = await hearsay('import', one, '--data', data);
      expect(imported.status, imported.stderr).to.equal(0);
      expect(imported.stderr).to.contain('importing one: 100 %');
      const hash = /state ([0-9a-f]{32})/.exec(imported.stdout)?.[1] ?? 'none';
      const refused = await hearsay('up', '1', '1', '7', '--data', data, '--import', other);
      expect(refused.status, refused.stderr).to.equal(2);
      expect(refused.stderr).to.match(new RegExp(`${hash}.*[0-9a-f]{32}.*--data`));
      // With the same state it goes on, also where replicas have begun with it.
      for (let time = 1; time <= 2; time++) {
        const same = await hearsay('up', '1', '1', '7', '--data', data, '--import', one);
        expect(same.status, same.stderr).to.equal(0);
      }
      // Replicas that began with one state do not go on with another one either.
      rmSync(join(data, 'initial-state'));
      const mixed = await hearsay('up', '1', '1', '7', '--data', data, '--import', other);
      expect(mixed.status, mixed.stderr).to.equal(2);
      expect(mixed.stderr).to.contain(hash).and.to.contain('--data');
    });
  });
});

/** Copies the shipped films, each file changed by `change`. */
function copyShipped(to: string, change: (name: string, text: string) => string): void {
  mkdirSync(to);
  for (const name of readdirSync(SHIPPED).filter((each) => each.endsWith('.csv'))) {
    writeFileSync(join(to, name), change(name, readFileSync(join(SHIPPED, name), 'utf8')));
  }
}
