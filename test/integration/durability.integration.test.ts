/**
 * SCENARIOS 1, 2, 5 and 8 with real processes: replicas are killed, stopped, and lose their disks, under
 * the load of library clients. No acknowledged update is lost, nothing is counted twice, no request
 * fails, and all replicas agree in the end.
 */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Load } from './support/load.js';
import { ProcessCluster } from './support/process-cluster.js';

/** Longer than any failover; a bound that noise does not reach. The times themselves are printed. */
const FAILOVER_BOUND_MS = 5000;

/** Long enough for the cluster to be started again while the clients wait. */
const ACROSS_RESTART = { timeoutMs: 60_000 } as const;

describe('a cluster of processes under load', function () {
  this.timeout(120_000);

  let cluster: ProcessCluster;

  beforeEach(async () => {
    cluster = await ProcessCluster.start({ replicas: 3, frontends: 2 });
  });

  afterEach(() => cluster.close());

  async function beginLoad(timeoutMs: number): Promise<Load> {
    const clients = await Promise.all(
      [['fe-1'], ['fe-2'], ['fe-1', 'fe-2'], ['fe-2', 'fe-1']].map((frontends) =>
        cluster.client(frontends, { timeoutMs }),
      ),
    );
    const load = new Load(clients);
    load.begin();
    await load.answers(100);
    return load;
  }

  async function endLoad(load: Load): Promise<void> {
    await load.end();
    expect(load.failures).to.deep.equal([]);
    await cluster.agreed();
    await load.expectKept(await cluster.client());
  }

  it('scenario 1: any one replica is killed and started again: no request fails, nothing is lost', async () => {
    const load = await beginLoad(10_000);
    const took: string[] = [`undisturbed ${load.takeLongestMs()} ms`];
    for (const name of cluster.replicas) {
      await cluster.kill(name);
      await load.answers(150);
      const longestMs = load.takeLongestMs();
      took.push(`${name} killed ${longestMs} ms`);
      expect(longestMs).to.be.below(FAILOVER_BOUND_MS);
      await cluster.startParts(name);
      await cluster.recovered();
      await load.answers(50);
      took.push(`started again ${load.takeLongestMs()} ms`);
    }
    await endLoad(load);
    console.log(`        longest request: ${took.join(', ')}`);
  });

  it('scenario 2: all replicas are killed at once, then front ends too: nothing is lost, counters are exact', async () => {
    const load = await beginLoad(ACROSS_RESTART.timeoutMs);
    const { replicas, frontends } = cluster;
    for (const names of [replicas, [...frontends, ...replicas]]) {
      await cluster.kill(...names);
      await cluster.startParts(...names);
      await load.answers(100);
    }
    await endLoad(load);
  });

  it('scenario 5: a replica loses its disk: nothing acknowledged is lost, and it has all of it again', async () => {
    const load = await beginLoad(10_000);
    const before = (await cluster.recovered()).find(({ name }) => name === 'rm-2');
    await cluster.kill('rm-2');
    await load.answers(50);
    await rm(join(cluster.dataDir, 'rm-2'), { recursive: true });
    await cluster.startParts('rm-2');
    await load.answers(50);
    await endLoad(load);
    const after = (await cluster.agreed()).find(({ name }) => name === 'rm-2');
    expect(after?.id, 'a new disk is a new member').to.not.equal(before?.id);
    expect(after?.id).to.match(/^rm-2\./);
  });

  it('scenario 8: a replica is stopped for seconds: the others go on, and it catches up', async () => {
    const load = await beginLoad(10_000);
    load.takeLongestMs();
    cluster.freeze('rm-2');
    await Promise.all([sleep(4000), load.answers(200)]);
    const longestMs = load.takeLongestMs();
    cluster.thaw('rm-2');
    await load.answers(50);
    expect(longestMs).to.be.below(FAILOVER_BOUND_MS);
    await endLoad(load);
    console.log(`        longest request while rm-2 was stopped: ${longestMs} ms`);
  });
});
