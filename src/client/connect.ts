/** `connect`: the library's way in, with the real network and clock. */

import { nanoid } from 'nanoid';
import { HearsayError } from '../base/errors.js';
import type { SessionId } from '../base/ids.js';
import { RealScheduler, SystemRandom } from '../node/system.js';
import { WebSocketTransport } from '../transport/ws-transport.js';
import type { Client, ClientOptions } from './api.js';
import { SessionClient } from './client-driver.js';

/**
 * Connects to the first of several front ends that answers and begins a session there. The client moves
 * to another one of the list when its own goes away, and keeps its session's guarantees.
 *
 * @param urls `ws://HOST:PORT` of front ends.
 * @throws HearsayError UNAVAILABLE when none answers within `timeoutMs`, VERSION or INVALID when it
 *   refuses this client.
 */
export async function connect(
  urls: readonly string[],
  options: ClientOptions = {},
): Promise<Client> {
  if (urls.length === 0) throw new HearsayError('INVALID', 'no front end was named');
  const client = new SessionClient(
    {
      scheduler: new RealScheduler(),
      random: new SystemRandom(),
      transport: new WebSocketTransport(),
    },
    urls,
    nanoid<SessionId>(),
    options,
  );
  try {
    await client.ready();
  } catch (error) {
    await client.close();
    throw error;
  }
  return client;
}
