/** Addresses that a person gave: they are what is known, and nothing else ever will be. */

import type { Discovery } from '../ports/discovery.js';

export class SeedList implements Discovery {
  readonly trouble = null;
  readonly #addresses: readonly string[];

  constructor(addresses: readonly string[]) {
    this.#addresses = addresses;
  }

  addresses(): readonly string[] {
    return this.#addresses;
  }

  async firstLook(): Promise<void> {}

  refresh(): void {}

  register(): void {}

  async close(): Promise<void> {}
}
