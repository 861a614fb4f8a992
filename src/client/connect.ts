/** `connect`: the library's way in, with the real network and clock. */

import { nanoid } from 'nanoid';
import { HearsayError } from '../base/errors.js';
import type { SessionId } from '../base/ids.js';
import { openDiscovery } from '../discovery/open.js';
import { RealScheduler, SystemRandom } from '../node/system.js';
import { WebSocketTransport } from '../transport/ws-transport.js';
import type { Client, ClientOptions } from './api.js';
import { SessionClient } from './client-driver.js';

/** What finds front ends, as against an address of one. */
const PLACE = /^(?!ws:)[a-z][a-z0-9+.-]*:\/\//i;

/**
 * Connects to the first of several front ends that answers and begins a session there. The client moves
 * to another one when its own goes away, and keeps its session's guarantees.
 *
 * @param where `ws://HOST:PORT` of front ends; or where they are found, which is asked for as long as the
 *   client is open: `dns://NAME:PORT` or `etcd://HOST:PORT,…/PREFIX`.
 * @throws HearsayError UNAVAILABLE when none answers within `timeoutMs`, VERSION or INVALID when it
 *   refuses this client, INVALID when `where` cannot be read.
 */
export async function connect(
  where: string | readonly string[],
  options: ClientOptions = {},
): Promise<Client> {
  const urls = typeof where === 'string' ? [where] : where;
  if (urls.length === 0) throw new HearsayError('INVALID', 'no front end was named');
  const components = {
    scheduler: new RealScheduler(),
    random: new SystemRandom(),
    transport: new WebSocketTransport(),
  };
  const [place = ''] = urls;
  // What goes wrong with finding them is told where it ends in an error.
  const discovery = PLACE.test(place)
    ? openDiscovery(urls.join(','), 'frontend', { ...components, say: () => {} })
    : null;
  let client: SessionClient | null = null;
  try {
    client = new SessionClient(
      discovery === null ? components : { ...components, discovery },
      discovery === null ? urls : [],
      nanoid<SessionId>(),
      options,
    );
    await client.ready();
    return client;
  } catch (error) {
    await (client ?? discovery)?.close();
    throw error;
  }
}
