/** Where a process's lines go: the gossip log for those who watch, and words for the operator. */

import type { Trace } from '../wire/messages.js';

export interface EventSink {
  /** Keeps what a core noted, at `atMs` of the wall clock. Must be cheap: it is called for every request. */
  trace(trace: Trace, atMs: number): void;
  /** Tells the operator something, in a sentence; a detail only who reads the log file is told. */
  say(level: 'detail' | 'info' | 'warn' | 'error', message: string): void;
}
