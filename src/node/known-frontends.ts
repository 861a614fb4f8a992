/**
 * The front ends of the cluster, as the replicas tell them: each replica knows those connected to it,
 * and together they know all. What the last replica told is kept when that goes away, since a front end
 * that was there is a better guess than none.
 */

import { compareNames, type Name } from '../base/ids.js';
import type { MemberAddress } from '../wire/messages.js';
import type { LinkId } from './links.js';

export class KnownFrontends {
  readonly #self: () => MemberAddress;
  readonly #told = new Map<LinkId, readonly MemberAddress[]>();

  constructor(self: () => MemberAddress) {
    this.#self = self;
  }

  /** A replica told the front ends that it knows. */
  tell(link: LinkId, frontends: readonly MemberAddress[]): void {
    this.#told.set(link, frontends);
  }

  /** That replica went away. */
  forget(link: LinkId): void {
    if (this.#told.size > 1) this.#told.delete(link);
  }

  /** All of them by name, this one included. */
  list(): MemberAddress[] {
    const byName = new Map<Name, MemberAddress>();
    for (const frontends of this.#told.values()) {
      for (const frontend of frontends) byName.set(frontend.name, frontend);
    }
    const { name, address } = this.#self();
    byName.set(name, { name, address });
    return [...byName.values()].sort((one, other) => compareNames(one.name, other.name));
  }
}
