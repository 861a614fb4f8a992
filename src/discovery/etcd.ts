/**
 * Discovery by etcd: processes register under a lease at `PREFIX/replicas/NAME` and
 * `PREFIX/frontends/NAME`, the value being `HOST:PORT`, and watch those they look for. etcd is asked for
 * nothing else: while it is away, everything goes on with what is known.
 */

import type { Random } from '../base/random.js';
import type { Discovery, Registration } from '../ports/discovery.js';
import type { Scheduler } from '../ports/scheduler.js';
import { parseAddress } from '../transport/address.js';
import type { EtcdEntry } from './etcd-answers.js';
import { EtcdGateway, type PostJson } from './etcd-gateway.js';
import { EtcdRegistration } from './etcd-registration.js';
import { EtcdView } from './etcd-view.js';
import { FirstLook } from './first-look.js';
import { Pause } from './pause.js';
import { shuffled } from './shuffled.js';
import { type Say, Trouble } from './trouble.js';

/** A process that died without a word is listed for so long. Restarts of etcd take less. */
const LEASE_SECONDS = 10;

const FOLDERS = { replica: 'replicas', frontend: 'frontends' } as const;
const WORDS = { replica: 'replicas', frontend: 'front ends' } as const;

export interface EtcdComponents {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly post: PostJson;
  readonly say: Say;
}

export interface EtcdInit {
  /** `HOST:PORT` of etcd, at least one. */
  readonly hosts: readonly string[];
  readonly prefix: string;
  /** Whose addresses are looked for. */
  readonly seeks: Registration['kind'];
  /** @default 10 */
  readonly leaseSeconds?: number;
}

export class EtcdDiscovery implements Discovery {
  readonly #components: EtcdComponents;
  readonly #init: EtcdInit;
  readonly #gateway: EtcdGateway;
  readonly #pause: Pause;
  readonly #viewTrouble: Trouble;
  readonly #keyTrouble: Trouble;
  readonly #view: EtcdView;
  #registration: EtcdRegistration | null = null;
  #ownKey: string | null = null;
  #addresses: readonly string[] = [];
  readonly #first = new FirstLook();

  constructor(components: EtcdComponents, init: EtcdInit) {
    const { say } = components;
    this.#components = components;
    this.#init = init;
    this.#gateway = new EtcdGateway({ ...components, hosts: init.hosts });
    this.#pause = new Pause(components);
    this.#viewTrouble = new Trouble(`look up ${WORDS[init.seeks]} in etcd`, say);
    this.#keyTrouble = new Trouble('use all that is in etcd', say);
    this.#view = new EtcdView({
      gateway: this.#gateway,
      prefix: `${init.prefix}/${FOLDERS[init.seeks]}/`,
      pause: this.#pause,
      trouble: this.#viewTrouble,
      onEntries: (entries) => this.#onEntries(entries),
    });
  }

  addresses(): readonly string[] {
    return this.#addresses;
  }

  firstLook(): Promise<void> {
    return this.#first.made;
  }

  get trouble(): string | null {
    return this.#viewTrouble.words ?? this.#keyTrouble.words;
  }

  refresh(): void {
    this.#pause.hurry();
  }

  register({ kind, name, address }: Registration): void {
    const { prefix, leaseSeconds = LEASE_SECONDS } = this.#init;
    this.#ownKey = `${prefix}/${FOLDERS[kind]}/${name}`;
    this.#registration = new EtcdRegistration({
      gateway: this.#gateway,
      key: this.#ownKey,
      address,
      leaseSeconds,
      pause: new Pause(this.#components),
      trouble: new Trouble(`register ${name} in etcd`, this.#components.say),
    });
  }

  async close(): Promise<void> {
    const closing = Promise.all([this.#view.close(), this.#registration?.close() ?? null]);
    this.#gateway.close();
    this.#first.make();
    await closing;
  }

  #onEntries(entries: Iterable<EtcdEntry>): void {
    const addresses: string[] = [];
    let wrong: EtcdEntry | null = null;
    for (const entry of entries) {
      if (entry.key === this.#ownKey) continue;
      if (parseAddress(entry.value) === null) wrong = entry;
      else addresses.push(entry.value);
    }
    if (wrong === null) this.#keyTrouble.ended();
    else {
      const { key, value } = wrong;
      const why = `${key} holds ${JSON.stringify(value.slice(0, 80))}, which is no HOST:PORT`;
      this.#keyTrouble.began(new Error(why), 'the other keys are used');
    }
    this.#take(addresses);
    this.#first.make();
  }

  /** Nobody at all is more likely etcd's loss than the end of everybody. */
  #take(addresses: readonly string[]): void {
    const known = new Set(this.#addresses);
    const isSame = addresses.length === known.size && addresses.every((each) => known.has(each));
    if (addresses.length === 0 || isSame) return;
    this.#addresses = shuffled(addresses, this.#components.random);
  }
}
