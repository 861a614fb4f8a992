/** `hearsay log`: follows what the parts of the cluster do until it is stopped or nobody reads it. */

import { createFormatter } from '../observe/formatter.js';
import type { Scheduler, TimerHandle } from '../ports/scheduler.js';
import type { TraceEvent } from '../wire/messages.js';
import type { LogCommand } from './command.js';
import type { Surroundings } from './surroundings.js';

/** Recent events first, then live ones. A signal, or a reader that goes away, is its normal end. */
export async function runLog(
  { frontends, format }: LogCommand,
  { connect, scheduler, stdout, stderr, onEndSignal, onOutputClosed }: Surroundings,
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
  const live = new InOrder((event) => print(formatter.add(event)), scheduler);
  const stopWatching = client.watch((event) => live.add(event));
  await ended;
  stopWatching();
  live.flush();
  print(formatter.end());
  await client.close();
  return 0;
}

/** Events of one process come in order, those of several in turns: they wait this long for each other. */
const GATHER_MS = 300;

/** Passes events of several processes on in the order of their time. */
class InOrder {
  readonly #pass: (event: TraceEvent) => void;
  readonly #scheduler: Scheduler;
  #gathered: TraceEvent[] = [];
  #timer: TimerHandle | null = null;

  constructor(pass: (event: TraceEvent) => void, scheduler: Scheduler) {
    this.#pass = pass;
    this.#scheduler = scheduler;
  }

  add(event: TraceEvent): void {
    this.#gathered.push(event);
    this.#timer ??= this.#scheduler.after(GATHER_MS, () => this.flush());
  }

  flush(): void {
    this.#timer?.cancel();
    this.#timer = null;
    const events = this.#gathered;
    this.#gathered = [];
    // Equal times stay in the order in which they came: that of their process.
    for (const event of events.sort((a, b) => a.at - b.at)) this.#pass(event);
  }
}
