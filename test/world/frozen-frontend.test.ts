/**
 * A front end stands still: its machine takes connections, and nothing ever comes back. Clients go to
 * another one; neither its hello nor its goodbye is waited for longer than is said here.
 */

import { expect } from 'chai';
import { kv } from '../../src/service/kv/kv.js';
import { World } from './world.js';

/** Silence of a front end that has a request, and the way to another one (src/client/session.ts). */
const LEFT_AFTER_MS = 3000 + 200;

/** The same for one that does not even say hello. */
const NO_HELLO_MS = 1000 + 200;

async function servedAfter(world: World, asking: Promise<unknown>): Promise<number> {
  const fromMs = world.scheduler.monotonicMs();
  await world.until(asking);
  return world.scheduler.monotonicMs() - fromMs;
}

describe('a front end that stands still', () => {
  it('is left by a client that waits for an answer, without waiting for its goodbye', async () => {
    const world = new World({ seed: 1, service: kv, replicas: 3, frontends: 2 });
    await world.start();
    const client = await world.client();
    const used = world.frontends.find(({ address }) => address === client.frontend);
    used?.freeze();
    const tookMs = await servedAfter(world, client.update('add', { key: 'k', amount: 1 }));
    expect(tookMs).to.be.within(2900, LEFT_AFTER_MS);
    used?.thaw();
    await world.run(3000);
    const { value } = await world.until(client.query('count', { key: 'k' }));
    expect(value, 'once, though it was sent to both').to.equal(1);
    await world.close();
  });

  it('is passed by when a client looks for another one', async () => {
    const world = new World({ seed: 2, service: kv, replicas: 3, frontends: 3 });
    await world.start();
    const host = world.newClient();
    await world.until(host.client.ready());
    // The next one in its list takes connections and says nothing.
    const next =
      (world.frontends.findIndex(({ address }) => address === host.client.frontend) + 1) % 3;
    world.frontends[next]?.freeze();
    host.breakConnection();
    const tookMs = await servedAfter(world, host.client.query('get', { key: 'k' }));
    expect(tookMs).to.be.at.most(NO_HELLO_MS);
    expect(host.client.frontend).to.not.equal(world.frontends[next]?.address);
    await world.close();
  });
});
