/**
 * A replica dies before anybody heard of its record of an acknowledged update. The update lives on as
 * its other record, and so does the session that wrote it (docs/protocol.md, A7). Gossip is off, so that
 * no record ever leaves its replica by itself.
 */

import { expect } from 'chai';
import { kv } from '../../src/service/kv/kv.js';
import { World } from './world.js';

const SEEDS = [1, 2, 3, 4, 5, 6];

describe('a session whose replica dies with its record', function () {
  this.timeout(60_000);

  it('reads its write and writes on, whichever of the pair it was', async () => {
    for (const seed of SEEDS) {
      for (const victim of [0, 1]) {
        const world = new World({
          seed,
          service: kv,
          replicas: 3,
          frontends: 1,
          tuning: { gossip: 'off' },
        });
        await world.start();
        const client = await world.client();
        for (const value of [1, 2, 3]) {
          const { copies } = await world.until(client.update('set', { key: 'k', value }));
          expect(copies).to.equal(2);
        }
        const holders = world.events.flatMap(({ event, host }) =>
          event === 'accepted set' ? [host] : [],
        );
        const pair = [...new Set(holders)].sort();
        expect(pair).to.have.length(2);
        await world.crash(pair[victim] ?? '');
        const what = `seed ${seed} without ${pair[victim]}`;
        const startedAt = world.scheduler.monotonicMs();
        const read = await world.until(
          client.query('get', { key: 'k' }, { consistency: 'causal' }),
        );
        expect(read.value, what).to.equal(3);
        const written = await world.until(client.update('set', { key: 'k', value: 4 }));
        expect(written.copies, what).to.equal(2);
        expect(world.scheduler.monotonicMs() - startedAt, what).to.be.below(1500);
        await world.until(client.close());
        await world.close();
      }
    }
  });
});
