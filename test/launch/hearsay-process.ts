/** The real program as a child process, for tests: what it says, how it ends, what it leaves behind. */

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../src/launch/main.js', import.meta.url));

/** Two noisy cores start a cluster in seconds; nothing below ever takes this long unless it hangs. */
const PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 50;

export interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class HearsayProcess {
  static readonly #all = new Set<HearsayProcess>();

  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #line: string;
  #stdout = '';
  #stderr = '';

  /** Starts `hearsay WORDS…` at the head of its own process group, as a shell does in a terminal. */
  constructor(...words: readonly string[]) {
    this.#line = words.join(' ');
    this.#child = spawn(process.execPath, [PROGRAM, ...words], { detached: true });
    HearsayProcess.#all.add(this);
    this.#child.stdout?.on('data', (text: Buffer) => {
      this.#stdout += text.toString();
    });
    this.#child.stderr?.on('data', (text: Buffer) => {
      this.#stderr += text.toString();
    });
    this.#child.stdin?.on('error', () => {});
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (status, signal) =>
        resolve({ status, signal, stdout: this.#stdout, stderr: this.#stderr }),
      );
    });
  }

  /** Ends what a failed test left: the launchers, and with them their parts. */
  static async endAll(): Promise<void> {
    for (const each of HearsayProcess.#all) {
      each.#child.kill('SIGKILL');
      await each.ended;
      await each.untilAllEnded();
    }
    HearsayProcess.#all.clear();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Writes lines to its standard input and closes that. */
  input(text: string): void {
    this.#child.stdin?.end(text);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** What a terminal does: the signal goes to the launcher and its parts alike. */
  killGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  /** Nobody reads its output any more. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
  }

  /** Waits until stderr matches; fails when it ends before. */
  async untilSaid(pattern: RegExp): Promise<RegExpExecArray> {
    let hasEnded = false;
    void this.ended.then(() => {
      hasEnded = true;
    });
    return until(`hearsay ${this.#line} to say ${pattern}`, () => {
      const match = pattern.exec(this.#stderr);
      if (match === null && hasEnded) {
        throw new Error(`hearsay ${this.#line} ended without saying ${pattern}: ${this.#stderr}`);
      }
      return match;
    });
  }

  /** Process ids that it said, the newest of each part. */
  pids(): ReadonlyMap<string, number> {
    const lines = this.#stderr.matchAll(/^(\S+) pid (\d+) ws:/gm);
    return new Map([...lines].map(([, name = '', pid]) => [name, Number(pid)]));
  }

  /** URLs of the parts whose names begin like this. */
  urls(prefix: 'fe' | 'rm'): readonly string[] {
    return [...this.#stderr.matchAll(/^(\S+) pid \d+ (ws:\S+)/gm)]
      .filter(([, name = '']) => name.startsWith(prefix))
      .map(([, , url = '']) => url);
  }

  /** Waits until none of the parts that it said lives. */
  async untilAllEnded(): Promise<void> {
    for (const [, pid] of this.#stderr.matchAll(/ pid (\d+) ws:/g)) {
      await until(`process ${pid} to end`, () => (isAlive(Number(pid)) ? null : true));
    }
  }
}

/** Runs `hearsay WORDS…` to its end, without input. */
export function hearsay(...words: readonly string[]): Promise<Ended> {
  const started = new HearsayProcess(...words);
  started.input('');
  return started.ended;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** What `look` finds, as soon as it finds something; fails when it never does. */
export async function until<Found>(
  what: string,
  look: () => Found | null | Promise<Found | null>,
): Promise<Found> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > deadlineMs) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
