/** How a front end that was told only some replicas (`--join`) learns of all members: it asks one. */

import { FatalError, HearsayError } from '../base/errors.js';
import type { Name } from '../base/ids.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { Transport } from '../ports/transport.js';
import type { Service } from '../service/define.js';
import { decodeFrame, encodeFrames, PROTOCOL_VERSIONS } from '../wire/codec.js';
import type { MemberAddress } from '../wire/messages.js';
import { clusterOf, UNKNOWN_CLUSTER } from './handshake.js';

const ATTEMPT_MS = 3000;

interface Components {
  readonly transport: Transport;
  readonly scheduler: Scheduler;
  readonly name: Name;
  readonly service: Service;
}

/** Asks the addresses in turn. Throws FatalError when none of them answers as a replica. */
export async function discoverMembers(
  components: Components,
  addresses: readonly string[],
): Promise<readonly MemberAddress[]> {
  const failures: string[] = [];
  for (const address of addresses) {
    try {
      return await askMembers(components, address);
    } catch (error) {
      failures.push(`${address}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new FatalError(`no replica of --join told its members (${failures.join('; ')})`);
}

async function askMembers(
  { transport, scheduler, name, service }: Components,
  address: string,
): Promise<readonly MemberAddress[]> {
  const connection = await transport.dial(address);
  return await new Promise((resolve, reject) => {
    const end = (): void => {
      timer.cancel();
      connection.onClose = () => {};
      connection.close({ kind: 'normal', message: 'the members are known' });
    };
    const timer = scheduler.after(ATTEMPT_MS, () => {
      end();
      reject(new HearsayError('TIMEOUT', 'no answer'));
    });
    connection.onClose = (error) => {
      timer.cancel();
      reject(new HearsayError('UNAVAILABLE', error ?? 'it closed the connection'));
    };
    connection.onFrame = (frame) => {
      for (const message of decodeFrame(frame)) {
        if (message.kind === 'hello' && message.role === 'replica') {
          end();
          return resolve(message.members);
        }
        if (message.kind === 'rejected') {
          end();
          return reject(new HearsayError(message.code, message.message));
        }
      }
    };
    // A replica answers a front end's hello with its own, which names the members.
    const cluster = clusterOf(service, []);
    const hello = {
      kind: 'hello',
      role: 'frontend',
      protocol: PROTOCOL_VERSIONS,
      name,
      cluster: { ...cluster, clusterId: UNKNOWN_CLUSTER },
      operations: [],
    } as const;
    for (const bytes of encodeFrames([hello])) connection.send(bytes);
  });
}
