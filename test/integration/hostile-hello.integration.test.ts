/** Who says a proper hello that is none for here: told why, in words, and nobody else is disturbed. */

import { expect } from 'chai';
import type { Name } from '../../src/base/ids.js';
import type { Hello, Message, ReplicaHello } from '../../src/wire/messages.js';
import { HostileCluster, Witness } from './hostile-cluster.js';
import {
  CLIENT_HELLO,
  frontendHello,
  impostorHello,
  Peer,
  replicaHelloAt,
} from './hostile-peer.js';

describe('hellos that are none for here', function () {
  this.timeout(120_000);
  let cluster: HostileCluster;
  let witness: Witness;
  let replica: ReplicaHello;

  before(async () => {
    cluster = await HostileCluster.start();
    witness = new Witness(await cluster.connect(), 'witness');
    replica = await replicaHelloAt(cluster.part('rm-2').address);
  });

  afterEach(async () => {
    await witness.isServed();
    await cluster.isUnharmed();
  });

  after(async () => {
    await witness?.stop();
    await cluster?.close();
  });

  /** Says these messages and expects to be refused, in the same words as the log's. */
  async function expectRefusal(
    name: string,
    messages: readonly Message[],
    code: string,
    words: RegExp,
  ): Promise<void> {
    const part = cluster.part(name);
    const from = part.said.length;
    const peer = await Peer.dial(part.address);
    peer.send(...messages);
    const end = await peer.ended();
    expect(end).to.be.an('object').with.property('code', code);
    if (typeof end === 'object') expect(end.message).to.match(words);
    await part.says(words, from);
    const times = part.said
      .slice(from)
      .split('\n')
      .filter((line) => words.test(line)).length;
    expect(times, 'lines in the log').to.equal(1);
  }

  const inCluster = (
    hello: ReplicaHello,
    change: Partial<ReplicaHello['cluster']>,
  ): ReplicaHello => ({
    ...hello,
    cluster: { ...hello.cluster, ...change },
  });

  it('an unknown version of the protocol: VERSION, naming both', async () => {
    const words = /protocol 4 to 7 is spoken there, 3 to 3 here; upgrade the older side/;
    for (const hello of [CLIENT_HELLO, frontendHello(replica), replica] as Hello[]) {
      const strange = { ...hello, protocol: [4, 7] } as Hello;
      await expectRefusal('fe-1', [strange], 'VERSION', words);
      await expectRefusal('rm-2', [strange], 'VERSION', words);
    }
  });

  it('a client at a replica', async () => {
    const words = /rm-2 is a replica; clients connect to a front end/;
    await expectRefusal('rm-2', [CLIENT_HELLO], 'INVALID', words);
  });

  it('a client of another service', async () => {
    const words = /service kv is served here, not films/;
    await expectRefusal('fe-1', [{ ...CLIENT_HELLO, service: 'films' }], 'INVALID', words);
  });

  it('a replica or another front end at a front end', async () => {
    const words = /fe-1 is a front end; only clients connect to it/;
    await expectRefusal('fe-1', [impostorHello(replica, 'rm-1')], 'INVALID', words);
    await expectRefusal('fe-1', [frontendHello(replica)], 'INVALID', words);
  });

  it('somebody of another cluster, service or schema', async () => {
    const impostor = impostorHello(replica, 'rm-1');
    for (const hello of [impostor, frontendHello(replica)]) {
      const other = (change: Partial<ReplicaHello['cluster']>) =>
        [{ ...hello, cluster: { ...hello.cluster, ...change } } as Hello] as const;
      await expectRefusal('rm-2', other({ clusterId: 'feed' }), 'INVALID', /cluster feed there/);
      await expectRefusal(
        'rm-2',
        other({ service: 'films' }),
        'INVALID',
        /service films is served/,
      );
      await expectRefusal('rm-2', other({ schemaHash: 'beef' }), 'VERSION', /schema beef\) there/);
      await expectRefusal('rm-2', other({ serviceVersion: [8, 9] }), 'VERSION', /version 8 to 9/);
    }
    expect(inCluster(impostor, {}).cluster).to.deep.equal(replica.cluster);
  });

  it('a replica that is no member, or the replica itself', async () => {
    const words = /rm-7 is none of rm-2's other members \(rm-1, rm-3\)/;
    await expectRefusal('rm-2', [impostorHello(replica, 'rm-7')], 'INVALID', words);
    const itself = /rm-2 is none of rm-2's other members/;
    await expectRefusal('rm-2', [impostorHello(replica, 'rm-2')], 'INVALID', itself);
  });

  it('a replica that began with another state', async () => {
    const hello = { ...impostorHello(replica, 'rm-1'), initialHash: 'cafe' };
    const words = /rm-1 began with state cafe, rm-2 with [0-9a-f]{32}; start all replicas/;
    await expectRefusal('rm-2', [hello], 'INVALID', words);
  });

  it('a member that this replica dials itself', async () => {
    const words = /rm-3 does not dial rm-2, rm-2 dials rm-3/;
    await expectRefusal('rm-2', [impostorHello(replica, 'rm-3')], 'UNAVAILABLE', words);
  });

  it('a second hello', async () => {
    const words = /a second hello/;
    await expectRefusal('fe-1', [CLIENT_HELLO, CLIENT_HELLO], 'INVALID', words);
    const hello = frontendHello(replica);
    await expectRefusal('rm-2', [hello, hello], 'INVALID', words);
    // The same of one front end would not be said again within a minute.
    const another = { ...hello, name: 'fe-8' as Name };
    await expectRefusal('rm-2', [another, impostorHello(replica, 'rm-1')], 'INVALID', words);
  });

  it('a front end that calls itself as a replica does no harm', async () => {
    const hello = { ...frontendHello(replica), name: 'rm-1' as Name };
    const peer = await Peer.greet(cluster.part('rm-2').address, hello);
    await peer.first('heartbeat');
    peer.close();
  });

  it('an impostor of a member is gone when the member comes back, and gossip goes on', async () => {
    const { address } = cluster.part('rm-2');
    const from = cluster.part('rm-2').said.length;
    const impostor = await Peer.greet(address, impostorHello(replica, 'rm-1'));
    // The real rm-1 is told that it was replaced, dials again, and replaces the impostor.
    expect(await impostor.ended()).to.deep.equal({
      code: 'UNAVAILABLE',
      message: 'a newer connection of rm-1 takes the place of this one',
    });
    await cluster.part('rm-2').says(/a newer connection of rm-1 takes the place/, from);
    const client = await cluster.connect();
    await client.update('set', { key: 'after', value: 1 });
    // rm-2 holds it, by gossip or by request: it says so to whoever asks for all states.
    for (;;) {
      const { members } = await client.status({ hash: true });
      if (new Set(members.map(({ stateHash }) => stateHash)).size === 1) break;
    }
  });
});
