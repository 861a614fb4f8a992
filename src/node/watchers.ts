/**
 * Those who watch a process's gossip log over a connection: some recent lines first, then what comes,
 * a bounded number a tenth of a second; what is left out is counted and said. Whoever switches off and
 * on again gets the recent lines once a tenth of a second: a few bytes must not ask for megabytes.
 */

import { RecentEvents, toTraceEvent } from '../observe/trace.js';
import type { Scheduler, TimerHandle } from '../ports/scheduler.js';
import type { Events, Trace, TraceEvent } from '../wire/messages.js';
import type { LinkId } from './links.js';

const PERIOD_MS = 100;
const LINES_A_PERIOD = 200;
/** A line may carry two long timestamps: so many fit into a message. */
const LINES_A_MESSAGE = 10;

export interface WatchersInit {
  readonly host: string;
  readonly scheduler: Scheduler;
  readonly send: (link: LinkId, message: Events) => void;
}

export class Watchers {
  readonly #init: WatchersInit;
  readonly #links = new Set<LinkId>();
  /** Those that got the recent lines in this period. */
  readonly #greeted = new Set<LinkId>();
  readonly #recent: RecentEvents;
  #pending: TraceEvent[] = [];
  #leftOut = 0;
  #timer: TimerHandle | null = null;

  constructor(init: WatchersInit) {
    this.#init = init;
    this.#recent = new RecentEvents(init.host);
  }

  get size(): number {
    return this.#links.size;
  }

  /** Keeps what was noted here and, where somebody watches, passes it on. */
  add(trace: Trace, atMs: number): void {
    this.#recent.add(trace, atMs);
    if (this.#links.size > 0) this.pass(toTraceEvent(trace, this.#init.host, atMs));
  }

  /** Passes a line of another process on, without keeping it. */
  pass(event: TraceEvent): void {
    if (this.#pending.length >= LINES_A_PERIOD) this.#leftOut++;
    else this.#pending.push(event);
    this.#sendLater();
  }

  start(link: LinkId): void {
    if (this.#links.has(link)) return;
    if (!this.#greeted.has(link)) this.#greet(link);
    this.#links.add(link);
  }

  stop(link: LinkId): void {
    this.#links.delete(link);
  }

  close(): void {
    this.#timer?.cancel();
    this.#links.clear();
  }

  #greet(link: LinkId): void {
    const events = this.#recent.list();
    // Those who watch already get what is under way now, so that nobody gets it twice.
    this.#sendPending();
    this.#greeted.add(link);
    this.#sendLater();
    for (let at = 0; at < events.length; at += LINES_A_MESSAGE) {
      this.#init.send(link, { kind: 'events', events: events.slice(at, at + LINES_A_MESSAGE) });
    }
  }

  #sendLater(): void {
    this.#timer ??= this.#init.scheduler.after(PERIOD_MS, () => {
      this.#timer = null;
      this.#greeted.clear();
      this.#sendPending();
    });
  }

  #sendPending(): void {
    const events = this.#pending;
    this.#pending = [];
    if (this.#leftOut > 0) {
      const { host, scheduler } = this.#init;
      events.push({ at: scheduler.wallMs(), host, event: `${this.#leftOut} more lines left out` });
      this.#leftOut = 0;
    }
    for (let at = 0; at < events.length; at += LINES_A_MESSAGE) {
      const some = events.slice(at, at + LINES_A_MESSAGE);
      for (const link of this.#links) this.#init.send(link, { kind: 'events', events: some });
    }
  }
}
