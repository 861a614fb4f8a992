/**
 * A name with several addresses, such as a headless service: all of them, A and AAAA, with one port.
 * The name is looked up again every few seconds. One lookup at a time: the system's resolver cannot be
 * told to give up, and each one that hangs keeps a thread from reading and writing files.
 */

import type { Random } from '../base/random.js';
import type { Discovery } from '../ports/discovery.js';
import type { Scheduler } from '../ports/scheduler.js';
import { formatAddress, type HostAndPort } from '../transport/address.js';
import { FirstLook } from './first-look.js';
import { Pause } from './pause.js';
import { shuffled } from './shuffled.js';
import { type Say, Trouble } from './trouble.js';

/** Between two lookups that went well. What names resolve to changes within seconds. */
const LOOKUP_INTERVAL_MS = 5000;

/** All addresses of a host name; rejects with an Error in words. */
export type Lookup = (host: string) => Promise<readonly string[]>;

export interface DnsComponents {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly lookup: Lookup;
  readonly say: Say;
}

export class DnsName implements Discovery {
  readonly #name: HostAndPort;
  readonly #components: DnsComponents;
  readonly #pause: Pause;
  readonly #trouble: Trouble;
  #addresses: readonly string[] = [];
  #isClosed = false;
  readonly #first = new FirstLook();

  constructor(name: HostAndPort, components: DnsComponents) {
    this.#name = name;
    this.#components = components;
    this.#pause = new Pause(components);
    this.#trouble = new Trouble(`look up ${name.host}`, components.say);
    void this.#run();
  }

  addresses(): readonly string[] {
    return this.#addresses;
  }

  firstLook(): Promise<void> {
    return this.#first.made;
  }

  get trouble(): string | null {
    return this.#trouble.words;
  }

  refresh(): void {
    this.#pause.hurry();
  }

  register(): void {}

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#pause.end();
    this.#first.make();
  }

  async #run(): Promise<void> {
    const { host, port } = this.#name;
    while (!this.#isClosed) {
      try {
        // A name without addresses is not known at all: that is an answer as well.
        const found = await this.#components.lookup(host).finally(() => this.#first.make());
        if (found.length === 0) throw new Error('it has no address');
        if (this.#isClosed) return;
        const { random } = this.#components;
        this.#addresses = shuffled(found, random).map((each) =>
          formatAddress({ host: each, port }),
        );
        this.#trouble.ended();
        this.#pause.reset();
        await this.#pause.usual(LOOKUP_INTERVAL_MS);
      } catch (error) {
        if (this.#isClosed) return;
        this.#trouble.began(error, this.#consequence);
        await this.#pause.afterFailure();
      }
    }
  }

  get #consequence(): string {
    const known = this.#addresses.length;
    return known === 0 ? 'trying on' : `going on with the ${known} addresses it had, trying on`;
  }
}
