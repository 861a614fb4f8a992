/** `hearsay log`: follows what the parts of the cluster do until it is stopped or nobody reads it. */

import { createFormatter } from '../observe/formatter.js';
import type { LogCommand } from './command.js';
import type { Surroundings } from './surroundings.js';

/** Recent events first, then live ones. A signal, or a reader that goes away, is its normal end. */
export async function runLog(
  { frontends, format }: LogCommand,
  { connect, stdout, stderr, onEndSignal, onOutputClosed }: Surroundings,
): Promise<number> {
  let isOutputOpen = true;
  const ended = new Promise<void>((resolve) => {
    onEndSignal(() => resolve());
    onOutputClosed(() => {
      isOutputOpen = false;
      resolve();
    });
  });
  const print = (text: string | null): void => {
    if (text !== null && isOutputOpen) stdout.write(`${text}\n`);
  };
  const client = await Promise.race([connect(frontends), ended]);
  if (client === undefined) return 0;
  const formatter = createFormatter(format);
  if (format === 'shiviz') stderr.write('gathering events; Ctrl-C prints them\n');
  client.onFrontend((frontend) => {
    stderr.write(frontend === null ? 'connection lost\n' : `connected to ${frontend}\n`);
  });
  const stopWatching = client.watch((event) => print(formatter.add(event)));
  await ended;
  stopWatching();
  print(formatter.end());
  await client.close();
  return 0;
}
