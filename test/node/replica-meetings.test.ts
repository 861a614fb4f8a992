/** Whom a replica asks, and whom it dials, while members of its cluster are lost. */

import { expect } from 'chai';
import { foundedCluster } from '../../src/node/handshake.js';
import { Links } from '../../src/node/links.js';
import { ReplicaMeetings } from '../../src/node/replica-meetings.js';
import type { Transport } from '../../src/ports/transport.js';
import { kv } from '../../src/service/kv/kv.js';
import { MembershipCluster } from '../replica/membership-cluster.js';
import { MemoryWorld } from '../transport/memory-world.js';
import { configurationOf, FakeReplica } from './fake-replica.js';

/** As a driver calls it; a little off, so that no two things are due at the same moment. */
const FOLLOW_EVERY_MS = 1001;
/** What a transport allows a dial to a silent machine. */
const SILENT_MS = 5000;

describe('meetings of a replica whose members are lost', () => {
  let world: MemoryWorld;
  /** Addresses that are dialled now. */
  let dialled: Set<string>;

  beforeEach(() => {
    world = new MemoryWorld();
    dialled = new Set();
  });

  /** Those of rm-1, which cannot reach rm-2 and rm-3. */
  function meet(addresses: readonly string[], transport: Transport): void {
    const { scheduler } = world;
    const cluster = new MembershipCluster();
    cluster.found('rm-1');
    cluster.join('rm-2');
    cluster.join('rm-3');
    cluster.settleAt('rm-1', 'rm-2', 'rm-3');
    cluster.crash('rm-2');
    cluster.crash('rm-3');
    cluster.run(100);
    const made = new ReplicaMeetings({
      introduction: {
        state: cluster.core('rm-1'),
        cluster: foundedCluster(kv, 'c', 0),
        initialHash: 'h',
        members: null,
        address: () => 'rm-1:7200',
      },
      links: new Links({
        onHello: () => null,
        onMessage: () => {},
        onDown: () => {},
        onTrouble: () => {},
        onDirty: () => {},
      }),
      keepConnected: (address) => {
        dialled.add(address);
        return { stop: () => dialled.delete(address) };
      },
      ...{ transport, scheduler, service: kv },
      seeds: { addresses: () => addresses, refresh: () => {} },
      onLinkUp: () => {},
    });
    const follow = (): void => {
      made.follow();
      scheduler.after(FOLLOW_EVERY_MS, follow);
    };
    follow();
  }

  it('ask every seed, however long a silent one takes', async () => {
    const asked = new Map<string, number>();
    const transport: Transport = {
      listen: () => Promise.reject(new Error('nobody listens here')),
      dial: (address) => {
        asked.set(address, (asked.get(address) ?? 0) + 1);
        return new Promise((_, reject) => {
          world.scheduler.after(address === 'silent:1' ? SILENT_MS : 1, () =>
            reject(new Error('nobody is there')),
          );
        });
      },
    };
    meet(['first:1', 'silent:1', 'last:1'], transport);
    await world.passMs(100_000);
    expect(asked.get('first:1')).to.be.above(10);
    expect(asked.get('last:1')).to.be.above(10);
  });

  it('dial who is no member as long as a seed has named it lately, and no longer', async () => {
    const { scheduler, network } = world;
    const seed = new FakeReplica({
      ...{ name: 'rm-9', transport: network.transport('rm-9'), scheduler },
      ...{ service: kv, clusterId: 'c' },
    });
    seed.configuration = configurationOf(1, ['rm-8', 'rm-9']);
    await seed.start();
    meet([seed.address], network.transport('rm-1'));
    await world.passMs(90_000);
    expect([...dialled]).to.include.members(['rm-8:7200', 'rm-9:7200']);
    seed.configuration = configurationOf(2, ['rm-9']);
    await world.passMs(90_000);
    expect([...dialled])
      .to.include('rm-9:7200')
      .and.not.to.include('rm-8:7200');
    await seed.stop();
    await world.passMs(90_000);
    expect([...dialled]).not.to.include('rm-9:7200');
  });
});
