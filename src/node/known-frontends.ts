/**
 * The front ends of the cluster, as the replicas tell them: each replica knows those connected to it,
 * and together they know all. What the last replica told is kept when that goes away, since a front end
 * that was there is a better guess than none.
 */

import { compareNames, type Name } from '../base/ids.js';
import { LIMITS } from '../base/limits.js';
import type { MemberAddress } from '../wire/messages.js';
import type { LinkId } from './links.js';

export class KnownFrontends {
  readonly #self: () => MemberAddress;
  readonly #told = new Map<LinkId, readonly MemberAddress[]>();
  /** What the last replica had told, while none that tells anything is connected. */
  #leftOver: readonly MemberAddress[] = [];

  constructor(self: () => MemberAddress) {
    this.#self = self;
  }

  /** A replica told the front ends that it knows. */
  tell(link: LinkId, frontends: readonly MemberAddress[]): void {
    this.#told.set(link, frontends);
    this.#leftOver = [];
  }

  /** That replica went away. */
  forget(link: LinkId): void {
    const told = this.#told.get(link);
    this.#told.delete(link);
    if (told !== undefined && this.#told.size === 0) this.#leftOver = told;
  }

  /** All of them by name, this one included. */
  list(): MemberAddress[] {
    const { name, address } = this.#self();
    const byName = new Map<Name, MemberAddress>([[name, { name, address }]]);
    for (const frontends of [...this.#told.values(), this.#leftOver]) {
      for (const frontend of frontends) {
        if (byName.size === LIMITS.frontendsTold) break;
        if (frontend.name !== name) byName.set(frontend.name, frontend);
      }
    }
    return [...byName.values()].sort((one, other) => compareNames(one.name, other.name));
  }
}
