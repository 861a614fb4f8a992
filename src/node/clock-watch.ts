/**
 * Tells a core the wall clock each second, and people when that clock is far from the other members'
 * (PROTOCOL H).
 */

import type { Scheduler, TimerHandle } from '../ports/scheduler.js';
import { CLOCK_WRONG_MS } from '../replica/clocks.js';

const CLOCK_PERIOD_MS = 1000;

interface ClockWatchInit {
  readonly scheduler: Scheduler;
  readonly name: string;
  /** The core is to know the wall clock. */
  readonly onClock: (wallMs: number) => void;
  /** How far this clock is ahead of the others', as the core sees it; null while it hears no other. */
  readonly aheadMs: () => number | null;
  readonly say: (level: 'info' | 'warn', message: string) => void;
}

export class ClockWatch {
  readonly #init: ClockWatchInit;
  #timer: TimerHandle | null = null;
  /** It was wrong at the last look: after a pause, old heartbeats make it seem so once. */
  #wasWrong = false;
  /** What people were told, ms; 0 = that it is right, as they believe at first. */
  #toldMs = 0;

  constructor(init: ClockWatchInit) {
    this.#init = init;
  }

  start(): void {
    const { scheduler, onClock } = this.#init;
    onClock(scheduler.wallMs());
    this.#look();
    this.#timer = scheduler.after(CLOCK_PERIOD_MS, () => this.start());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #look(): void {
    const { name, aheadMs, say } = this.#init;
    const nowAheadMs = aheadMs();
    if (nowAheadMs === null) return;
    const isWrong = Math.abs(nowAheadMs) > CLOCK_WRONG_MS;
    const isSure = isWrong === this.#wasWrong;
    this.#wasWrong = isWrong;
    if (!isSure) return;
    if (!isWrong) {
      if (this.#toldMs !== 0)
        say('info', `the clock of ${name} agrees with the other members' again`);
      this.#toldMs = 0;
    } else if (Math.abs(nowAheadMs - this.#toldMs) > CLOCK_WRONG_MS) {
      this.#toldMs = nowAheadMs;
      const seconds = Math.round(Math.abs(nowAheadMs) / 1000);
      const side = nowAheadMs > 0 ? 'ahead of' : 'behind';
      say('warn', `the clock of ${name} is ${seconds} s ${side} the other members'; set it right`);
    }
  }
}
