/**
 * SCENARIO 5, as far as this protocol goes without settling of old origins: a replica loses its disk and
 * comes back under its name. What two members hold durably is still there, no timestamp is used twice,
 * and all agree in the end.
 */

import { expect } from 'chai';
import { SeededRandom } from '../../src/base/random.js';
import type { Client } from '../../src/client/api.js';
import { kv } from '../../src/service/kv/kv.js';
import { World } from './world.js';

const SEEDS = Array.from({ length: 10 }, (_, index) => index + 1);

describe('a lost disk', function () {
  this.timeout(60_000);

  it('scenario 5: nothing acknowledged is lost, no timestamp is used twice, states become equal', async () => {
    for (const seed of SEEDS) {
      const world = new World({ seed, service: kv, replicas: 3, frontends: 2 });
      await world.start();
      const clients = [await world.client(['fe-1']), await world.client(['fe-2'])];
      const written = new Set<string>();
      const loser = new SeededRandom(seed).child('loser').pick(world.replicas).name;
      await world.until(write(clients, 'before', written));
      // A write with two copies may have its third one here: that the two are elsewhere is settled now.
      await world.run(2000);
      await world.crash(loser);
      await world.until(write(clients, 'without', written));
      world.loseDisk(loser);
      const restart = world.startReplica(loser);
      await world.until(Promise.all([restart, write(clients, 'during', written)]));
      await world.until(write(clients, 'after', written));
      await world.run(5000);

      expect(new Set(Object.values(world.stateHashes())), `seed ${seed}`).to.have.property(
        'size',
        1,
      );
      const reader = await world.client();
      for (const key of written) {
        const query = reader.query('get', { key }, { consistency: 'fresh' });
        expect((await world.until(query)).value, `seed ${seed}: ${key}`).to.equal(key);
      }
      const counted = await world.until(reader.query('count', { key: 'counter' }));
      expect(counted.value, `seed ${seed}`).to.equal(written.size);
      const made = entriesMade(world);
      expect(new Set(made), `seed ${seed}`).to.have.property('size', made.length);
      expect(world.replica(loser).driver?.isCounted, `seed ${seed}`).to.equal(true);
      await world.close();
    }
  });

  it('scenario 5: two members that forgot an update are no proof that there is none', async () => {
    const world = new World({ seed: 1, service: kv, replicas: 3, frontends: 1 });
    await world.start();
    const client = await world.client();
    const written = new Set<string>();
    await world.until(write([client], 'before', written));
    await world.run(2000);
    for (const name of ['rm-1', 'rm-2']) {
      await world.crash(name);
      world.loseDisk(name);
    }
    await world.crash('rm-3');
    for (const name of ['rm-1', 'rm-2']) await world.until(world.startReplica(name));
    const stranger = await world.client();
    const fresh = { consistency: 'fresh', timeoutMs: 2000 } as const;
    const [key = ''] = written;
    const outcome = await world.until(
      stranger.query('get', { key }, fresh).then(
        ({ value }) => `answered ${String(value)}`,
        ({ code }: { code: string }) => code,
      ),
    );
    expect(outcome).to.equal('UNAVAILABLE');
    await world.until(world.startReplica('rm-3'));
    expect((await world.until(stranger.query('get', { key }, fresh))).value).to.equal(key);
    await world.close();
  });
});

/** Each client writes fresh keys, two copies each, and counts them. */
async function write(
  clients: readonly Client[],
  phase: string,
  written: Set<string>,
): Promise<void> {
  const twice = { minCopies: 2, timeoutMs: 30_000 } as const;
  await Promise.all(
    clients.map(async (client, index) => {
      for (let n = 0; n < 10; n++) {
        const key = `${phase}-${index}-${n}`;
        await client.update('set', { key, value: key }, twice);
        await client.update('add', { key: 'counter', amount: 1 }, twice);
        written.add(key);
      }
    }),
  );
}

/** `origin:count` of each record that was made anywhere, also of those that a crash undid. */
function entriesMade(world: World): string[] {
  return world.events
    .filter(({ event }) => event.startsWith('accepted '))
    .flatMap(({ host, before = {}, after = {} }) =>
      Object.entries(after)
        .filter(([origin, count]) => origin.startsWith(`${host}.`) && count !== before[origin])
        .map(([origin, count]) => `${origin}:${count}`),
    );
}
