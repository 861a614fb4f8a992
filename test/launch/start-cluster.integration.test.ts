/** `startCluster`: a cluster in this process whose replicas come, go and lose what they had. */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  type Client,
  type Cluster,
  connect,
  HearsayError,
  kv,
  startCluster,
} from '../../src/index.js';
import { until } from './hearsay-process.js';

describe('startCluster', function () {
  this.timeout(180_000);
  let cluster: Cluster;
  let client: Client;

  async function start(options: Partial<Parameters<typeof startCluster>[0]> = {}): Promise<void> {
    cluster = await startCluster({ service: kv, ...options });
    client = await connect(cluster.frontends, { timeoutMs: 60_000 });
  }

  async function stop(): Promise<void> {
    await client.close();
    await cluster.close();
  }

  const memberNames = async (): Promise<string[]> =>
    (await client.status()).members.map(({ name }) => name).sort();

  const membersAre = (...names: string[]): Promise<true> =>
    until(`the members to be ${names.join(' ')}`, async () => {
      const found = await memberNames();
      return found.join(' ') === names.join(' ') ? true : null;
    });

  it('grows by a replica and shrinks by another one, with all that was written', async () => {
    await start({ replicas: 2 });
    await client.update('set', { key: 'a', value: 1 });
    expect(await cluster.addReplica()).to.equal('rm-3');
    await membersAre('rm-1', 'rm-2', 'rm-3');
    await cluster.retire('rm-1');
    await membersAre('rm-2', 'rm-3');
    expect(cluster.parts).to.deep.equal(['rm-2', 'rm-3', 'fe-1']);
    await client.update('put', { key: 'b', value: 2 });
    expect((await client.query('get', { key: 'a' }, { consistency: 'fresh' })).value).to.equal(1);
    await stop();
  });

  it('gives a replica that had kept nothing its place again, with what the others have', async () => {
    await start();
    await client.update('set', { key: 'a', value: 1 });
    const before = (await client.status()).members.find(({ name }) => name === 'rm-2')?.id;
    await cluster.kill('rm-2');
    await cluster.start('rm-2');
    await until('rm-2 to be another member', async () => {
      const now = (await client.status()).members.find(({ name }) => name === 'rm-2');
      return now?.counted === true && now.id !== before ? true : null;
    });
    await membersAre('rm-1', 'rm-2', 'rm-3');
    await stop();
  });

  it('does not pretend to have what nobody has any more', async () => {
    await start({ replicas: 1 });
    await cluster.kill('rm-1');
    const error: unknown = await cluster.start('rm-1').catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(HearsayError).with.property('code', 'INVALID');
    expect(error).to.have.property('message').that.contains('nobody has what rm-1 lost');
    await stop();
  });

  describe('with data that are kept', () => {
    let dataDir: string;

    beforeEach(() => {
      dataDir = mkdtempSync(join(tmpdir(), 'hearsay-in-process-'));
    });

    afterEach(() => {
      rmSync(dataDir, { recursive: true, force: true });
    });

    it('goes on where it was, and takes out what is too much', async () => {
      await start({ dataDir });
      await client.update('set', { key: 'a', value: 1 });
      await stop();
      await start({ dataDir, replicas: 2 });
      expect(cluster.parts).to.deep.equal(['rm-1', 'rm-2', 'fe-1']);
      await membersAre('rm-1', 'rm-2');
      expect((await client.query('get', { key: 'a' })).value).to.equal(1);
      await stop();
      const folders = readdirSync(dataDir).filter((name) => name.startsWith('rm-3'));
      expect(folders.join()).to.match(/^rm-3\.retired-/);
    });

    it('keeps another cluster out of its folder', async () => {
      await start({ dataDir, replicas: 1 });
      const error: unknown = await startCluster({ service: kv, dataDir }).catch(
        (reason: unknown) => reason,
      );
      expect(error).to.be.instanceOf(Error).with.property('message').that.contains('in use');
      await stop();
    });
  });
});
