/** Looking whether a process is there at all: nobody listens at the address of one that died. */

import type { Transport } from '../ports/transport.js';

/** False only where the machine says that nobody listens; silence says nothing. */
export async function isListening(transport: Transport, address: string): Promise<boolean> {
  try {
    const connection = await transport.dial(address);
    connection.close({ kind: 'normal', message: 'only looked whether anybody is there' });
    return true;
  } catch (error) {
    const cause: unknown = error instanceof Error ? error.cause : undefined;
    return !(cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED');
  }
}
