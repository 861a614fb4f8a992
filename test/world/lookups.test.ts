/**
 * Updates that are completed from outside the cluster, with the drivers as they ship: the front end
 * asks once, and what it found is what every replica executes.
 */

import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import type { Client, ClientOptions } from '../../src/client/api.js';
import type { Outside } from '../../src/service/contract.js';
import { PLACES } from './places.js';
import { World } from './world.js';

/** What is outside: an atlas that takes its time, and may be away. */
class Atlas implements Outside {
  readonly settings = { atlas: 'http://atlas' };
  readonly asked: string[] = [];
  delayMs = 100;
  isAway = false;
  #world: World | null = null;

  liveIn(world: World): void {
    this.#world = world;
  }

  readonly get: Outside['get'] = async (url) => {
    this.asked.push(url);
    await this.#world?.pause(this.delayMs);
    if (this.isAway) throw new Error('the atlas is away');
    const code = url.slice('http://atlas/'.length);
    return code === 'x' ? { status: 404, body: '' } : { status: 200, body: `Town ${code}` };
  };
}

async function errorOf(world: World, asking: Promise<unknown>): Promise<HearsayError> {
  const error = await world.until(asking).catch((error: unknown) => error);
  expect(error).to.be.instanceOf(HearsayError);
  return error as HearsayError;
}

describe('an update that is completed from outside', () => {
  let atlas: Atlas;
  let world: World;

  beforeEach(async () => {
    atlas = new Atlas();
    const size = { replicas: 3, frontends: 2 };
    world = new World({ seed: 1, service: PLACES, outside: atlas, ...size });
    atlas.liveIn(world);
    await world.start();
  });

  afterEach(() => world.close());

  const clientOf = (user: string, options: ClientOptions = {}): Promise<Client> =>
    world.client([], { user, ...options });

  const townOf = async (client: Client): Promise<unknown> =>
    (await world.until(client.query('place'))).value;

  it('is executed with what was found, and read by its session', async () => {
    const ann = await clientOf('ann');
    const { result, copies } = await world.until(ann.update('move', { code: 'a' }));
    expect({ result, copies }).to.deep.equal({ result: null, copies: 2 });
    expect(await townOf(ann)).to.equal('Town a');
    expect(atlas.asked).to.deep.equal(['http://atlas/a']);
  });

  it('keeps its place among the updates of its session', async () => {
    const ann = await clientOf('admin');
    atlas.delayMs = 800;
    await world.until(
      Promise.all([
        ann.update('move', { code: 'a' }),
        ann.update('rename', { town: 'Here' }),
        ann.update('move', { code: 'b' }),
      ]),
    );
    expect(await townOf(ann)).to.equal('Town b');
  });

  it('is looked up by the next front end when its own dies meanwhile', async () => {
    const ann = await clientOf('ann');
    atlas.delayMs = 500;
    const moving = ann.update('move', { code: 'a' });
    await world.run(200);
    expect(atlas.asked).to.have.length(1);
    const used = world.frontends.find(({ address }) => address === ann.frontend);
    used?.crash();
    await world.until(moving);
    expect(atlas.asked).to.have.length(2);
    expect(await townOf(ann)).to.equal('Town a');
  });

  it('is told as INVALID for certain when there is no such thing', async () => {
    const ann = await clientOf('ann');
    const error = await errorOf(world, ann.update('move', { code: 'x' }));
    expect(error).to.include({ code: 'INVALID', definite: true, message: 'there is no town x' });
    expect(await townOf(ann)).to.equal(null);
  });

  it('is told as INVALID before anybody is asked when the client gave something wrong', async () => {
    const ann = await clientOf('ann');
    expect(await errorOf(world, ann.update('move', { town: 'a' }))).to.include({ code: 'INVALID' });
    expect(atlas.asked).to.deep.equal([]);
  });

  it('fails for certain, saying why, when nobody can be asked in its time', async () => {
    atlas.isAway = true;
    const ann = await clientOf('ann', { timeoutMs: 2000 });
    const error = await errorOf(world, ann.update('move', { code: 'a' }));
    expect(error).to.include({ code: 'UNAVAILABLE', definite: true });
    expect(error.message).to.contain('the atlas is away');
    expect(atlas.asked.length).to.be.within(3, 12);
  });

  it('goes through once somebody can be asked again', async () => {
    atlas.isAway = true;
    const ann = await clientOf('ann');
    const moving = ann.update('move', { code: 'a' });
    await world.run(3000);
    atlas.isAway = false;
    await world.until(moving);
    expect(await townOf(ann)).to.equal('Town a');
  });

  it('fails for certain at its deadline when the answer takes too long', async () => {
    atlas.delayMs = 5000;
    const ann = await clientOf('ann', { timeoutMs: 1000 });
    const error = await errorOf(world, ann.update('move', { code: 'a' }));
    expect(error).to.include({ code: 'TIMEOUT', definite: true });
    await world.run(10_000);
    expect(await townOf(ann)).to.equal(null);
  });

  it('is left to the administrator where the service says so', async () => {
    const ann = await clientOf('ann');
    const requests = [ann.update('rename', { town: 'Here' }), ann.update('evict', { code: 'a' })];
    for (const request of requests) {
      const error = await errorOf(world, request);
      expect(error).to.include({ code: 'UNAUTHORIZED', definite: true });
    }
    expect(atlas.asked).to.deep.equal([]);
    const admin = await clientOf('admin');
    await world.until(admin.update('rename', { town: 'Here' }));
    await world.until(admin.update('evict', { code: 'a' }));
    expect(await townOf(admin)).to.equal('Here');
  });
});
