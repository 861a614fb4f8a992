/** Builds the kind of discovery that a text asks for, with the real network. */

import type { Random } from '../base/random.js';
import type { Discovery, Registration } from '../ports/discovery.js';
import type { Scheduler } from '../ports/scheduler.js';
import { DnsName } from './dns-name.js';
import { EtcdDiscovery } from './etcd.js';
import { lookupHost, postJson } from './network.js';
import { readPlace } from './place.js';
import { SeedList } from './seed-list.js';
import type { Say } from './trouble.js';

export interface OpenComponents {
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** Told of what begins to go wrong with finding others, and when it is over. */
  readonly say: Say;
}

/**
 * Begins to look for replicas or front ends at once and never fails later: what cannot be reached is
 * tried again until `close`.
 *
 * @param text `HOST:PORT,…`, `dns://NAME:PORT` or `etcd://HOST:PORT,…/PREFIX`.
 * @throws HearsayError INVALID when it is none of these.
 */
export function openDiscovery(
  text: string,
  seeks: Registration['kind'],
  components: OpenComponents,
): Discovery {
  const place = readPlace('where to look', text);
  switch (place.kind) {
    case 'seeds':
      return new SeedList(place.addresses);
    case 'dns':
      return new DnsName(place.name, { ...components, lookup: lookupHost });
    case 'etcd': {
      const { hosts, prefix } = place;
      return new EtcdDiscovery({ ...components, post: postJson }, { hosts, prefix, seeks });
    }
  }
}
