/**
 * Replicas that go OFFLINE, are restarted one after the other, or change their status by chance, while
 * clients use the cluster: nobody notices more than a wait, and nothing is lost or done twice.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Client, MemberStatus } from '../../src/client/api.js';
import { HearsayProcess } from '../launch/hearsay-process.js';
import { Load } from './support/load.js';
import { ProcessCluster } from './support/process-cluster.js';
import { until } from './support/until.js';

const STOCK = 'tickets';
const TICKETS = 1_000_000;

/** Clients that take tickets, one at a time: forced updates, all of one row. */
class Takers {
  readonly failures: string[] = [];
  taken = 0;
  #longestMs = 0;
  #isOver = false;
  readonly #work: Promise<unknown>;

  constructor(clients: readonly Client[]) {
    this.#work = Promise.all(clients.map((client) => this.#take(client)));
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#work;
  }

  /** The longest time that one took since the last call, in whole milliseconds. */
  takeLongestMs(): number {
    const longestMs = Math.ceil(this.#longestMs);
    this.#longestMs = 0;
    return longestMs;
  }

  /** Waits until so many more tickets are taken. */
  async takes(more: number): Promise<void> {
    const target = this.taken + more;
    await until(`${more} more tickets`, async () => {
      expect(this.failures).to.deep.equal([]);
      return this.taken >= target;
    });
  }

  async #take(client: Client): Promise<void> {
    while (!this.#isOver) {
      const startMs = performance.now();
      try {
        const { result } = await client.update('take', { key: STOCK, amount: 1 });
        expect(result).to.include({ taken: 1 });
        this.taken++;
      } catch (error) {
        this.failures.push(String(error));
        await sleep(100);
      }
      this.#longestMs = Math.max(this.#longestMs, performance.now() - startMs);
      await sleep(4);
    }
  }
}

describe('a cluster in use whose replicas change their status', function () {
  this.timeout(300_000);

  let cluster: ProcessCluster;
  let load: Load;
  let takers: Takers;

  beforeEach(async () => {
    cluster = await ProcessCluster.start({ replicas: 3, frontends: 2 });
    await cluster.primary();
    const admin = await cluster.client();
    await admin.update('stock', { key: STOCK, amount: TICKETS });
    const homes = [['fe-1'], ['fe-2'], ['fe-1', 'fe-2']];
    const clients = await Promise.all(
      homes.flatMap((home) => [cluster.client(home), cluster.client(home)]),
    );
    load = new Load(clients.filter((_, index) => index % 2 === 0));
    takers = new Takers(clients.filter((_, index) => index % 2 === 1));
    load.begin();
    await progress();
  });

  afterEach(async () => {
    await Promise.all([load.end(), takers.end()]);
    await HearsayProcess.endAll();
    await cluster.close();
  });

  const progress = (): Promise<unknown> => Promise.all([load.answers(60), takers.takes(60)]);

  async function closeTheBooks(): Promise<void> {
    await Promise.all([load.end(), takers.end()]);
    expect([...load.failures, ...takers.failures]).to.deep.equal([]);
    await cluster.agreed();
    const reader = await cluster.client();
    await load.expectKept(reader);
    const { value } = await reader.query('left', { key: STOCK }, { consistency: 'fresh' });
    expect(value).to.equal(TICKETS - takers.taken);
  }

  const memberOf = async (client: Client, name: string): Promise<MemberStatus | undefined> =>
    (await client.status()).members.find((member) => member.name === name);

  it('scenario 25: SIGTERM to each in turn ends it with status 0, and no client sees a failure', async () => {
    const longest: string[] = [];
    for (let round = 0; round < 2; round++) {
      for (const name of cluster.replicas) {
        const startMs = performance.now();
        const { exitStatus, printed } = await cluster.terminate(name);
        expect(exitStatus, printed).to.equal(0);
        const endedMs = performance.now() - startMs;
        await progress();
        longest.push(
          `${name} ended in ${endedMs.toFixed(0)}, ${load.takeLongestMs()} causal, ${takers.takeLongestMs()} forced`,
        );
        await cluster.startParts(name);
        await cluster.recovered();
      }
    }
    await closeTheBooks();
    console.log(`        longest request while one ended, ms: ${longest.join('; ')}`);
  });

  it('a primary that goes OFFLINE by hand hands over, and serves again when it is ACTIVE', async () => {
    const client = await cluster.client();
    const longest: number[] = [];
    for (let time = 0; time < 3; time++) {
      const primary = await cluster.primary();
      takers.takeLongestMs();
      await client.setStatus(primary, 'OFFLINE');
      await until('another primary', async () => (await cluster.primary()) !== primary);
      await progress();
      longest.push(takers.takeLongestMs());
      expect((await memberOf(client, primary))?.status).to.deep.equal({
        value: 'OFFLINE',
        source: 'hand',
      });
      await client.setStatus(primary, 'auto');
      await progress();
    }
    await closeTheBooks();
    console.log(`        longest forced request during a handover, ms: ${longest.join(' ')}`);
  });

  it('`hearsay status NAME random` makes it change by itself, under which all goes on, until `auto`', async () => {
    const client = await cluster.client();
    const words = async (...more: string[]): Promise<string> => {
      const tool = new HearsayProcess('status', ...more, '--frontend', cluster.urls.join(','));
      const { status, stdout, stderr } = await tool.ended;
      expect(status, stderr).to.equal(0);
      return stdout;
    };
    expect(await words('rm-1', 'random')).to.match(/rm-1 .*\(random\)/);
    await words('rm-2', 'random');
    const seen = new Set<string>();
    // Which ones is up to chance: that it comes to be each of them is shown where chance has a seed.
    await until('rm-1 to have changed', async () => {
      const member = await memberOf(client, 'rm-1');
      expect(member?.status.source).to.equal('random');
      seen.add(member?.status.value ?? '');
      await sleep(200);
      return seen.size > 1;
    });
    await progress();
    for (const name of ['rm-1', 'rm-2']) await words(name, 'auto');
    expect((await memberOf(client, 'rm-1'))?.status).to.deep.equal({
      value: 'ACTIVE',
      source: 'auto',
    });
    await progress();
    await closeTheBooks();
  });
});
