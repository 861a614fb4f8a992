/** A cluster of real processes that is told nothing but where etcd is. */

import { expect } from 'chai';
import type { Client } from '../../src/client/api.js';
import { connect } from '../../src/client/connect.js';
import { openDiscovery } from '../../src/discovery/open.js';
import { RealScheduler, SystemRandom } from '../../src/node/system.js';
import type { Discovery } from '../../src/ports/discovery.js';
import { RealEtcd } from '../discovery/real-etcd.js';
import { FoundedCluster } from './support/founded-cluster.js';
import { Load } from './support/load.js';
import { until } from './support/until.js';

/** Longer than it takes to find another front end, or a primary. */
const TIMEOUT_MS = 60_000;

describe('a cluster that finds itself by etcd', function () {
  this.timeout(300_000);
  let etcd: RealEtcd;
  let place: string;
  let cluster: FoundedCluster;
  let clients: Client[];
  let views: Discovery[];

  beforeEach(async () => {
    [clients, views] = [[], []];
    etcd = await RealEtcd.start();
    place = `etcd://${etcd.address}/test/shop`;
    cluster = await FoundedCluster.make(place);
  });

  afterEach(async () => {
    for (const each of [...clients, ...views]) await each.close();
    await cluster.close();
    await etcd.close();
  });

  async function client(): Promise<Client> {
    const connected = await connect(place, { timeoutMs: TIMEOUT_MS });
    clients.push(connected);
    return connected;
  }

  /** Waits until exactly these are registered, as somebody sees it who looks for the first time. */
  async function registered(kind: 'replica' | 'frontend', ...names: string[]): Promise<void> {
    const components = { scheduler: new RealScheduler(), random: new SystemRandom() };
    const view = openDiscovery(place, kind, { ...components, say: () => {} });
    views.push(view);
    const wanted = cluster.addressesOf(...names).sort();
    await until(`${names.join(', ')} in etcd`, async () => {
      return [...view.addresses()].sort().join() === wanted.join();
    });
  }

  it('waits for each other in any order, and for etcd', async () => {
    await etcd.kill();
    cluster.start('fe-1');
    cluster.start('rm-2');
    cluster.start('rm-1', '--init');
    await until('rm-1 to say what it waits for', async () =>
      (await cluster.readiness('rm-1')).startsWith('not ready'),
    );
    await etcd.start();
    cluster.start('rm-3');
    await cluster.ready('fe-1', 'rm-1', 'rm-2', 'rm-3');
    const one = await client();
    await one.update('set', { key: 'a', value: 1 });
    expect((await one.query('get', { key: 'a' })).value).to.equal(1);
    const { members } = await one.status();
    expect(members.map(({ name }) => name)).to.have.members(['rm-1', 'rm-2', 'rm-3']);
  });

  it('works on under load while etcd is away, and grows when it is back', async () => {
    cluster.start('rm-1', '--init');
    for (const name of ['rm-2', 'rm-3', 'fe-1', 'fe-2']) cluster.start(name);
    await cluster.ready('rm-1', 'rm-2', 'rm-3', 'fe-1', 'fe-2');
    const load = new Load([await client(), await client(), await client()]);
    load.begin();
    await load.answers(100);

    await etcd.kill();
    await load.answers(200);
    // Members know each other: one that was killed comes back without etcd.
    await cluster.end('rm-2', 'SIGKILL');
    await load.answers(200);
    cluster.start('rm-2');
    await cluster.ready('rm-2');
    await load.answers(200);

    await etcd.start();
    cluster.start('rm-4');
    await cluster.ready('rm-4');
    await registered('replica', 'rm-1', 'rm-2', 'rm-3', 'rm-4');

    await etcd.kill();
    await etcd.wipe();
    await etcd.start();
    await registered('replica', 'rm-1', 'rm-2', 'rm-3', 'rm-4');
    await registered('frontend', 'fe-1', 'fe-2');

    // Clients go to a front end that was not there when they began.
    cluster.start('fe-3');
    await cluster.ready('fe-3');
    await registered('frontend', 'fe-1', 'fe-2', 'fe-3');
    expect(await cluster.end('fe-1', 'SIGTERM')).to.equal(0);
    await cluster.end('fe-2', 'SIGKILL');
    await load.answers(200);
    await load.end();
    expect(load.failures).to.deep.equal([]);
    await load.expectKept(await client());
    await registered('frontend', 'fe-3');
  });

  it('says what is wrong with a place that cannot be read', async () => {
    const bad = await FoundedCluster.make('etcd://127.0.0.1:2379');
    try {
      bad.start('rm-1', '--init');
      expect(await bad.ended('rm-1')).to.equal(2);
      expect(bad.printedBy('rm-1')).to.contain('etcd:// takes a prefix of its own');
    } finally {
      await bad.close();
    }
  });
});
