/**
 * Keeps one key in etcd under a lease, so that it goes when this process does: `PREFIX/replicas/NAME` with
 * the address as its value. The lease is renewed and the key looked at three times in the lease's time;
 * whatever happened to either, an etcd that lost all its data included, both are there again soon.
 *
 * A key that another process holds is left alone: which of two of one name is right, the cluster
 * decides. Only what an earlier start of this very process left, at the same address, is taken over.
 */

import type { EtcdGateway } from './etcd-gateway.js';
import type { Pause } from './pause.js';
import type { Trouble } from './trouble.js';

export interface EtcdRegistrationInit {
  readonly gateway: EtcdGateway;
  readonly key: string;
  /** `HOST:PORT`. */
  readonly address: string;
  readonly leaseSeconds: number;
  readonly pause: Pause;
  readonly trouble: Trouble;
}

export class EtcdRegistration {
  readonly #init: EtcdRegistrationInit;
  readonly #ended: Promise<void>;
  /** Null until there is one, and when the last one is over. */
  #lease: string | null = null;
  #hasHeldKey = false;
  #isClosed = false;

  /** Begins to register at once. */
  constructor(init: EtcdRegistrationInit) {
    this.#init = init;
    this.#ended = this.#run();
  }

  /**
   * Ends the loop, then takes the key back, within a second or not at all. What the loop has under way
   * the gateway must give up.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#init.pause.end();
    await this.#ended;
    // Where etcd is away the lease runs out by itself.
    if (this.#lease !== null) await this.#init.gateway.revoke(this.#lease).catch(() => {});
  }

  async #run(): Promise<void> {
    const { pause, trouble, leaseSeconds } = this.#init;
    while (!this.#isClosed) {
      try {
        await this.#holdKey(await this.#liveLease());
        trouble.ended();
        pause.reset();
        if (!this.#isClosed) await pause.usual((leaseSeconds * 1000) / 3);
      } catch (error) {
        if (this.#isClosed) return;
        trouble.began(error, 'everything else goes on, trying on');
        await pause.afterFailure();
      }
    }
  }

  /** The lease, renewed; another one when it is over. */
  async #liveLease(): Promise<string> {
    const { gateway, leaseSeconds } = this.#init;
    if (this.#lease !== null && !(await gateway.keepAlive(this.#lease))) this.#lease = null;
    this.#lease ??= await gateway.grant(leaseSeconds);
    return this.#lease;
  }

  /** Makes sure that the key is this process's. Throws an Error in words when it cannot be. */
  async #holdKey(lease: string): Promise<void> {
    const { gateway, key, address, leaseSeconds } = this.#init;
    const found = await gateway.entryAt(key);
    const isEarlierSelf = found?.value === address && !this.#hasHeldKey;
    if (found !== null && found.lease !== lease && !isEarlierSelf) {
      throw new Error(
        `another process has registered that name, at ${found.value}; if it is gone, its ` +
          `registration ends within ${leaseSeconds} s; if it lives, give one of the two another name`,
      );
    }
    if (found?.lease !== lease || found.value !== address) {
      const modRevision = found?.modRevision ?? '0';
      if (!(await gateway.putIfUnchanged({ key, value: address, lease, modRevision }))) {
        throw new Error('another process registers that name at the same time');
      }
    }
    this.#hasHeldKey = true;
  }
}
