/**
 * On-demand fetch with real processes and gossip switched off: a replica that lacks an update fetches
 * it when it is asked for something that depends on it, and does not answer before (SCENARIO 18).
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { RawFrontend } from '../world/raw-frontend.js';
import { sessionNumber, timestampOf, valueOf } from '../world/raw-frontend.js';
import { until } from './support/until.js';
import { ProcessCluster } from './support/process-cluster.js';

const HOLDER = 'rm-1';
const LACKING = 'rm-2';
const ARGS = { key: 'key' };

describe('a replica that lacks an update, gossip off', function () {
  this.timeout(120_000);

  let cluster: ProcessCluster;
  let holder: RawFrontend;
  let lacking: RawFrontend;

  beforeEach(async () => {
    const replicaWords = ['--gossip', 'off'];
    cluster = await ProcessCluster.start({ replicas: 3, frontends: 2, replicaWords });
    holder = await cluster.rawFrontend(HOLDER);
    lacking = await cluster.rawFrontend(LACKING);
    lacking.watch();
  });

  afterEach(() => cluster.close());

  const write = async (value: string) =>
    timestampOf(await holder.update('set', { ...ARGS, value }, { session: sessionNumber(1) }));

  /** What the lacking replica did about the update and the query, in order. */
  const happened = (): string[] =>
    lacking.events
      .map(({ event }) => event)
      .filter((event) => /^(query|fetch|executed)/.test(event));

  const hasHappened = (event: string): Promise<void> =>
    until(event, async () => happened().includes(event));

  it('fetches it at once, and answers then', async () => {
    const prev = await write('new');
    expect(valueOf(await lacking.query('get', ARGS))).to.equal(null);
    expect(valueOf(await lacking.query('get', ARGS, { prev }))).to.equal('new');
    await hasHappened('fetch received');
    expect(happened()).to.deep.equal([
      'query get',
      'query waits',
      'fetch sent',
      'fetch received',
      'executed set',
      'query get',
    ]);
  });

  it('scenario 18: does not answer while the holder is stopped, and does when it goes on', async () => {
    const prev = await write('new');
    cluster.freeze(HOLDER);
    let isAnswered = false;
    const answering = lacking.query('get', ARGS, { prev, timeoutMs: 60_000 }).finally(() => {
      isAnswered = true;
    });
    await hasHappened('fetch sent');
    await sleep(1000);
    expect(isAnswered).to.equal(false);
    cluster.thaw(HOLDER);
    expect(valueOf(await answering)).to.equal('new');
  });

  it('scenario 18: says which entry is missing when its time is up, and never answers older data', async () => {
    const prev = await write('new');
    cluster.freeze(HOLDER);
    const declined = await lacking.query('get', ARGS, { prev, timeoutMs: 700 });
    expect(declined).to.include({ kind: 'declined', code: 'TIMEOUT' });
    expect(declined).to.have.property('message').that.includes(`${LACKING} still lacks rm-1:1`);
    cluster.thaw(HOLDER);
    expect(valueOf(await lacking.query('get', ARGS, { prev }))).to.equal('new');
  });

  it('scenario 18: a client hears of it in time, through any front end', async () => {
    await cluster.kill('rm-2', 'rm-3');
    const traveller = await cluster.travellingClient();
    const { client } = traveller;
    const { copies } = await client.update('set', { ...ARGS, value: 'one copy' });
    expect(copies).to.equal(1);
    cluster.freeze(HOLDER);
    await cluster.startParts('rm-2', 'rm-3');
    for (const consistency of ['causal', 'auto', 'fresh'] as const) {
      await traveller.move();
      const outcome = await client.query('get', ARGS, { consistency, timeoutMs: 1000 }).then(
        ({ value }) => `answered ${String(value)}`,
        ({ code }: { code: string }) => code,
      );
      expect(outcome, consistency).to.be.oneOf(['TIMEOUT', 'UNAVAILABLE']);
    }
    cluster.thaw(HOLDER);
    expect((await client.query('get', ARGS)).value).to.equal('one copy');
  });
});
