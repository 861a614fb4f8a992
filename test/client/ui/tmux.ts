/** A terminal for tests: a tmux server of its own, with one window. */

import { spawnSync } from 'node:child_process';

/** How long a condition may take: the machine may be busy with other things. */
const PATIENCE_MS = 60_000;
const POLL_MS = 50;

export const hasTmux = (): boolean => spawnSync('tmux', ['-V']).status === 0;

export class Tmux {
  readonly #socket = `hearsay-test-${process.pid}`;
  readonly #env: NodeJS.ProcessEnv;

  /** The server's socket lies in `folder`. */
  constructor(folder: string) {
    this.#env = { ...process.env, TMUX_TMPDIR: folder };
  }

  /** Runs a shell command in a window of this size, without anybody's tmux configuration. */
  start(columns: number, rows: number, command: string): void {
    const size = ['-x', `${columns}`, '-y', `${rows}`];
    this.#run('-f', '/dev/null', 'new-session', '-d', ...size, command);
  }

  /** Presses keys by their tmux names; a single character is itself. */
  press(...keys: string[]): void {
    this.#run('send-keys', ...keys);
  }

  type(text: string): void {
    this.#run('send-keys', '-l', text);
  }

  resize(columns: number, rows: number): void {
    this.#run('resize-window', '-x', `${columns}`, '-y', `${rows}`);
  }

  /** What a person sees. */
  screen(): string {
    return this.#run('capture-pane', '-p');
  }

  /** Waits until the screen shows what is wanted; gives the screen. */
  async see(wanted: RegExp): Promise<string> {
    await until(
      () => wanted.test(this.screen()),
      () => `no ${wanted} on the screen:\n${this.screen()}`,
    );
    return this.screen();
  }

  /** Closes the terminal, as a person closes a window. */
  close(): void {
    spawnSync('tmux', ['-L', this.#socket, 'kill-server'], { env: this.#env });
  }

  #run(...words: string[]): string {
    const { status, stdout, stderr } = spawnSync('tmux', ['-u', '-L', this.#socket, ...words], {
      encoding: 'utf8',
      env: this.#env,
    });
    if (status !== 0) throw new Error(`tmux ${words.join(' ')}: ${stderr}`);
    return stdout;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits for a condition; what is told when it never comes. */
export async function until(holds: () => boolean, told: () => string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(told());
    await new Promise((resolve) => {
      setTimeout(resolve, POLL_MS);
    });
  }
}
