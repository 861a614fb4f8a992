/** Asking for a snapshot, and being told to end meanwhile. */

import { expect } from 'chai';
import type { Name } from '../../src/base/ids.js';
import { Joiner } from '../../src/node/join.js';
import { kv } from '../../src/service/kv/kv.js';
import { MemoryWorld } from '../transport/memory-world.js';
import { FakeReplica } from './fake-replica.js';

describe('joining a cluster', () => {
  it('asks for nothing once it was stopped, also where an answer is on its way', async () => {
    const world = new MemoryWorld();
    const { scheduler, network } = world;
    const transport = network.transport('rm-1');
    const member = new FakeReplica({ name: 'rm-1', transport, scheduler, service: kv });
    await member.start();
    const joiner = new Joiner({
      ...{ transport: network.transport('rm-2'), scheduler, service: kv, name: 'rm-2' as Name },
      ...{ initialHash: null, replaces: false, clusterId: null },
      seeds: { addresses: () => [member.address], refresh: () => {} },
    });
    const joining = joiner.join();
    await world.until(() => member.received.length > 0, 'rm-1 hears of rm-2');
    joiner.stop();
    await world.passMs(60_000);
    expect(await joining).to.equal(null);
    expect(member.received.map(({ kind }) => kind)).to.deep.equal(['hello']);
  });
});
