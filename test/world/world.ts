/** The simulator's world with what only tests need: real SQLite, clients that are moved, raw front ends. */

import type { SessionId } from '../../src/base/ids.js';
import type { ClientOptions } from '../../src/client/api.js';
import { World as SimulatedWorld, type WorldInit } from '../../src/sim/world.js';
import { openSqlDatabase } from '../../src/storage/sql-database.js';
import { RawFrontend } from './raw-frontend.js';
import { TravellingClient } from './travelling-client.js';

export class World extends SimulatedWorld {
  #nextTraveller = 1;

  constructor(init: WorldInit) {
    super(
      { trace: true, ...init },
      {
        openDatabase: openSqlDatabase,
        settled: () => new Promise((resolve) => setImmediate(resolve)),
      },
    );
  }

  /** A client that moves among these front ends (all when none is named) when it is told to. */
  async travellingClient(
    frontends: readonly string[] = [],
    options: ClientOptions = {},
  ): Promise<TravellingClient> {
    const name = `traveller-${this.#nextTraveller++}`;
    const random = this.random.child(name);
    const components = {
      scheduler: this.scheduler,
      random,
      transport: this.network.transport(name),
    };
    const session = `${name}-${random.nonce(6)}` as SessionId;
    const addresses = this.addressesOf(frontends);
    const client = new TravellingClient(components, addresses, session, options);
    await this.until(client.ready());
    return client;
  }

  /** A front end of the test's own making, connected to one replica. */
  rawFrontend(replica: string): Promise<RawFrontend> {
    return this.until(
      RawFrontend.connect({
        transport: this.network.transport('fe-raw'),
        address: this.replica(replica).address,
        service: this.init.service,
        members: this.replicas.map(({ name }) => name),
      }),
    );
  }
}
