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

interface Dialled {
  readonly address: string;
  readonly dialer: { stop(): void };
  /** The connection that there is now. */
  link: LinkId | null;
}

export class DialledMembers {
  readonly #init: DialledMembersInit;
  readonly #dialled = new Map<Name, Dialled>();
  readonly #names = new Map<LinkId, Name>();

  constructor(init: DialledMembersInit) {
    this.#init = init;
  }

  /**
   * Keeps a connection to each of these, at these addresses, and to no others. One that is there is not
   * ended for that: it is not dialled again once it has ended.
   */
  dial(members: Iterable<MemberAddress>): void {
    const wanted = new Map([...members].map(({ name, address }) => [name, address]));
    for (const [name, { address, dialer, link }] of this.#dialled) {
      if (link !== null || wanted.get(name) === address) continue;
      dialer.stop();
      this.#dialled.delete(name);
    }
    for (const [name, address] of wanted) {
      if (!this.#dialled.has(name)) this.#begin(name, address);
    }
  }

  #begin(name: Name, address: string): void {
    const { keepConnected, links, hello } = this.#init;
    const dialer = keepConnected(address, (connection) => {
      const link = links.add(connection);
      this.#names.set(link, name);
      const dialled = this.#dialled.get(name);
      if (dialled !== undefined) dialled.link = link;
      // Also of one that ends before its hello, of which nobody else is told.
      const { onClose } = connection;
      connection.onClose = (error) => {
        onClose(error);
        this.forget(link);
        if (dialled?.link === link) dialled.link = null;
      };
      links.send(link, hello());
    });
    this.#dialled.set(name, { address, dialer, link: null });
  }

  /** The connection that was dialled to it and stands, greeted or not; null while there is none. */
  linkTo(name: Name): LinkId | null {
    return this.#dialled.get(name)?.link ?? null;
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
    for (const { dialer } of this.#dialled.values()) dialer.stop();
  }
}
