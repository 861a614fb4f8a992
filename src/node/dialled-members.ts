/** The connections that a process dials and keeps, and the member that must be at the end of each. */

import type { Name } from '../base/ids.js';
import type { KeepConnected } from '../ports/transport.js';
import type { Hello, MemberAddress } from '../wire/messages.js';
import type { LinkId, Links } from './links.js';

export interface DialledMembersInit {
  readonly keepConnected: KeepConnected;
  readonly links: Links;
  /** What is said first on each connection. */
  readonly hello: () => Hello;
}

export class DialledMembers {
  readonly #init: DialledMembersInit;
  readonly #names = new Map<LinkId, Name>();
  readonly #dialers: { stop(): void }[] = [];

  constructor(init: DialledMembersInit) {
    this.#init = init;
  }

  /** Keeps a connection to each of these, until `stop`. */
  dial(members: Iterable<MemberAddress>): void {
    const { keepConnected, links, hello } = this.#init;
    for (const { name, address } of members) {
      const dialer = keepConnected(address, (connection) => {
        const link = links.add(connection);
        this.#names.set(link, name);
        links.send(link, hello());
      });
      this.#dialers.push(dialer);
    }
  }

  /** Who must be at the other end; null for a connection that somebody else dialled. */
  expectedAt(link: LinkId): Name | null {
    return this.#names.get(link) ?? null;
  }

  /** The connection has ended; answers whether it was one of these. */
  forget(link: LinkId): boolean {
    return this.#names.delete(link);
  }

  stop(): void {
    for (const dialer of this.#dialers) dialer.stop();
  }
}
