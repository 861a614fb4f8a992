/**
 * Keeps one part running: starts it, sees it become ready, says how it ended, and starts it again after
 * a pause that doubles. A part that says by its exit status that it cannot start or go on is left alone,
 * and so is one that was taken out of the cluster.
 */

import type { Scheduler, TimerHandle } from '../ports/scheduler.js';
import {
  type AskWhetherReady,
  describeEnding,
  type Ending,
  type Obstacle,
  type Part,
  type PartMessage,
  type PartProcess,
  type StartPart,
} from './part.js';

/** Wrong arguments, and data or a place that it cannot use: the next start would end the same way. */
const FINAL_STATUSES: readonly (number | null)[] = [2, 4];

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** After a life as long as this the next pause is the first one again. */
const LONG_LIFE_MS = 60_000;

/** Between two questions whether a part is ready: much less than its start takes. */
const ASK_AGAIN_MS = 50;

/** A part that is not ready by then is said, with what it waits for; once a start. */
const LATE_MS = 30_000;

/** A part has ended and is not started again. */
export interface GivenUp {
  /** Which part ended how, in words. */
  readonly what: string;
  readonly exitStatus: number | null;
  readonly obstacle: Obstacle | null;
  /** That was its task: it was taken out of the cluster. */
  readonly isRemoved: boolean;
}

export interface SupervisedPartInit {
  readonly part: Part;
  readonly restart: boolean;
  /** It answers; `pid` is new with every start. */
  readonly onReady: (part: Part, pid: number) => void;
  readonly onGivenUp: (givenUp: GivenUp) => void;
}

export interface SupervisedPartComponents {
  readonly startPart: StartPart;
  readonly askWhetherReady: AskWhetherReady;
  readonly scheduler: Scheduler;
  /** Tells the person at the terminal one line. */
  readonly say: (line: string) => void;
}

export class SupervisedPart {
  readonly #init: SupervisedPartInit;
  readonly #components: SupervisedPartComponents;
  #process: PartProcess | null = null;
  #startedMs = 0;
  #nextPauseMs = FIRST_PAUSE_MS;
  /** What this start named as the reason for its end. */
  #obstacle: Obstacle | null = null;
  #isRemoved = false;
  /** It was said that this start takes long. */
  #isLate = false;
  #waitsFor = 'its port';
  /** The next start, or the next question whether it is ready. */
  #timer: TimerHandle | null = null;
  /** Set once it is to end; resolves when it has. */
  #stopped: Promise<void> | null = null;
  #onStopped: () => void = () => {};

  constructor(init: SupervisedPartInit, components: SupervisedPartComponents) {
    this.#init = init;
    this.#components = components;
  }

  get name(): string {
    return this.#init.part.name;
  }

  /** What it waits for before it is ready, in words. */
  get waitsFor(): string {
    return this.#waitsFor;
  }

  start(): void {
    const { startPart, scheduler, say } = this.#components;
    this.#startedMs = scheduler.monotonicMs();
    this.#obstacle = null;
    this.#isLate = false;
    this.#process = startPart(this.#init.part, {
      onMessage: (message) => this.#onMessage(message),
      // Some of what it prints carries its name already.
      onLine: (line) => say(line.startsWith(`${this.name}: `) ? line : `${this.name}: ${line}`),
      onEnd: (ending) => this.#onEnd(ending),
    });
  }

  /** Asks the process to end and starts none again; resolves once there is none. */
  stop(): Promise<void> {
    if (this.#stopped !== null) return this.#stopped;
    this.#stopped = new Promise((resolve) => {
      this.#onStopped = resolve;
    });
    this.#timer?.cancel();
    if (this.#process === null) this.#onStopped();
    else this.#process.terminate();
    return this.#stopped;
  }

  /** Ends the process at once; false when there is none. */
  kill(): boolean {
    const killed = this.#process;
    killed?.kill();
    return killed !== null;
  }

  #onMessage(message: PartMessage): void {
    switch (message.kind) {
      case 'listening':
        this.#askWhetherReady();
        break;
      case 'cannot-start':
        this.#obstacle = message.obstacle;
        break;
      case 'removed':
        this.#isRemoved = true;
        break;
    }
  }

  #askWhetherReady(): void {
    const { askWhetherReady, scheduler } = this.#components;
    const asked = this.#process;
    void askWhetherReady(this.#init.part).then((waitsFor) => {
      if (asked === null || this.#process !== asked || this.#stopped !== null) return;
      if (waitsFor === null) {
        this.#init.onReady(this.#init.part, asked.pid);
      } else {
        this.#waitsFor = waitsFor;
        this.#sayWhenLate();
        this.#timer = scheduler.after(ASK_AGAIN_MS, () => this.#askWhetherReady());
      }
    });
  }

  #sayWhenLate(): void {
    const { scheduler, say } = this.#components;
    if (this.#isLate || scheduler.monotonicMs() - this.#startedMs < LATE_MS) return;
    this.#isLate = true;
    say(`${this.name} is not ready after ${LATE_MS / 1000} s: it waits for ${this.#waitsFor}`);
  }

  #onEnd(ending: Ending): void {
    const pid = this.#process?.pid;
    this.#process = null;
    this.#timer?.cancel();
    if (this.#stopped !== null) {
      this.#onStopped();
      return;
    }
    const { restart, onGivenUp } = this.#init;
    const { exitStatus } = ending;
    const obstacle = this.#obstacle;
    const why = obstacle === null ? '' : ` (${obstacle.message})`;
    const what = `${this.name}, pid ${pid}, ${describeEnding(ending)}${why}`;
    const isRemoved = this.#isRemoved && exitStatus === 0;
    if (isRemoved || !restart || FINAL_STATUSES.includes(exitStatus)) {
      onGivenUp({ what, exitStatus, obstacle, isRemoved });
    } else {
      this.#startLater(what);
    }
  }

  #startLater(what: string): void {
    const { scheduler, say } = this.#components;
    const livedMs = scheduler.monotonicMs() - this.#startedMs;
    const pauseMs = livedMs >= LONG_LIFE_MS ? FIRST_PAUSE_MS : this.#nextPauseMs;
    this.#nextPauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    say(`${what}; starting it again in ${pauseMs / 1000} s`);
    this.#timer = scheduler.after(pauseMs, () => this.start());
  }
}
