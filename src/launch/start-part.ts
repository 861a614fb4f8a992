/** Runs a part as a child process of this program, and asks it over HTTP whether it is ready. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Part, PartMessage, PartObserver, PartProcess } from './part.js';

const PROGRAM = fileURLToPath(new URL('main.js', import.meta.url));

/** What /readyz of a part says that is not ready. */
const WAITS = /^not ready: waits for (.*)/;

/** A part on this machine that takes longer to say whether it is ready is not. */
const READY_LIMIT_MS = 2000;

/** Starts it with a channel to this process: when this process dies, however it does, so does the part. */
export function startPart(part: Part, observer: PartObserver): PartProcess {
  const child = spawn(process.execPath, [PROGRAM, ...part.words], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  child.on('message', (message) => observer.onMessage(message as PartMessage));
  child.on('error', (error) => observer.onLine(error.message));
  // Not `exit`: what it said last may still be on its way then.
  child.once('close', (exitStatus, signal) => observer.onEnd({ exitStatus, signal }));
  for (const stream of [child.stdout, child.stderr]) forwardLines(stream, observer);
  return {
    pid: child.pid ?? 0,
    terminate: () => terminate(child),
    kill: () => void child.kill('SIGKILL'),
  };
}

/** Null when it is ready, else what it says instead. */
export async function askWhetherReady({ address }: Part): Promise<string | null> {
  try {
    const answer = await fetch(`http://${address}/readyz`, {
      signal: AbortSignal.timeout(READY_LIMIT_MS),
    });
    const text = await answer.text();
    if (answer.status === 200) return null;
    return WAITS.exec(text)?.[1] ?? `status ${answer.status}`;
  } catch {
    return 'an answer to /readyz';
  }
}

/** Where signals do nothing but kill, the end of the channel says the same. */
function terminate(child: ChildProcess): void {
  if (process.platform !== 'win32') child.kill('SIGTERM');
  else if (child.connected) child.disconnect();
}

function forwardLines(stream: Readable | null, observer: PartObserver): void {
  if (stream === null) return;
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) =>
    observer.onLine(line),
  );
}
