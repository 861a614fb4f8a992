/**
 * SCENARIO 18: a request depends on an update that only one replica holds, and that one is slow, cut
 * off or dead. The request waits, fetches, or ends in an error in time; it is never answered from
 * older data. Gossip is off but in the last test: on-demand fetch is the only way of records.
 */

import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import { kv } from '../../src/service/kv/kv.js';
import { VectorTimestamp } from '../../src/timestamp/vector-timestamp.js';
import { type FinalAnswer, sessionNumber, timestampOf, valueOf } from './raw-frontend.js';
import { World } from './world.js';

const SEEDS = Array.from({ length: 8 }, (_, index) => index + 1);
const HOLDER = 'rm-1';
const LACKING = ['rm-2', 'rm-3'];
const STAMP = { physicalMs: 1_700_000_000_000, logical: 0 };

describe('a dependency that only one replica holds', function () {
  this.timeout(60_000);

  it('is fetched on demand, and not answered before', async () => {
    for (const seed of SEEDS) {
      const { world, prev } = await worldWithOneHolder(seed);
      for (const name of LACKING) {
        const since = world.events.length;
        const answer = await read(world, name, prev);
        expect(valueOf(answer), `seed ${seed} at ${name}`).to.equal('new');
        const happened = world.events
          .slice(since)
          .filter(({ host }) => host === name)
          .map(({ event }) => event)
          .filter((event) => /^(query|fetch|executed)/.test(event));
        expect(happened).to.deep.equal([
          'query waits',
          'fetch sent',
          'fetch received',
          'executed set',
          'query get',
        ]);
      }
      await world.close();
    }
  });

  it('scenario 18: the holder is slow: the read waits for it', async () => {
    for (const seed of SEEDS) {
      const { world, prev } = await worldWithOneHolder(seed);
      for (const name of LACKING) world.network.cut(name, HOLDER, { breakAfterMs: null });
      const reading = read(world, LACKING[0] ?? '', prev);
      await world.run(1500);
      const cutEnd = world.scheduler.monotonicMs();
      world.network.mendAll();
      expect(valueOf(await reading), `seed ${seed}`).to.equal('new');
      expect(world.scheduler.monotonicMs()).to.be.at.least(cutEnd);
      await world.close();
    }
  });

  it('scenario 18: the holder is cut off from one replica: another one that has it serves it', async () => {
    for (const seed of SEEDS) {
      const { world, prev } = await worldWithOneHolder(seed);
      expect(valueOf(await read(world, 'rm-2', prev))).to.equal('new');
      world.network.cut('rm-3', HOLDER, { breakAfterMs: null });
      expect(valueOf(await read(world, 'rm-3', prev)), `seed ${seed}`).to.equal('new');
      await world.close();
    }
  });

  it('scenario 18: the holder is dead: TIMEOUT that names the entry, and the update when it is back', async () => {
    for (const seed of SEEDS) {
      const { world, prev } = await worldWithOneHolder(seed);
      await world.crash(HOLDER);
      const askedAtMs = world.scheduler.monotonicMs();
      for (const name of LACKING) {
        const answer = await read(world, name, prev, 2000);
        expect(answer, `seed ${seed}`).to.include({ kind: 'declined', code: 'TIMEOUT' });
        expect(answer).to.have.property('message').that.includes(`${name} still lacks rm-1:1`);
      }
      expect(world.scheduler.monotonicMs() - askedAtMs).to.be.below(2 * 2500);
      await world.until(world.startReplica(HOLDER));
      for (const name of LACKING) expect(valueOf(await read(world, name, prev))).to.equal('new');
      await world.close();
    }
  });

  it('scenario 18: an update waits for its dependency, and leaves nothing behind when it cannot', async () => {
    for (const seed of SEEDS) {
      const { world, prev } = await worldWithOneHolder(seed);
      await world.crash(HOLDER);
      const frontend = await world.rawFrontend('rm-2');
      const fields = { session: sessionNumber(2), stamp: { ...STAMP, logical: 2 }, prev };
      const change = { key: 'key', value: 'newer' };
      const declined = await world.until(
        frontend.update('set', change, { ...fields, timeoutMs: 1000 }),
      );
      expect(declined, `seed ${seed}`).to.include({ kind: 'declined', code: 'TIMEOUT' });
      expect(world.events.filter(({ event }) => event === 'accepted set')).to.have.length(2);
      await world.until(world.startReplica(HOLDER));
      const taken = await world.until(frontend.update('set', change, fields));
      expect(taken, `seed ${seed}`).to.have.property('kind', 'acknowledged');
      expect(valueOf(await read(world, 'rm-2', VectorTimestamp.zero))).to.equal('newer');
      frontend.vanish();
      await world.close();
    }
  });

  it('scenario 18: a client whose write has one copy, at a dead replica, is never shown older data', async () => {
    for (const seed of SEEDS) {
      const world = new World({ seed, service: kv, replicas: 3, frontends: 2 });
      await world.start();
      const traveller = await world.travellingClient();
      const { client } = traveller;
      await world.until(client.update('set', { key: 'key', value: 'old' }));
      await world.run(500);
      for (const name of LACKING) await world.crash(name);
      const { copies } = await world.until(client.update('set', { key: 'key', value: 'new' }));
      expect(copies, `seed ${seed}`).to.equal(1);
      await world.crash(HOLDER);
      for (const name of LACKING) await world.until(world.startReplica(name));
      for (const consistency of ['causal', 'auto', 'fresh'] as const) {
        await world.until(traveller.move());
        const error = await world.until(
          client.query('get', { key: 'key' }, { consistency, timeoutMs: 2000 }).then(
            ({ value }) => `answered ${String(value)}`,
            (reason: unknown) => reason,
          ),
        );
        expect(error, `seed ${seed}, ${consistency}`).to.be.instanceOf(HearsayError);
        expect(error).to.have.property('code').that.is.oneOf(['TIMEOUT', 'UNAVAILABLE']);
      }
      await world.until(world.startReplica(HOLDER));
      const { value } = await world.until(client.query('get', { key: 'key' }));
      expect(value, `seed ${seed}`).to.equal('new');
      await world.close();
    }
  });
});

/** `key` is `old` at all three replicas and `new` at rm-1 only; `prev` names the new one. */
async function worldWithOneHolder(
  seed: number,
): Promise<{ readonly world: World; readonly prev: VectorTimestamp }> {
  const world = new World({
    seed,
    service: kv,
    replicas: 3,
    frontends: 1,
    tuning: { gossip: 'off' },
  });
  await world.start();
  const older = await world.rawFrontend('rm-2');
  const old = await world.until(
    older.update('set', { key: 'key', value: 'old' }, { session: sessionNumber(9), stamp: STAMP }),
  );
  older.vanish();
  expect(old.kind).to.equal('acknowledged');
  for (const name of ['rm-1', 'rm-3']) await read(world, name, timestampOf(old));
  const newer = await world.rawFrontend(HOLDER);
  const written = await world.until(
    newer.update(
      'set',
      { key: 'key', value: 'new' },
      { session: sessionNumber(1), stamp: { ...STAMP, logical: 1 } },
    ),
  );
  newer.vanish();
  for (const name of LACKING) {
    expect(valueOf(await read(world, name, timestampOf(old)))).to.equal('old');
  }
  return { world, prev: timestampOf(written) };
}

async function read(
  world: World,
  replica: string,
  prev: VectorTimestamp,
  timeoutMs = 10_000,
): Promise<FinalAnswer> {
  const frontend = await world.rawFrontend(replica);
  const answer = await world.until(frontend.query('get', { key: 'key' }, { prev, timeoutMs }));
  frontend.vanish();
  return answer;
}
