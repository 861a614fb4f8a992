/**
 * One replica or front end: a real process of the real program, and the one after it when it is started
 * again with the same words. Notes what must not be: that it ends when nobody ended it, and that it
 * prints what no fault explains. Ends with this process, for it holds the other end of its channel.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describeEnding, type Ending, type PartMessage } from '../src/launch/part.js';

const PROGRAM = fileURLToPath(new URL('../src/launch/main.js', import.meta.url));

/** A process that was asked to end and is still there then is broken; it is killed. */
const END_PATIENCE_MS = 30_000;

export interface PartProcessInit {
  readonly name: string;
  readonly role: 'replica' | 'frontend';
  readonly words: readonly string[];
  /** Tells the story. */
  readonly note: (what: string) => void;
  /** Told in words what must not be. */
  readonly onProblem: (problem: string) => void;
}

/** What its end would be, were it to come now. */
type Prospect = 'none' | 'killed' | 'asked' | 'full-disk';

export class PartProcess {
  readonly name: string;
  readonly role: 'replica' | 'frontend';
  readonly #words: readonly string[];
  readonly #note: (what: string) => void;
  readonly #onProblem: (problem: string) => void;
  #child: ChildProcess | null = null;
  #prospect: Prospect = 'none';
  #isFrozen = false;
  /** The process that runs has served. */
  #hasListened = false;
  #starts = 0;

  constructor({ name, role, words, note, onProblem }: PartProcessInit) {
    this.name = name;
    this.role = role;
    this.#words = words;
    this.#note = note;
    this.#onProblem = onProblem;
  }

  /** Null while it does not run. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** After the first. */
  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  /** Starts it, with more words for this time. */
  start(...more: readonly string[]): void {
    if (this.#child !== null) throw new Error(`${this.name} runs already`);
    this.#starts++;
    this.#prospect = 'none';
    this.#hasListened = false;
    const child = spawn(process.execPath, [PROGRAM, ...this.#words, ...more], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    this.#note(`${[this.name, ...more].join(' ')} starts as process ${child.pid}`);
    child.stderr?.on('data', (text: Buffer) => this.#onPrinted(text.toString()));
    child.on('message', (message) => this.#onMessage(message as PartMessage));
    child.on('error', (error) => this.#onProblem(`${this.name}: ${error.message}`));
    child.once('close', (exitStatus, signal) => this.#onEnd({ exitStatus, signal }));
  }

  /** kill -9; resolves when it is gone. */
  async kill(): Promise<void> {
    await this.#endedBy('killed', (child) => child.kill('SIGKILL'));
  }

  /** Asks it to end; resolves when it is gone. */
  async end(): Promise<void> {
    await this.#endedBy('asked', (child) => child.kill('SIGTERM'));
  }

  /**
   * What is done now leaves it no disk to write to; resolves when it is gone. Answers whether it ended
   * by itself: one that has nothing to write never notices.
   */
  async starve(takeDisk: (pid: number) => void): Promise<boolean> {
    return this.#endedBy('full-disk', ({ pid = 0 }) => takeDisk(pid));
  }

  /** Somebody else sees to it that it ends by itself; resolves when it is gone. */
  async leaves(): Promise<void> {
    await this.#endedBy('asked', () => {});
  }

  /** It does nothing any more, and its connections stay. */
  freeze(): void {
    this.#isFrozen = this.#child?.kill('SIGSTOP') ?? false;
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
    this.#isFrozen = false;
  }

  /** Without waiting for anything: this process ends. */
  killNow(): void {
    this.#child?.kill('SIGKILL');
  }

  /** Resolves when it is gone; answers whether it took no violence. */
  async #endedBy(prospect: Prospect, act: (child: ChildProcess) => void): Promise<boolean> {
    const child = this.#child;
    if (child === null) return false;
    const gone = once(child, 'close');
    this.#prospect = prospect;
    const late = setTimeout(() => {
      if (prospect === 'asked') this.#onProblem(`${this.name} does not end when it is asked to`);
      this.#prospect = 'killed';
      child.kill('SIGKILL');
    }, END_PATIENCE_MS);
    act(child);
    await gone;
    clearTimeout(late);
    return this.#prospect === prospect;
  }

  #onEnd(ending: Ending): void {
    this.#child = null;
    this.#isFrozen = false;
    const expected: Readonly<Record<Prospect, boolean>> = {
      none: false,
      killed: ending.signal === 'SIGKILL',
      // Until it listens to signals, the system ends it in its place.
      asked: ending.exitStatus === 0 || (!this.#hasListened && ending.signal === 'SIGTERM'),
      'full-disk': ending.exitStatus === 4,
    };
    if (expected[this.#prospect]) return;
    this.#onProblem(`${this.name} ${describeEnding(ending)} (${this.#prospect})`);
  }

  #onPrinted(text: string): void {
    // It prints only what somebody has to know: nothing, as long as its disk is not full.
    if (this.#prospect === 'full-disk') return;
    this.#onProblem(`${this.name} printed: ${text.trim()}`);
  }

  #onMessage(message: PartMessage): void {
    if (message.kind === 'listening') this.#hasListened = true;
    else if (message.kind === 'cannot-start') {
      this.#onProblem(`${this.name} cannot start: ${message.obstacle.message}`);
    }
  }
}
