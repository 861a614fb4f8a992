/** A front end, replicas that say what a test wants, and clients, in memory and virtual time. */

import type { Name, SessionId } from '../../src/base/ids.js';
import { SeededRandom } from '../../src/base/random.js';
import { SessionClient } from '../../src/client/client-driver.js';
import { SeedList } from '../../src/discovery/seed-list.js';
import { FrontendDriver } from '../../src/node/frontend-driver.js';
import { serviceByName } from '../../src/service/registry.js';
import { VirtualScheduler } from '../../src/sim/virtual-scheduler.js';
import { keepConnected } from '../../src/transport/dialer.js';
import { MemoryNetwork } from '../../src/transport/memory-transport.js';
import { passing } from '../sim/passing.js';
import { configurationOf, FakeReplica } from './fake-replica.js';

const kv = serviceByName('kv');

export class FrontendWorld {
  readonly scheduler = new VirtualScheduler();
  readonly random = new SeededRandom(1);
  readonly network = new MemoryNetwork({ scheduler: this.scheduler, random: this.random });
  /** What front ends say, and of that the warnings. */
  readonly said: string[] = [];
  readonly warnings: string[] = [];
  /** What is closed in the end, in this order. */
  readonly running: { close(): Promise<void> }[] = [];

  async close(): Promise<void> {
    for (const each of this.running) await this.passing(each.close());
  }

  async frontend(join: readonly string[], name = 'fe-1'): Promise<FrontendDriver> {
    const { scheduler, random } = this;
    const transport = this.network.transport(name);
    const driver = new FrontendDriver(
      {
        scheduler,
        random,
        transport,
        keepConnected: (address, onConnection) =>
          keepConnected({ transport, address, scheduler, random, onConnection }),
        discovery: new SeedList(join),
        service: kv,
        outside: { get: () => Promise.reject(new Error('none')), settings: {} },
        sink: {
          trace: () => {},
          say: (level, words) => {
            this.said.push(words);
            if (level === 'warn') this.warnings.push(words);
          },
        },
      },
      {
        name: name as Name,
        members: [],
        listen: `${name}:7100`,
        pid: 7,
        trace: false,
        administrator: 'admin',
      },
    );
    this.running.push(driver);
    await driver.start();
    return driver;
  }

  replica(name: string, init: { clusterId?: string; service?: string } = {}): FakeReplica {
    const { service = 'kv', ...rest } = init;
    const { scheduler } = this;
    const transport = this.network.transport(name);
    return new FakeReplica({
      name,
      transport,
      scheduler,
      service: serviceByName(service),
      ...rest,
    });
  }

  /** Replicas that run and tell front ends that they are the members of epoch 1. */
  async members(...names: string[]): Promise<FakeReplica[]> {
    const replicas = names.map((name) => this.replica(name));
    for (const each of replicas) {
      each.configuration = configurationOf(1, names);
      await each.start();
    }
    return replicas;
  }

  async client(addresses = ['fe-1:7100']): Promise<SessionClient> {
    const { scheduler, random } = this;
    const components = { scheduler, random, transport: this.network.transport('client') };
    const made = new SessionClient(components, addresses, 'session-1' as SessionId, {});
    this.running.push(made);
    await this.passing(made.ready());
    return made;
  }

  /** Virtual time passes until this is settled. */
  passing<Value>(promise: Promise<Value>): Promise<Value> {
    return passing(this.scheduler, promise);
  }

  wait(ms: number): Promise<void> {
    return this.passing(new Promise((resolve) => void this.scheduler.after(ms, resolve)));
  }
}
