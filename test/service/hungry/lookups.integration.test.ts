/**
 * What a front end does for its clients besides passing things on, with a whole cluster over real
 * sockets: lookups at real web servers of the test, and what is for the administrator only.
 */

import { expect } from 'chai';
import { LIMITS } from '../../../src/base/limits.js';
import {
  type Client,
  type ClientOptions,
  type Cluster,
  connect,
  HearsayError,
  startCluster,
} from '../../../src/index.js';
import { hungry } from '../../../src/service/hungry/hungry.js';
import { ALICE, getthedata, OXFORD, page, postcodesIo } from './small-data.js';
import { PostcodeSite } from '../../integration/support/postcode-site.js';
import { until } from '../../integration/support/until.js';

async function errorOf(asking: Promise<unknown>): Promise<HearsayError> {
  const error = await asking.catch((error: unknown) => error);
  expect(error).to.be.instanceOf(HearsayError);
  return error as HearsayError;
}

describe('an update of hungry', function () {
  this.timeout(120_000);

  let first: PostcodeSite;
  let second: PostcodeSite;
  let cluster: Cluster;
  let clients: Client[];

  before(async () => {
    [first, second] = [await PostcodeSite.open(), await PostcodeSite.open()];
    cluster = await startCluster({
      replicas: 3,
      frontends: 2,
      service: hungry,
      administrator: 'boss',
      settings: { postcodesIo: first.url, getthedata: second.url },
    });
  });

  beforeEach(() => {
    clients = [];
    first.reply = postcodesIo.found();
    second.reply = getthedata.found();
    for (const site of [first, second]) site.asked.length = 0;
  });

  afterEach(async () => {
    for (const client of clients) await client.close();
  });

  after(async () => {
    await cluster?.close();
    for (const site of [first, second]) await site?.close();
  });

  async function clientOf(user: string, options: ClientOptions = {}): Promise<Client> {
    const client = await connect(cluster.frontends, { user, ...options });
    clients.push(client);
    return client;
  }

  it('is completed with what the first service says, and asked for once', async () => {
    const alice = await clientOf('alice');
    const { result, copies } = await alice.update('register', ALICE);
    expect({ result, copies }).to.deep.equal({ result: null, copies: 2 });
    const { value } = await alice.query('details');
    expect(value).to.deep.equal({ ...ALICE, ...OXFORD });
    expect(first.asked).to.deep.equal(['/postcodes/OX1%201DP']);
    expect(second.asked).to.deep.equal([]);
  });

  it('is refused for certain when there is no such postcode, and nothing is stored', async () => {
    first.reply = postcodesIo.notFound;
    const bob = await clientOf('bob');
    const error = await errorOf(bob.update('register', ALICE));
    expect(error).to.include({ code: 'INVALID', definite: true });
    expect((await bob.query('details')).value).to.equal(null);
  });

  it('fails for certain when neither service can be understood', async () => {
    first.reply = postcodesIo.tooMany;
    second.reply = page(500);
    const carol = await clientOf('carol', { timeoutMs: 1500 });
    const error = await errorOf(carol.update('register', ALICE));
    expect(error).to.include({ code: 'UNAVAILABLE', definite: true });
    expect(error.message).to.match(/postcodes\.io.*getthedata\.com/);
    first.reply = postcodesIo.found();
    await carol.update('register', ALICE, { timeoutMs: 10_000 });
  });

  it('goes on at another front end when its own dies while it asks', async () => {
    const dave = await clientOf('dave');
    first.hold();
    const registering = dave.update('register', ALICE, { timeoutMs: 60_000 });
    await until('the question to come', async () => first.asked.length > 0);
    const used = cluster.frontends.indexOf(dave.frontend ?? '');
    const name = `fe-${used + 1}`;
    await cluster.kill(name);
    first.release();
    await registering;
    expect((await dave.query('details')).value).to.deep.equal({ ...ALICE, ...OXFORD });
    await cluster.start(name);
  });

  it('takes its turn where one connection has too many of them under way', async () => {
    const crowd = await clientOf('erin', { pipeline: true, timeoutMs: 60_000 });
    first.hold();
    const many = 2 * LIMITS.connectionLookups;
    const registering = Array.from({ length: many }, () => crowd.update('register', ALICE));
    await until('the questions to come', async () => first.asked.length > 0);
    // An answer to this comes after the front end has taken in all that was sent before it.
    await crowd.query('details');
    expect(first.asked.length).to.be.at.most(LIMITS.connectionLookups);
    first.release();
    await Promise.all(registering);
  });

  it('is for the administrator only where the service says so', async () => {
    const error = await errorOf((await clientOf('alice')).update('setMotd', { text: 'Closed' }));
    expect(error).to.include({ code: 'UNAUTHORIZED', definite: true });
    const boss = await clientOf('boss');
    await boss.update('setMotd', { text: 'Open all night' });
    expect((await boss.query('motd')).value).to.deep.equal('Open all night');
  });

  it('that is refused has its place in the order, and its session goes on from there', async () => {
    const frank = await clientOf('frank');
    const places: number[] = [];
    for (const orderId of [77, 78]) {
      const { code, definite, timestamp } = await errorOf(frank.update('cancel', { orderId }));
      expect({ code, definite }).to.deep.equal({ code: 'REFUSED', definite: true });
      expect(frank.timestamp).to.deep.equal(timestamp);
      places.push(timestamp?.['!0'] ?? 0);
    }
    const [one = 0, other = 0] = places;
    expect(one).to.be.greaterThan(0);
    expect(other).to.be.greaterThan(one);
    const { timestamp } = await frank.query('orders');
    expect(timestamp['!0']).to.be.at.least(other);
  });

  it('cannot be completed by settings that the service does not have', async () => {
    const settings = { postcodesOi: first.url };
    const error = await errorOf(startCluster({ replicas: 1, service: hungry, settings }));
    expect(error).to.include({ code: 'INVALID' });
    expect(error.message).to.equal('service hungry has no use for the setting postcodesOi');
  });
});
