/**
 * Members that change, with real processes: replicas join and leave under load, lose their disks, come back
 * after they were retired, are put back on old copies (SCENARIOS 5, 6 and 20), or lose their majority.
 */

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runChanging } from '../../chaos/changing/run.js';
import { type Scenario, SCENARIOS } from '../../chaos/changing/scenarios.js';
import { HearsayError } from '../../src/base/errors.js';
import type { Client } from '../../src/client/api.js';
import { hearsay } from '../launch/hearsay-process.js';
import { FoundedCluster } from './support/founded-cluster.js';
import { Load } from './support/load.js';

const NAMES = ['rm-1', 'rm-2', 'rm-3'] as const;

/** From one replica to three, and then without the one that has ordered everything. */
const UP_AND_DOWN: Scenario = {
  ...{ about: 'grows to three, shrinks to two', replicas: 1 },
  ...{ isSmooth: true, losesDisks: false },
  async play({ cluster, settled }) {
    for (const number of [2, 3]) {
      cluster.add(number).start();
      await settled(`rm-${number} has joined`);
    }
    await cluster.retire('rm-1');
    await settled('rm-1 has left');
  },
};

describe('members that change under load', function () {
  this.timeout(240_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hearsay-changing-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function play(scenario: Scenario | undefined) {
    if (scenario === undefined) throw new Error('there is no such scenario');
    const wanted = { scenario, service: 'kv', seed: 1, minutes: 1 } as const;
    const { problems, putAway, figures } = await runChanging(wanted, folder, () => {});
    expect(problems).to.deep.equal([]);
    expect(figures.updated).to.be.above(100);
    return putAway;
  }

  it('two join one, and the one leaves: no request of four clients fails, and the checker finds nothing', async () => {
    expect(await play(UP_AND_DOWN)).to.equal(1);
  });

  it('scenario 5: every disk of three is lost, one after another: nothing acknowledged is lost', async () => {
    await play(SCENARIOS['disks']);
  });
});

describe('members that come back as others', function () {
  this.timeout(120_000);
  let cluster: FoundedCluster;
  let client: Client;

  beforeEach(async () => {
    cluster = await FoundedCluster.make();
    cluster.start('rm-1', '--init');
    for (const name of ['rm-2', 'rm-3', 'fe-1', 'fe-2']) cluster.start(name);
    await cluster.ready(...NAMES, 'fe-1', 'fe-2');
    client = await cluster.client();
  });

  afterEach(() => cluster.close());

  async function idOf(name: string): Promise<string | null> {
    const { members } = await client.status();
    return members.find((member) => member.name === name)?.id ?? null;
  }

  it('scenario 20: one that was retired while it was dead comes back by itself, with a snapshot', async () => {
    const before = await idOf('rm-3');
    await cluster.end('rm-3', 'SIGKILL');
    const load = new Load([await cluster.client(), client]);
    load.begin();
    await load.answers(100);
    const retired = await hearsay('retire', 'rm-3', '--frontend', cluster.urls.join(','));
    expect(retired).to.include({ status: 0 });
    expect(retired.stdout).to.match(/rm-3 is a member no more/);
    await cluster.agreed(client, 'rm-1', 'rm-2');
    cluster.start('rm-3');
    await cluster.ready('rm-3');
    await load.answers(50);
    await load.end();
    expect(load.failures).to.deep.equal([]);
    await cluster.agreed(client, ...NAMES);
    expect(await idOf('rm-3')).to.not.equal(before);
    expect(cluster.putAway('rm-3')).to.have.length(1);
    expect(cluster.loggedBy('rm-3')).to.match(/begins as rm-3\.\w+ with the snapshot of rm-[12]/);
    await load.expectKept(client);
  });

  it('scenario 6: a directory that is put back as it was makes another member; nothing acknowledged is lost', async () => {
    const before = await idOf('rm-3');
    const [folder, copy] = ['rm-3', 'copy'].map((name) => join(cluster.dataDir, name));
    if (folder === undefined || copy === undefined) throw new Error('no folders');
    expect(await cluster.end('rm-3', 'SIGTERM')).to.equal(0);
    cpSync(folder, copy, { recursive: true });
    cluster.start('rm-3');
    await cluster.ready('rm-3');
    const load = new Load([await cluster.client(), client]);
    load.begin();
    await load.answers(150);
    await cluster.end('rm-3', 'SIGKILL');
    rmSync(folder, { recursive: true });
    cpSync(copy, folder, { recursive: true });
    cluster.start('rm-3');
    await load.answers(100);
    await load.end();
    expect(load.failures).to.deep.equal([]);
    await cluster.agreed(client, ...NAMES);
    expect(await idOf('rm-3')).to.not.equal(before);
    expect(cluster.putAway('rm-3')).to.have.length(1);
    expect(cluster.loggedBy('rm-3')).to.match(/data directory of rm-3 is an older copy/);
    await load.expectKept(client);
  });

  it('two of three are gone for good: the last one goes on by recover --force, and the lost ones join it', async () => {
    await client.update('put', { key: 'before', value: 1 });
    await cluster.agreed(client, ...NAMES);
    await cluster.end('rm-2', 'SIGKILL');
    await cluster.end('rm-3', 'SIGKILL');
    expect(await client.update('set', { key: 'alone', value: 2 })).to.include({ copies: 1 });
    const refused = await client.update('put', { key: 'no', value: 3 }, { timeoutMs: 2000 }).then(
      () => 'done',
      (error: unknown) => error instanceof HearsayError && error.code,
    );
    expect(refused).to.equal('UNAVAILABLE');
    const recovered = await hearsay(
      ...['recover', '--force', '--survivors', 'rm-1', '--lost', 'rm-2,rm-3'],
      ...['--frontend', cluster.urls.join(',')],
    );
    expect(recovered.status, recovered.stderr).to.equal(0);
    const forced = await client.update('put', { key: 'after', value: 4 });
    expect(forced.copies).to.equal(1);
    await cluster.agreed(client, 'rm-1');

    for (const name of ['rm-2', 'rm-3']) cluster.start(name);
    await cluster.agreed(client, ...NAMES);
    for (const name of ['rm-2', 'rm-3']) expect(cluster.putAway(name)).to.have.length(1);
    expect((await client.update('put', { key: 'again', value: 5 })).copies).to.be.at.least(2);
    for (const [key, value] of [
      ['before', 1],
      ['after', 4],
    ]) {
      expect((await client.query('forced', { key })).value, String(key)).to.equal(value);
    }
    expect((await client.query('get', { key: 'alone' })).value).to.equal(2);
  });
});
