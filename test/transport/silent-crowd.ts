/**
 * A program for tests: holds many connections to ADDRESS that say nothing, or as little as MODE says,
 * and reports by IPC how many came to be and how many the other side has ended. Ends with its parent.
 */

import { connect } from 'node:net';
import { upgradeRequest } from './support.js';

export interface CrowdReport {
  readonly connected: number;
  readonly ended: number;
}

/** What each connection says before it falls silent. */
export const CROWD_MODES = {
  nothing: () => '',
  'half-a-request': () => 'GET /livez HTTP/1.1\r\nHost: x\r\n',
  'no-hello': () => upgradeRequest(),
} as const;

/** So many connects are under way at once: the kernel's queue must not overflow. */
const AT_ONCE = 100;

function main(address: string, count: number, mode: keyof typeof CROWD_MODES): void {
  const [host, port] = address.split(':');
  const report = { connected: 0, ended: 0 };
  let started = 0;
  const startOne = () => {
    if (started === count) return;
    started += 1;
    const socket = connect({ host: host ?? '', port: Number(port) });
    let hasConnected = false;
    socket.on('connect', () => {
      hasConnected = true;
      report.connected += 1;
      socket.write(CROWD_MODES[mode]());
      startOne();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (hasConnected) report.ended += 1;
      else {
        started -= 1;
        startOne();
      }
    });
    socket.resume();
  };
  for (let i = 0; i < AT_ONCE; i++) startOne();
  setInterval(() => process.send?.(report satisfies CrowdReport), 50);
  process.on('disconnect', () => process.exit());
}

const [address, count, mode] = process.argv.slice(2);
if (process.send !== undefined && address !== undefined) {
  main(address, Number(count), mode as keyof typeof CROWD_MODES);
}
