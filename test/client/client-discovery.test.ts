/** A client whose front ends are found: the list is empty at first, and changes. */

import { expect } from 'chai';
import type { Name, SessionId } from '../../src/base/ids.js';
import { SeededRandom } from '../../src/base/random.js';
import { SessionClient } from '../../src/client/client-driver.js';
import type { Discovery } from '../../src/ports/discovery.js';
import type { Connection, Listener } from '../../src/ports/transport.js';
import { VirtualScheduler } from '../../src/sim/virtual-scheduler.js';
import { MemoryNetwork } from '../../src/transport/memory-transport.js';
import { encodeFrames, PROTOCOL_VERSIONS } from '../../src/wire/codec.js';
import type { FrontendHello } from '../../src/wire/messages.js';

class FakeDiscovery implements Discovery {
  named: readonly string[] = [];
  trouble: string | null = null;
  refreshes = 0;
  isClosed = false;

  addresses(): readonly string[] {
    return this.named;
  }

  async firstLook(): Promise<void> {}

  refresh(): void {
    this.refreshes++;
  }

  register(): void {}

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

const helloOf = (name: string): FrontendHello => ({
  kind: 'hello',
  role: 'frontend',
  protocol: PROTOCOL_VERSIONS,
  name: name as Name,
  address: `${name}:1`,
  cluster: {
    clusterId: 'c',
    generation: 0,
    epoch: 1,
    service: 'shop',
    serviceVersion: [1, 1],
    schemaHash: '',
  },
  operations: [],
});

describe('a client whose front ends are found', () => {
  let scheduler: VirtualScheduler;
  let network: MemoryNetwork;
  let discovery: FakeDiscovery;
  let client: SessionClient;
  /** The listener of each front end, and its connections. */
  let served: Map<string, { listener: Listener; connections: Connection[] }>;

  beforeEach(() => {
    scheduler = new VirtualScheduler();
    const random = new SeededRandom(1);
    network = new MemoryNetwork({ scheduler, random });
    discovery = new FakeDiscovery();
    served = new Map();
    const transport = network.transport('client');
    client = new SessionClient(
      { scheduler, random, transport, discovery },
      [],
      'session-1' as SessionId,
      { timeoutMs: 3000 },
    );
  });

  afterEach(async () => {
    const closing = client.close();
    await passMs(5000);
    await closing;
    expect(discovery.isClosed).to.equal(true);
  });

  async function serve(name: string): Promise<void> {
    const connections: Connection[] = [];
    const listener = await network.transport(name).listen({
      address: `${name}:1`,
      onConnection: (connection) => {
        connections.push(connection);
        connection.onClose = () => {};
        connection.onFrame = () => {
          connection.accepted();
          for (const frame of encodeFrames([helloOf(name)])) connection.send(frame);
        };
      },
    });
    served.set(name, { listener, connections });
  }

  async function stop(name: string): Promise<void> {
    const { listener, connections = [] } = served.get(name) ?? {};
    for (const each of connections) each.close({ kind: 'going-away', message: 'gone' });
    await passMs(100);
    void listener?.close();
  }

  async function passMs(durationMs: number): Promise<void> {
    const untilMs = scheduler.monotonicMs() + durationMs;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const dueMs = scheduler.nextDueMs();
      if (dueMs === null || dueMs > untilMs) break;
      scheduler.runNext();
    }
    scheduler.runUntil(untilMs);
  }

  it('connects once somebody is named', async () => {
    await serve('fe-1');
    const ready = client.ready();
    await passMs(1000);
    expect(client.frontend).to.equal(null);
    discovery.named = ['fe-1:1'];
    await passMs(1500);
    await ready;
    expect(client.frontend).to.equal('fe-1:1');
  });

  it('says why nobody is known when it gives up', async () => {
    discovery.trouble = 'cannot look up front ends in etcd: nothing listens at e1:2379';
    const failure = client.ready().catch((error: unknown) => error);
    await passMs(4000);
    expect(await failure).to.include({
      code: 'UNAVAILABLE',
      message: 'no front end: cannot look up front ends in etcd: nothing listens at e1:2379',
    });
  });

  it('says that nobody is registered when it gives up', async () => {
    const failure = client.ready().catch((error: unknown) => error);
    await passMs(4000);
    expect(await failure).to.include({ message: 'no front end: none is known yet' });
  });

  it('goes to one that was not there at the start, and asks for news when one goes away', async () => {
    await serve('fe-1');
    discovery.named = ['fe-1:1'];
    await passMs(1000);
    expect(client.frontend).to.equal('fe-1:1');
    await serve('fe-2');
    discovery.named = ['fe-2:1'];
    const before = discovery.refreshes;
    await stop('fe-1');
    await passMs(3000);
    expect(discovery.refreshes).to.be.greaterThan(before);
    expect(client.frontend).to.equal('fe-2:1');
  });
});
