/**
 * From what a core notes to events that travel: a trace gets its host and its time, and its timestamps
 * become plain objects. A process notes tens of thousands of traces a second and is asked for them now
 * and then, so a trace is kept as it is (it is immutable) and turned into an event only when one asks.
 */

import type { Trace, TraceEvent } from '../wire/messages.js';
import { Newest } from './newest.js';

/** What a process notes first of all: ShiViz draws what follows as a process of its own. */
export const STARTED = 'started';

/** Events kept for those who begin to watch: some screens full, about 1 MB of memory. */
const RECENT_EVENTS = 1000;

/** The event of a trace that `host` noted at `atMs`, milliseconds since 1970 by its wall clock. */
export function toTraceEvent(trace: Trace, host: string, atMs: number): TraceEvent {
  const { before, after, ...fields } = trace;
  return {
    at: atMs,
    host,
    ...fields,
    ...(before === undefined ? {} : { before: before.toJSON() }),
    ...(after === undefined ? {} : { after: after.toJSON() }),
  };
}

/** The newest events of one process: what `hearsay log` shows before it goes on with live ones. */
export class RecentEvents {
  readonly #host: string;
  readonly #newest: Newest<{ readonly trace: Trace; readonly atMs: number }>;

  constructor(host: string, capacity: number = RECENT_EVENTS) {
    this.#host = host;
    this.#newest = new Newest(capacity);
  }

  add(trace: Trace, atMs: number): void {
    this.#newest.add({ trace, atMs });
  }

  /** Oldest first. */
  list(): TraceEvent[] {
    return this.#newest.list().map(({ trace, atMs }) => toTraceEvent(trace, this.#host, atMs));
  }
}
