/** A front end's machine. It keeps nothing that outlives the process. */

import type { Name } from '../base/ids.js';
import { FrontendDriver } from '../node/frontend-driver.js';
import { Host, type Surroundings } from './host.js';

export class FrontendHost extends Host {
  readonly address: string;
  #driver: FrontendDriver | null = null;

  constructor(surroundings: Surroundings, name: Name) {
    super(surroundings, name);
    this.address = `${name}:7100`;
  }

  /** The process that runs, or null. */
  get driver(): FrontendDriver | null {
    return this.#driver;
  }

  async start(): Promise<void> {
    const { name } = this;
    const { random, service, outside, members, discovery, trace } = this.surroundings;
    const { transportOf, keepConnected, sinkOf } = this.surroundings;
    const scheduler = this.begin();
    const transport = transportOf(name);
    this.#driver = new FrontendDriver(
      {
        scheduler,
        random: random.child(name),
        transport,
        keepConnected: keepConnected(name, transport, scheduler),
        discovery,
        service,
        outside,
        sink: sinkOf(name),
      },
      { name, members, listen: this.address, pid: 1, trace, administrator: 'admin' },
    );
    await this.#driver.start();
  }

  /** The process dies. */
  crash(): void {
    this.end();
    void this.#driver?.close();
    this.#driver = null;
  }

  /** The process ends as on SIGTERM. */
  async shutDown(): Promise<void> {
    const driver = this.#driver;
    this.#driver = null;
    await driver?.close();
    this.end();
  }
}
