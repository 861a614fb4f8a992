/**
 * Finds free ports by binding them. Somebody else may take one before the part it is meant for does:
 * that part then says so, and `up` looks again.
 */

import { createServer, type Server } from 'node:net';
import { FatalError } from '../base/errors.js';

const PORT_MAX = 65_535;

/** Ports wanted in one series, counted up from its first port. */
export interface PortsWanted {
  readonly from: number;
  readonly count: number;
}

export type FindFreePorts = typeof findFreePorts;

/**
 * For each series its ports, busy ones skipped, no port twice. All stay bound until the last is found.
 * Throws FatalError when the port numbers run out, or a port cannot be bound for another reason.
 */
export async function findFreePorts(
  host: string,
  wanted: readonly PortsWanted[],
): Promise<number[][]> {
  const bound: Server[] = [];
  try {
    const found: number[][] = [];
    for (const { from, count } of wanted) {
      const ports: number[] = [];
      for (let port = from; ports.length < count; port++) {
        if (port > PORT_MAX) throw new FatalError(`no ${count} free ports from ${from} upward`);
        const server = await bind(host, port);
        if (server === null) continue;
        bound.push(server);
        ports.push(port);
      }
      found.push(ports);
    }
    return found;
  } finally {
    await Promise.all(bound.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

/** Null when the port is busy. */
function bind(host: string, port: number): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(null);
      else reject(new FatalError(`cannot listen on ${host}:${port}: ${error.message}`));
    });
    server.listen({ host, port, exclusive: true }, () => resolve(server));
  });
}
