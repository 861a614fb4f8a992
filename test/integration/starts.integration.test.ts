/**
 * Replicas and front ends that are started too early, twice, or where they do not belong, and programs that
 * are upgraded one at a time (SCENARIO 25): whoever may wait does, and says for what; all others end with a
 * status and words that say why, and the cluster does not notice.
 */

import { cpSync, mkdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Client, MemberStatus } from '../../src/client/api.js';
import { FoundedCluster } from './support/founded-cluster.js';
import { until } from './support/until.js';

const SHIPPED = fileURLToPath(new URL('../../../db/hungry/', import.meta.url));

const NAMES = ['rm-1', 'rm-2', 'rm-3'] as const;

describe('parts that are started in a cluster of hungry', function () {
  this.timeout(120_000);
  let cluster: FoundedCluster;
  let admin: Client;

  /** One front end, then three replicas; the one that founds runs an older program. */
  before(async () => {
    cluster = await FoundedCluster.make(null, 'hungry');
    cluster.start('fe-1');
  });

  after(() => cluster.close());

  async function reports(): Promise<readonly (MemberStatus & { clusterVersion?: number })[]> {
    return (await admin.status()).members;
  }

  it('scenario 25: a front end that is there first waits, says for what, and serves who has waited with it', async () => {
    await until('fe-1 to wait', async () => (await cluster.readiness('fe-1')) !== '');
    expect(await cluster.readiness('fe-1')).to.match(
      /^not ready: waits for a replica at 127\.0\.0\.1:/,
    );
    admin = await cluster.client('admin');
    const asked = admin.update('setMotd', { text: 'asked before there was a replica' });
    cluster.start('rm-1', '--init', '--versions', '1,1');
    cluster.start('rm-2');
    cluster.start('rm-3');
    expect((await asked).copies).to.be.at.least(1);
    await cluster.ready('fe-1', ...NAMES);
    await cluster.agreed(admin, ...NAMES);
  });

  it('scenario 25: the cluster version rises with the last replica that is upgraded, which --init does not found anew', async () => {
    const before = await reports();
    expect(before.map(({ clusterVersion }) => clusterVersion)).to.deep.equal([1, 1, 1]);
    expect(await cluster.end('rm-1', 'SIGTERM')).to.equal(0);
    cluster.start('rm-1', '--init');
    await until('version 2 everywhere', async () =>
      (await reports()).every(({ clusterVersion }) => clusterVersion === 2),
    );
    const after = await cluster.agreed(admin, ...NAMES);
    expect(after.map(({ id }) => id)).to.deep.equal(before.map(({ id }) => id));
    expect(cluster.loggedBy('rm-1').match(/has founded cluster/g)).to.have.length(1);
  });

  it('scenario 25: strangers and copies end with a status and words, and the cluster goes on', async () => {
    const elsewhere = (name: string): string => join(cluster.dataDir, `of-${name}`);
    const menu = join(elsewhere('importer'), 'source');
    mkdirSync(menu, { recursive: true });
    cpSync(SHIPPED, menu, { recursive: true });
    const dishes = await readFile(join(menu, 'menu.csv'), 'utf8');
    await writeFile(join(menu, 'menu.csv'), dishes.replace('475,60', '475,61'));
    // As it is while it runs: this moment is as good as any other one.
    cluster.freeze('rm-3');
    cpSync(join(cluster.dataDir, 'rm-3'), join(elsewhere('copy'), 'rm-3'), { recursive: true });
    cluster.thaw('rm-3');

    const strangers: readonly Stranger[] = [
      {
        ...{ key: 'other-service', name: 'rm-5', service: 'kv', status: 4 },
        words: /rm-5 cannot join: at rm-\d: service hungry is served there, kv here/,
      },
      {
        ...{ key: 'importer', name: 'rm-6', more: ['--import', menu], status: 2 },
        words: /rm-6 cannot join: .*initial state [0-9a-f]{8,}, .* began with [0-9a-f]{8,}/,
      },
      {
        ...{ key: 'namesake', name: 'rm-2', status: 4 },
        words: /rm-2 cannot join: DUPLICATE_NAME: rm-2 is the name of rm-2\.\w+/,
      },
      {
        ...{ key: 'outdated', name: 'rm-7', more: ['--versions', '1,1'], status: 4 },
        words: /VERSION: the cluster of rm-7 runs version 2, this program 1 to 1/,
      },
      {
        ...{ key: 'copy', name: 'rm-3', status: 4 },
        // The second where the original has promised more since: its copy begins anew, and finds it there.
        words: new RegExp(
          `is running at ${cluster.addressesOf('rm-3')[0]}, this one is at 127\\.0\\.0\\.1:\\d+; a copy of a data directory|` +
            'rm-3 cannot join: DUPLICATE_NAME: rm-3 is the name of rm-3',
        ),
      },
      {
        ...{ key: 'second', name: 'rm-1', data: cluster.dataDir, status: 4 },
        words: /rm-1.* is in use by another process/,
      },
    ];
    for (const { key, name, service = 'hungry', data = elsewhere(key), more = [] } of strangers) {
      cluster.startAs(key, { name, service, data }, ...more);
    }
    const endings = await Promise.all(strangers.map(({ key }) => cluster.ended(key)));
    for (const [index, { key, status, words }] of strangers.entries()) {
      const printed = cluster.printedBy(key);
      expect(printed, `${key}: ${printed}`).to.match(words);
      expect(endings[index], `${key}: ${printed}`).to.equal(status);
    }
    await admin.update('setMotd', { text: 'still here' });
    await cluster.ready('fe-1', ...NAMES);
    await cluster.agreed(admin, ...NAMES);
  });

  it('scenario 25: a member that is started as an older program than the cluster runs does not start', async () => {
    expect(await cluster.end('rm-3', 'SIGTERM')).to.equal(0);
    cluster.start('rm-3', '--versions', '1,1');
    expect(await cluster.ended('rm-3')).to.equal(4);
    expect(cluster.printedBy('rm-3')).to.match(/VERSION: the cluster of rm-3 runs version 2/);
    cluster.start('rm-3');
    await cluster.ready('rm-3');
    await cluster.agreed(admin, ...NAMES);
  });
});

interface Stranger {
  /** What this test calls it. */
  readonly key: string;
  readonly name: string;
  readonly service?: string;
  readonly data?: string;
  readonly more?: readonly string[];
  /** Exit status. */
  readonly status: number;
  readonly words: RegExp;
}
