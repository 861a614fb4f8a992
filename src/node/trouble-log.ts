/**
 * Passes on what went wrong with connections, a bounded number of lines a second: whoever connects and
 * misbehaves all the time must not be able to drive everything else out of the log. What is left out
 * is counted, and said. Whoever fails again and again in the same way is told of once a minute.
 */

import type { EventSink } from '../ports/event-sink.js';
import type { Scheduler, TimerHandle } from '../ports/scheduler.js';

const PERIOD_MS = 1000;
const LINES_A_PERIOD = 50;

/** The same words about the same place are said again after so long. */
const AGAIN_MS = 60_000;
/** Places whose last words are known; the oldest is forgotten first. */
const PLACES = 64;

export interface LinkTrouble {
  /** A detail where it is part of ordinary life, a warning where somebody should see to it. */
  readonly level: 'detail' | 'warn';
  /** Who is at the other end, by name if it has said one, else by address. */
  readonly place: string;
  readonly words: string;
  /** With the words in it. */
  readonly line: string;
}

interface Said {
  readonly words: string;
  readonly atMs: number;
}

export class TroubleLog {
  readonly #scheduler: Scheduler;
  readonly #sink: Pick<EventSink, 'say'>;
  readonly #lines = { detail: 0, warn: 0 };
  readonly #last = new Map<string, Said>();
  #timer: TimerHandle | null = null;

  constructor(scheduler: Scheduler, sink: Pick<EventSink, 'say'>) {
    this.#scheduler = scheduler;
    this.#sink = sink;
  }

  tell({ level, place, words, line }: LinkTrouble): void {
    const atMs = this.#scheduler.monotonicMs();
    const last = this.#last.get(place);
    if (last?.words === words && atMs - last.atMs < AGAIN_MS) return;
    this.#timer ??= this.#scheduler.after(PERIOD_MS, () => this.close());
    this.#lines[level]++;
    if (this.#lines[level] > LINES_A_PERIOD) return;
    this.#remember(place, { words, atMs });
    this.#sink.say(level, line);
  }

  /** Ends the period: says how much was left out of it. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
    for (const level of ['detail', 'warn'] as const) {
      const leftOut = this.#lines[level] - LINES_A_PERIOD;
      this.#lines[level] = 0;
      const where = `within ${PERIOD_MS} ms are left out`;
      if (leftOut > 0) this.#sink.say(level, `${leftOut} more such lines ${where}`);
    }
  }

  #remember(place: string, said: Said): void {
    this.#last.delete(place);
    this.#last.set(place, said);
    const [oldest] = this.#last.keys();
    if (oldest !== undefined && this.#last.size > PLACES) this.#last.delete(oldest);
  }
}
