/** A client's machine: the library as it ships, which can vanish in the middle of anything. */

import type { Name } from '../base/ids.js';
import type { ClientComponents, SessionClient } from '../client/client-driver.js';
import { Host, type Surroundings } from './host.js';

export class ClientHost extends Host {
  readonly client: SessionClient;

  constructor(
    surroundings: Surroundings,
    name: Name,
    make: (components: ClientComponents) => SessionClient,
  ) {
    super(surroundings, name);
    this.client = make({
      scheduler: this.begin(),
      random: surroundings.random.child(name),
      transport: surroundings.transportOf(name),
    });
  }

  /** The process is killed: nobody hears how its requests end. */
  vanish(): void {
    this.end();
  }

  /** Ends the connection to its front end as a broken wire would; it finds another one. */
  breakConnection(): void {
    this.surroundings.network.breakConnectionsOf(this.name);
  }
}
