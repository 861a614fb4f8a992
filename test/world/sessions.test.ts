/**
 * SCENARIOS 16 and 17: what a session was shown, it and those it tells keep seeing, through any front
 * end. Litmus keys are fresh in every round: hot keys hide missing dependencies. Replicas are many and
 * most gossip gets lost, so that replicas are often asked for what they lack.
 */

import { expect } from 'chai';
import { SeededRandom } from '../../src/base/random.js';
import { kv } from '../../src/service/kv/kv.js';
import type { Message } from '../../src/wire/messages.js';
import { TappedTransport } from '../../src/sim/tapped-transport.js';
import type { TravellingClient } from './travelling-client.js';
import { World } from './world.js';

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);
const ROUNDS = 12;
const CAUSAL = { consistency: 'causal' } as const;

describe('sessions that move', function () {
  this.timeout(60_000);

  it('scenario 16: all four guarantees hold when a client changes front end after every operation', async () => {
    let waits = 0;
    for (const seed of SEEDS) {
      const world = await forgetfulWorld(seed);
      const [writer, other] = [await world.travellingClient(), await world.travellingClient()];
      const observer = await world.travellingClient();
      let lastSeen = 0;
      const isOver = { writing: false };
      await world.until(
        Promise.all([
          (async () => {
            for (let n = 1; n <= ROUNDS; n++) {
              await set(writer, 'first', n);
              // Read your writes.
              expect(await get(writer, 'first'), `seed ${seed}`).to.equal(n);
              await set(writer, 'second', n);
              // Writes follow reads: who sees the echo sees what it echoes.
              const echoed = await get(writer, 'foreign');
              await set(writer, 'echo', echoed);
            }
            isOver.writing = true;
          })(),
          (async () => {
            for (let n = 1; !isOver.writing; n++) await set(other, 'foreign', n);
          })(),
          (async () => {
            while (!isOver.writing) {
              // Monotonic writes: second = n was written after first = n.
              const second = await get(observer, 'second');
              const first = await get(observer, 'first');
              expect(first, `seed ${seed}`).to.be.at.least(second);
              const echo = await get(observer, 'echo');
              expect(await get(observer, 'foreign'), `seed ${seed}`).to.be.at.least(echo);
              // Monotonic reads.
              expect(first, `seed ${seed}`).to.be.at.least(lastSeen);
              lastSeen = first;
            }
          })(),
        ]),
      );
      expect(lastSeen, `seed ${seed}: the observer saw something`).to.be.greaterThan(0);
      waits += waitsIn(world);
      await world.close();
    }
    expect(waits, 'requests that came to a replica before what they depend on').to.be.above(0);
  });

  it('scenario 17: nobody sees y without the x written before it', async () => {
    let waits = 0;
    for (const seed of SEEDS) {
      const world = await forgetfulWorld(seed);
      const [writer, reader] = [await world.travellingClient(), await world.travellingClient()];
      for (let round = 1; round <= ROUNDS; round++) {
        const [x, y] = [`x-${round}`, `y-${round}`];
        const reading = (async () => {
          await poll(reader, y);
          expect(await get(reader, x), `seed ${seed}, ${x}`).to.equal(round);
        })();
        const writing = (async () => {
          await set(writer, x, round);
          await set(writer, y, round);
        })();
        await world.until(Promise.all([reading, writing]));
      }
      waits += waitsIn(world);
      await world.close();
    }
    expect(waits, 'requests that came to a replica before what they depend on').to.be.above(0);
  });

  it('scenario 17: nobody sees y without the x that its writer had read from somebody else', async () => {
    let waits = 0;
    for (const seed of SEEDS) {
      const world = await forgetfulWorld(seed);
      const [first, second] = [await world.travellingClient(), await world.travellingClient()];
      const reader = await world.travellingClient();
      for (let round = 1; round <= ROUNDS; round++) {
        const [x, y] = [`litmus-${round}-x`, `litmus-${round}-y`];
        const relaying = (async () => {
          await poll(second, x);
          await set(second, y, round);
        })();
        const reading = (async () => {
          // Both keys from one instant of one replica: y never comes first there.
          for (let seen: string[] = []; !seen.includes(y); ) {
            const { value } = await reader.client.query(
              'scan',
              { prefix: `litmus-${round}-` },
              CAUSAL,
            );
            seen = (value as { key: string }[]).map(({ key }) => key);
            if (seen.includes(y)) expect(seen, `seed ${seed}`).to.include(x);
            await reader.move();
          }
          expect(await get(reader, x), `seed ${seed}, ${x}`).to.equal(round);
        })();
        await world.until(Promise.all([set(first, x, round), relaying, reading]));
      }
      waits += waitsIn(world);
      await world.close();
    }
    expect(waits, 'requests that came to a replica before what they depend on').to.be.above(0);
  });
});

/** Three front ends, three to six replicas, and three of four gossip messages are lost. */
async function forgetfulWorld(seed: number): Promise<World> {
  const random = new SeededRandom(seed).child('gossip');
  const onSend = (messages: readonly Message[]): boolean =>
    !messages.some(({ kind }) => kind === 'gossip') || random.chance(1, 4);
  const world = new World({
    seed,
    service: kv,
    replicas: 3 + (seed % 4),
    frontends: 3,
    tuning: { gossipIntervalMs: 200 },
    wrapTransport: (host, transport) =>
      host.startsWith('rm-') ? new TappedTransport(transport, { onSend }) : transport,
  });
  await world.start();
  return world;
}

async function set(traveller: TravellingClient, key: string, value: number): Promise<void> {
  await traveller.client.update('set', { key, value });
  await traveller.move();
}

async function get(traveller: TravellingClient, key: string): Promise<number> {
  const { value } = await traveller.client.query('get', { key }, CAUSAL);
  await traveller.move();
  return Number(value ?? 0);
}

async function poll(traveller: TravellingClient, key: string): Promise<void> {
  while ((await get(traveller, key)) === 0);
}

const waitsIn = (world: World): number =>
  world.events.filter(({ event }) => event === 'query waits' || event === 'update waits').length;
