/** The benchmark's side of its client processes: starts them, asks them all at once, ends them. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { DriverAnswer, DriverInit, DriverRequest } from './driver-messages.js';
import type { BenchProcess } from './figures.js';
import type { Measured } from './load.js';
import { PIPELINED_SESSIONS, type Run, share } from './plan.js';

const PROGRAM = fileURLToPath(new URL('driver-main.js', import.meta.url));

export class Drivers {
  readonly #children: readonly ChildProcess[];
  /** Those that have a part in the present run: with few requests in flight, not all. */
  #active: readonly ChildProcess[] = [];

  constructor(count: number, init: Omit<DriverInit, 'name'>) {
    this.#children = Array.from({ length: count }, (_, index) => {
      const word: DriverInit = { ...init, name: nameOf(index, count) };
      // Standard output is for results.
      return fork(PROGRAM, [JSON.stringify(word)], { stdio: ['ignore', 2, 2, 'ipc'] });
    });
  }

  get processes(): BenchProcess[] {
    return this.#children.map((child, index) => ({
      name: nameOf(index, this.#children.length),
      role: 'client',
      pid: child.pid ?? 0,
      address: null,
    }));
  }

  /** Writes the keys 0 up to `keys`. */
  async fill(keys: number): Promise<void> {
    const [first] = this.#children;
    if (first !== undefined) await ask(first, { kind: 'fill', from: 0, to: keys });
  }

  /** Resolves once all are connected and send requests. */
  async begin(run: Run): Promise<void> {
    const shares = share(run.inFlight, this.#children.length);
    const sessions = share(
      run.shape === 'single' ? run.inFlight : Math.min(PIPELINED_SESSIONS, run.inFlight),
      this.#children.length,
    );
    this.#active = this.#children.filter((_, index) => (shares[index] ?? 0) > 0);
    await Promise.all(
      this.#active.map((child, index) => {
        const inFlight = shares[index] ?? 0;
        const count = Math.max(1, sessions[index] ?? 0);
        return ask(child, { kind: 'begin', run: { ...run, inFlight }, sessions: count });
      }),
    );
  }

  async measure(): Promise<void> {
    await Promise.all(this.#active.map((child) => ask(child, { kind: 'measure' })));
  }

  async stop(): Promise<Measured[]> {
    const answers = await Promise.all(this.#active.map((child) => ask(child, { kind: 'stop' })));
    return answers.flatMap((answer) => (answer.kind === 'measured' ? [answer.measured] : []));
  }

  /** Ends the processes; resolves when none is left. */
  async close(): Promise<void> {
    const running = this.#children.filter((child) => child.exitCode === null && child.connected);
    await Promise.all(
      running.map((child) => {
        const ended = once(child, 'exit');
        child.disconnect();
        return ended;
      }),
    );
  }
}

const nameOf = (index: number, count: number): string =>
  count === 1 ? 'client' : `client-${index + 1}`;

/** The answer to one request; rejects when the process cannot do it, or is gone. */
function ask(child: ChildProcess, request: DriverRequest): Promise<DriverAnswer> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error('a client process of the benchmark ended'));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      const answer = message as DriverAnswer;
      if (answer.kind === 'failed') reject(new Error(answer.message));
      else resolve(answer);
    });
    child.send(request);
  });
}
